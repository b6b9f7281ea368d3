/* Random texts of integers are read by scanf, from a text and from a stream, narrow and wide, and by strtol: all find
   the number that is computed here. */

#include <wchar.h>

#include "attack.h"

extern int narrow_scanf(const char *, const char *, ...) __asm__("__isoc23_sscanf");
extern int stream_scanf(FILE *, const char *, ...) __asm__("__isoc23_fscanf");
extern int wide_scanf(const wchar_t *, const wchar_t *, ...) __asm__("__isoc23_swscanf");
extern long narrow_number(const char *, char **, int) __asm__("__isoc23_strtol");
extern long wide_number(const wchar_t *, wchar_t **, int) __asm__("__isoc23_wcstol");

static long expected(char *text, int *length)
{
    static const char digits[] = "0123456789abcdef", signs[] = "+- ", letters[] = "bBxX";
    unsigned kind = draw(4), base = kind == 0 ? 2 : kind == 1 ? 16 : kind == 2 ? 8 : 10;
    long value = 0;
    char *at = text, sign = signs[draw(3)];
    while (draw(3) == 0)
        *at++ = ' ';
    if (sign != ' ')
        *at++ = sign;
    if (base != 10)
        *at++ = '0';
    if (base == 2 || base == 16)
        *at++ = letters[(base == 16) * 2 + draw(2)];
    unsigned many = 1 + draw(base == 2 ? 60 : 14);
    for (unsigned i = 0; i < many; ++i) {
        unsigned digit = base == 10 && i == 0 ? 1 + draw(9) : draw(base);
        value = value * (long)base + (long)digit;
        *at++ = digits[digit];
    }
    *length = (int)(at - text);
    strcpy(at, draw(2) ? " z" : "z");
    return sign == '-' ? -value : value;
}

int main(int count, char **arguments)
{
    FILE *stream = tmpfile();
    begin(count, arguments);
    EXPECT_TRUE(stream);
    for (; stream && has_time(); ++loops) {
        char text[128], *end_of_text;
        wchar_t wide[128], *end_of_wide;
        int length, taken[3] = {0, 0, 0};
        long value = expected(text, &length), found[3] = {0, 0, 0};
        for (int i = 0; i <= length + 2; ++i)
            wide[i] = (wchar_t)(unsigned char)text[i];
        EXPECT(narrow_scanf(text, "%li%n", &found[0], &taken[0]), 1);
        EXPECT(wide_scanf(wide, L"%li%n", &found[1], &taken[1]), 1);
        rewind(stream);
        fputs(text, stream);
        rewind(stream);
        EXPECT(stream_scanf(stream, "%li%n", &found[2], &taken[2]), 1);
        for (int i = 0; i < 3; ++i) {
            EXPECT(found[i], value);
            EXPECT(taken[i], length);
        }
        EXPECT(narrow_number(text, &end_of_text, 0), value);
        EXPECT(end_of_text - text, length);
        EXPECT(wide_number(wide, &end_of_wide, 0), value);
        EXPECT(end_of_wide - wide, length);
        if (faults)
            printf("text %s\n", text);
    }
    return end();
}
