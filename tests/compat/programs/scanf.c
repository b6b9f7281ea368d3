/* The scanf family, with arguments and with a va_list, from text, files and standard input; binary numbers and the lengths
   of C23 in each. */

#include <stdarg.h>
#include <stdint.h>
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

/* glibc 2.38 to 2.41 has these functions and reads a prefix with no digit after it as zero: a match. Up to 2.37 the
   members read, and from 2.42 on glibc too takes it for no number (bug 12701), as C23 has it. */
static int prefix_is_zero(void)
{
    return is_libcs_own(38) && !is_libcs_own(42);
}

/* One integer, and how many characters were read when the directive had matched. `prefix` is the length of a prefix that
   no digit follows. */
static const struct {
    const char *format, *text;
    int count, value, length, error, prefix;
} integers[] = {
    {"%i%n", "0b101z", 1, 5, 5, 0},       {"%i%n", "0B11", 1, 3, 4, 0},          {"%i%n", "-0b11", 1, -3, 5, 0},
    {"%i%n", "+0b1", 1, 1, 4, 0},         {"%i%n", "0b102", 1, 2, 4, 0},         {"%i%n", "0bz", 0, -77, -1, 0, 2},
    {"%i%n", "0b", 0, -77, -1, 0, 2},        {"%i%n", "0b2", 0, -77, -1, 0, 2},        {"%i%n", "0xz", 0, -77, -1, 0, 2},
    {"%i%n", "-0x", 0, -77, -1, 0, 3},       {"%i%n", "0x1g", 1, 1, 3, 0},          {"%i%n", "0xAf", 1, 175, 4, 0},
    {"%i%n", "08", 1, 0, 1, 0},           {"%i%n", "0", 1, 0, 1, 0},             {"%i%n", "017", 1, 15, 3, 0},
    {"%i%n", "12b1", 1, 12, 2, 0},        {"%i%n", "-", 0, -77, -1, 0},          {"%i%n", "- 1", 0, -77, -1, 0},
    {"%i%n", "x", 0, -77, -1, 0},         {"%i%n", "", EOF, -77, -1, 0},         {"%i%n", "  ", EOF, -77, -1, 0},
    {"%i%n", "  \t 7", 1, 7, 5, 0},       {"%i%n", "4294967297", 1, 1, 10, 0},   {"%i%n", "99999999999999999999", 1, -1, 20, ERANGE},
    {"%i%n", "-99999999999999999999", 1, 0, 21, ERANGE},
    {"%3i%n", "0b101", 1, 1, 3, 0},       {"%2i%n", "0b101", 0, -77, -1, 0, 2},     {"%1i%n", "0b101", 1, 0, 1, 0},
    {"%2i%n", "-0b1", 1, 0, 2, 0},        {"%1i%n", "-0b1", 0, -77, -1, 0},      {"%2i%n", "102", 1, 10, 2, 0},
    {"%b%n", "0b101z", 1, 5, 5, 0},       {"%b%n", "102", 1, 2, 2, 0},           {"%b%n", "-0b11", 1, -3, 5, 0},
    {"%b%n", "0xz", 1, 0, 1, 0},          {"%b%n", "2", 0, -77, -1, 0},          {"%b%n", "0b", 0, -77, -1, 0, 2},
    {"%b%n", "-11", 1, -3, 3, 0},         {"%2b%n", "0b1", 0, -77, -1, 0, 2},       {"%4b%n", "0b1111", 1, 3, 4, 0},
    {"a%ib%n", "a0b1b", 1, 1, 5, 0},      {"a %i b%n", "a  0b1  b", 1, 1, 9, 0}, {"%%%i%n", "  %0b1", 1, 1, 6, 0},
    {"b%i", "a1", 0, -77, -1, 0},         {"b%i", "", EOF, -77, -1, 0},          {"%*d%b%n", "12 1", 1, 1, 4, 0},
    {"%*3[a-z]%i%n", "abc0b1", 1, 1, 6, 0}, {"%*[]b]%i%n", "b]b0b1", 1, 1, 6, 0}, {"%*[^0]%i%n", "]x0b1", 1, 1, 5, 0},
    {"%*i%d%n", "0b11 4", 1, 4, 6, 0},    {"%*b", "", EOF, -77, -1, 0},          {"%w32d%n", "12", 1, 12, 2, 0},
    {"%w32i%n", "0b11", 1, 3, 4, 0},      {"%w32b%n", "11", 1, 3, 2, 0},         {"%w32x%n", "ff", 1, 255, 2, 0},
};

static void whole(const char *format, const char *text, int count, int value, int length, int error, int got,
                  int read_value, int read_length)
{
    int failed = faults;
    faults = 0;
    EXPECT(got, count);
    EXPECT(read_value, value);
    EXPECT(read_length, length);
    EXPECT(errno, error);
    if (faults)
        printf("format %s text %s\n", format, text);
    faults |= failed;
}

static FILE *file_of(const char *text)
{
    FILE *file = fopen("text", "w");
    fputs(text, file);
    fclose(file);
    return fopen("text", "r");
}

static void binaries(void)
{
    for (size_t i = 0; i < sizeof integers / sizeof *integers; ++i) {
        const char *format = integers[i].format, *text = integers[i].text;
        int as_zero = integers[i].prefix && prefix_is_zero();
        int matches = as_zero ? 1 : integers[i].count, number_read = as_zero ? 0 : integers[i].value;
        int characters = as_zero ? integers[i].prefix : integers[i].length;
        wchar_t wide_format[40], wide_text[40];
        int value, length, count;
        FILE *file;
        mbstowcs(wide_format, format, 40);
        mbstowcs(wide_text, text, 40);
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        value = -77, length = -1, errno = 0;                                                                           \
        count = call;                                                                                                  \
        whole(format, text, matches, number_read, characters, integers[i].error, count, value, length);                \
    } while (0)
        TRY(__isoc23_sscanf(text, format, &value, &length));
        TRY(__isoc23_swscanf(wide_text, wide_format, &value, &length));
        file = file_of(text);
        TRY(__isoc23_fscanf(file, format, &value, &length));
        fclose(file);
        file = file_of(text);
        TRY(__isoc23_fwscanf(file, wide_format, &value, &length));
        fclose(file);
    }
}

