/* The scanf family, with arguments and with a va_list, from text, files and standard input. */

#include <stdarg.h>
#include <wchar.h>

#include "check.h"

#define DECLARE(name, source, character)                                                                               \
    extern int __isoc23_##name(source, const character *, ...);                                                        \
    extern int __isoc23_v##name(source, const character *, va_list);                                                   \
    static int list_##name(source from, const character *format, ...)                                                  \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = __isoc23_v##name(from, format, arguments);                                                         \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }
#define DECLARE_STDIN(name, character)                                                                                 \
    extern int __isoc23_##name(const character *, ...);                                                                \
    extern int __isoc23_v##name(const character *, va_list);                                                           \
    static int list_##name(const character *format, ...)                                                               \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = __isoc23_v##name(format, arguments);                                                               \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }
DECLARE(sscanf, const char *, char)
DECLARE(fscanf, FILE *, char)
DECLARE_STDIN(scanf, char)
DECLARE(swscanf, const wchar_t *, wchar_t)
DECLARE(fwscanf, FILE *, wchar_t)
DECLARE_STDIN(wscanf, wchar_t)

static int a, b;
static char word[20];
static double number;

#define GOT(call)                                                                                                      \
    do {                                                                                                               \
        a = b = 0, number = 0, word[0] = 0;                                                                            \
        EXPECT(call, 4);                                                                                               \
        EXPECT(a, -12);                                                                                                \
        EXPECT(b, 0x1f);                                                                                               \
        EXPECT(strcmp(word, "word"), 0);                                                                               \
        EXPECT_TRUE(number == 2.5);                                                                                    \
    } while (0)
#define INTO &a, &b, word, &number
#define LINE "-12 0x1f word 2.5"
#define FORMAT "%d %i %19s %lf"

static FILE *lines(void)
{
    FILE *file = fopen("lines", "w");
    fputs(LINE "\n" LINE "\n", file);
    fclose(file);
    return fopen("lines", "r"); /* a stream stays narrow or wide after its first use */
}

int main(void)
{
    char *allocated = 0;
    FILE *file;
    GOT(__isoc23_sscanf(LINE, FORMAT, INTO));
    GOT(list_sscanf(LINE, FORMAT, INTO));
    GOT(__isoc23_swscanf(L"" LINE, L"" FORMAT, INTO));
    GOT(list_swscanf(L"" LINE, L"" FORMAT, INTO));
    EXPECT(__isoc23_sscanf("text", "%ms", &allocated), 1); /* in C99 mode %a is a number, %ms allocates */
    EXPECT(strcmp(allocated, "text"), 0);
    EXPECT(__isoc23_sscanf("0x1p3", "%la", &number), 1);
    EXPECT_TRUE(number == 8);
    EXPECT(__isoc23_sscanf("", "%d", &a), EOF);

    file = lines();
    GOT(__isoc23_fscanf(file, FORMAT, INTO));
    GOT(list_fscanf(file, FORMAT, INTO));
    fclose(file);
    file = lines();
    GOT(__isoc23_fwscanf(file, L"" FORMAT, INTO));
    GOT(list_fwscanf(file, L"" FORMAT, INTO));
    fclose(file);
    stdin = lines();
    GOT(__isoc23_scanf(FORMAT, INTO));
    GOT(list_scanf(FORMAT, INTO));
    stdin = lines();
    GOT(__isoc23_wscanf(L"" FORMAT, INTO));
    GOT(list_wscanf(L"" FORMAT, INTO));
    return faults;
}
