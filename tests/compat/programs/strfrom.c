/* strfromd and its relatives say what snprintf says; strtof32 and its relatives read what strtod reads. */

#include <locale.h>
#include <wchar.h>

#include "check.h"

/* Not every compiler knows the types _FloatN, and a header that declares these functions would insist on them. */
#define WRITER(symbol, type) extern int call_##symbol(char *, size_t, const char *, type) __asm__(#symbol);
WRITER(strfromd, double)
WRITER(strfromf, float)
WRITER(strfroml, long double)
WRITER(strfromf32, float)
WRITER(strfromf64, double)
WRITER(strfromf32x, double)
WRITER(strfromf64x, long double)

#define READER(type, plain, symbol, wide)                                                                              \
    extern type call_##symbol(const char *, char **) __asm__(#symbol);                                                 \
    extern type call_##symbol##_l(const char *, char **, locale_t) __asm__(#symbol "_l");                              \
    extern type call_##wide(const wchar_t *, wchar_t **) __asm__(#wide);                                               \
    extern type call_##wide##_l(const wchar_t *, wchar_t **, locale_t) __asm__(#wide "_l");                            \
    static void test_##symbol(locale_t locale)                                                                         \
    {                                                                                                                  \
        const char *text = " -1.23456789012345678901e5rest";                                                           \
        const wchar_t *letters = L" -1.23456789012345678901e5rest";                                                    \
        char *end = 0;                                                                                                 \
        wchar_t *stop = 0;                                                                                             \
        type expected = plain(text, 0);                                                                                \
        EXPECT_TRUE(call_##symbol(text, &end) == expected);                                                            \
        EXPECT(strcmp(end, "rest"), 0);                                                                                \
        EXPECT_TRUE(call_##symbol##_l(text, &end, locale) == expected);                                                \
        EXPECT(strcmp(end, "rest"), 0);                                                                                \
        EXPECT_TRUE(call_##wide(letters, &stop) == expected);                                                          \
        EXPECT(wcscmp(stop, L"rest"), 0);                                                                              \
        EXPECT_TRUE(call_##wide##_l(letters, &stop, locale) == expected);                                              \
        EXPECT(wcscmp(stop, L"rest"), 0);                                                                              \
        errno = 0;                                                                                                     \
        EXPECT_TRUE(call_##symbol("1e99999", 0) > 1e30);                                                               \
        EXPECT(errno, ERANGE);                                                                                         \
    }

READER(float, strtof, strtof32, wcstof32)
READER(double, strtod, strtof64, wcstof64)
READER(double, strtod, strtof32x, wcstof32x)
READER(long double, strtold, strtof64x, wcstof64x)

static char text[400], expected[400];

#define SAME(writer, value, format, of_snprintf)                                                                       \
    do {                                                                                                               \
        int length = snprintf(expected, sizeof expected, of_snprintf, value);                                          \
        EXPECT(call_##writer(text, sizeof text, format, value), length);                                               \
        if (strcmp(text, expected) != 0)                                                                               \
            printf("%s %s: %s is not %s\n", #writer, format, text, expected), faults = 1;                              \
    } while (0)

#define ALL(writer, value, size)                                                                                       \
    SAME(writer, value, "%f", "%" size "f");                                                                           \
    SAME(writer, value, "%.3F", "%.3" size "F");                                                                       \
    SAME(writer, value, "%g", "%" size "g");                                                                           \
    SAME(writer, value, "%.17G", "%.17" size "G");                                                                     \
    SAME(writer, value, "%.0e", "%.0" size "e");                                                                       \
    SAME(writer, value, "%.E", "%." size "E");                                                                         \
    SAME(writer, value, "%a", "%" size "a");                                                                           \
    SAME(writer, value, "%.2A", "%.2" size "A");                                                                       \
    SAME(writer, value, "%.100f", "%.100" size "f")

int main(void)
{
    static const double values[] = {0.,    -0.,    1.,  0.1,             -123456.789,
                                    1e-30, 1.5e30, 2.5, __builtin_inf(), -__builtin_nan("")};
    for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
        double value = values[i];
        float shorter = (float)value;
        long double longer = (long double)value / 3;
        ALL(strfromd, value, "");
        ALL(strfromf64, value, "");
        ALL(strfromf32x, value, "");
        ALL(strfromf, shorter, "");
        ALL(strfromf32, shorter, "");
        ALL(strfroml, longer, "L");
        ALL(strfromf64x, longer, "L");
    }
    memset(text, '#', sizeof text);
    EXPECT(call_strfromd(text, 4, "%.3f", 12.3456), 6);
    EXPECT(memcmp(text, "12.\0#", 5), 0);
    EXPECT(call_strfromd(0, 0, "%.3f", 12.3456), 6);

    locale_t locale = newlocale(LC_ALL_MASK, "C", 0);
    EXPECT_TRUE(locale);
    test_strtof32(locale);
    test_strtof64(locale);
    test_strtof32x(locale);
    test_strtof64x(locale);
    freelocale(locale);
    return faults;
}