static void lengths(void)
{
    struct {
        signed char hh, after_hh;
        short h, after_h;
        int i, after_i;
        long l;
        long long ll;
        intmax_t j;
        size_t z;
        ptrdiff_t t;
    } got, all_ones;
    memset(&all_ones, 0xff, sizeof all_ones);
    got = all_ones;
    EXPECT(__isoc23_sscanf("0b1 0b10 0b11 0b100 0b101 0b110 0b111 0b1000", "%hhi %hi %i %li %lli %ji %zi %ti", &got.hh, &got.h,
                           &got.i, &got.l, &got.ll, &got.j, &got.z, &got.t), 8);
    EXPECT(got.hh, 1);
    EXPECT(got.h, 2);
    EXPECT(got.i, 3);
    EXPECT(got.l, 4);
    EXPECT(got.ll, 5);
    EXPECT(got.j, 6);
    EXPECT(got.z, 7);
    EXPECT(got.t, 8);
    EXPECT(got.after_hh & got.after_h & got.after_i, -1);
    int8_t w8 = 0;
    int16_t w16 = 0;
    int64_t w64 = 0;
    int_fast16_t wf16 = 0;
    int_fast8_t wf8 = 0;
    EXPECT(__isoc23_sscanf("5 6 7 8 9", "%w8d %w16i %w64d %wf16d %wf8b", &w8, &w16, &w64, &wf16, &wf8), 4);
    EXPECT(w8, 5);
    EXPECT(w16, 6);
    EXPECT(w64, 7);
    EXPECT(wf16, 8);
    EXPECT(__isoc23_sscanf("0xffffffffffff -0b101", "%w64x %w16i", &w64, &w16), 2);
    EXPECT(w64, 0xffffffffffff);
    EXPECT(w16, -5);

    long long big = 0;
    unsigned long positive = 0;
    errno = 0;
    EXPECT(__isoc23_sscanf("0b11111111111111111111111111111111111111111111111111111111111111111", "%lli", &big), 1);
    EXPECT(big, INT64_MAX);
    EXPECT(errno, ERANGE);
    EXPECT(__isoc23_sscanf("-0b11111111111111111111111111111111111111111111111111111111111111111", "%lli", &big), 1);
    EXPECT(big, INT64_MIN);
    EXPECT(__isoc23_sscanf("0b11111111111111111111111111111111111111111111111111111111111111111", "%lb", &positive), 1);
    EXPECT(positive, -1ul);
    EXPECT(__isoc23_sscanf("-0b1000000000000000000000000000000000000000000000000000000000000000", "%lli", &big), 1);
    EXPECT(big, INT64_MIN);
}

/* Everything else in a format that has a young directive too; arguments by position; several lines of a stream. */
static void mixed(void)
{
    char set[10], letters[4] = "", *allocated = 0;
    wchar_t wide[10];
    int i = 0, j = 0, length = -1;
    long seen = -1;
    double d = 0;
    void *pointer = 0;
    EXPECT(__isoc23_sscanf("0b11 word abc xyz 2.5 0x10!", "%i %9s %9[a-c] %3c %lf %p%ln!%n", &i, word, set, letters, &d,
                           &pointer, &seen, &length), 6);
    EXPECT(i, 3);
    EXPECT(strcmp(word, "word") | strcmp(set, "abc") | strncmp(letters, "xyz", 3), 0);
    EXPECT_TRUE(d == 2.5 && pointer == (void *)16);
    EXPECT(seen, 26);
    EXPECT(length, 27);
    EXPECT(__isoc23_sscanf("0b1 text", "%i %ms", &i, &allocated), 2);
    EXPECT(strcmp(allocated, "text"), 0);
    free(allocated);
    EXPECT(__isoc23_sscanf("0b1 word", "%b %9ls", &i, wide), 2);
    EXPECT(wcscmp(wide, L"word"), 0);
    EXPECT(__isoc23_sscanf("0b101 0b11", "%2$i %1$i", &i, &j), 2);
    EXPECT(i, 3);
    EXPECT(j, 5);
    EXPECT(__isoc23_sscanf("1 x 2", "%i %d %i", &i, &j, &length), 1);
    EXPECT(__isoc23_sscanf("1", "%i %i", &i, &j), 1);
    EXPECT(__isoc23_sscanf("\xc3\xa9 1", "\xc3\xa9 %i", &i), 1);

    FILE *file = file_of("0b1 one\n0b10 two\n0bz three");
    EXPECT(__isoc23_fscanf(file, "%i %9s\n", &i, word), 2);
    EXPECT(__isoc23_fscanf(file, "%b %9s\n", &j, word), 2);
    EXPECT(i * 10 + j, 12);
    EXPECT(strcmp(word, "two"), 0);
    EXPECT(__isoc23_fscanf(file, "%i", &i), prefix_is_zero());
    EXPECT(getc(file), 'z');
    EXPECT(__isoc23_fscanf(file, "%9s %i", word, &i), 1);
    EXPECT_TRUE(feof(file));
    EXPECT(__isoc23_fscanf(file, "%i", &i), EOF);
    fclose(file);
}

int main(void)
{
    char *allocated = 0;
    binaries();
    lengths();
    mixed();
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
