/* The strto* family of C23: a binary prefix in base 0 and 2, everything else as before. */

#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <wchar.h>

#include "check.h"

#define DECLARE(suffix, type)                                                                                          \
    extern type __isoc23_strto##suffix(const char *, char **, int);                                                    \
    extern type __isoc23_wcsto##suffix(const wchar_t *, wchar_t **, int);
#define DECLARE_L(suffix, type)                                                                                        \
    extern type __isoc23_strto##suffix##_l(const char *, char **, int, locale_t);                                      \
    extern type __isoc23_wcsto##suffix##_l(const wchar_t *, wchar_t **, int, locale_t);
DECLARE(l, long)
DECLARE(ul, unsigned long)
DECLARE(ll, long long)
DECLARE(ull, unsigned long long)
DECLARE(imax, intmax_t)
DECLARE(umax, uintmax_t)
DECLARE_L(l, long)
DECLARE_L(ul, unsigned long)
DECLARE_L(ll, long long)
DECLARE_L(ull, unsigned long long)

static locale_t c_locale;

/* One text through a function and its wide form: the value, how many characters were used, and errno. */
#define BOTH(suffix, text, base, value, used, error)                                                                   \
    do {                                                                                                               \
        char *end = 0;                                                                                                 \
        wchar_t *wide_end = 0;                                                                                         \
        errno = 0;                                                                                                     \
        EXPECT(__isoc23_strto##suffix(text, &end, base), value);                                                       \
        EXPECT(errno, error);                                                                                          \
        EXPECT(end - text, used);                                                                                      \
        errno = 0;                                                                                                     \
        EXPECT(__isoc23_wcsto##suffix(L##text, &wide_end, base), value);                                               \
        EXPECT(errno, error);                                                                                          \
        EXPECT(wide_end - L##text, used);                                                                              \
    } while (0)
#define BOTH_L(suffix, text, base, value, used, error)                                                                 \
    do {                                                                                                               \
        char *end = 0;                                                                                                 \
        wchar_t *wide_end = 0;                                                                                         \
        errno = 0;                                                                                                     \
        EXPECT(__isoc23_strto##suffix##_l(text, &end, base, c_locale), value);                                         \
        EXPECT(errno, error);                                                                                          \
        EXPECT(end - text, used);                                                                                      \
        errno = 0;                                                                                                     \
        EXPECT(__isoc23_wcsto##suffix##_l(L##text, &wide_end, base, c_locale), value);                                 \
        EXPECT(errno, error);                                                                                          \
        EXPECT(wide_end - L##text, used);                                                                              \
    } while (0)

#define ONES_31 "1111111111111111111111111111111"
#define ONES_63 ONES_31 ONES_31 "1"
#define ZEROS_63 "000000000000000000000000000000000000000000000000000000000000000"

/* What holds for each signed and each unsigned 64-bit type. */
#define COMMON(check, suffix)                                                                                          \
    check(suffix, "0b101", 0, 5, 5, 0);                                                                                \
    check(suffix, "0b101", 2, 5, 5, 0);                                                                                \
    check(suffix, "0B1012", 0, 5, 5, 0);                                                                               \
    check(suffix, " \t\n+0b11 ", 0, 3, 8, 0);                                                                          \
    check(suffix, "-0b11", 0, -3, 5, 0);                                                                               \
    check(suffix, "0b", 0, 0, 1, 0);                                                                                   \
    check(suffix, "0b2", 2, 0, 1, 0);                                                                                  \
    check(suffix, "-0bx", 0, 0, 2, 0);                                                                                 \
    check(suffix, "0b0b1", 0, 0, 3, 0);                                                                                \
    check(suffix, "0b-1", 0, 0, 1, 0);                                                                                 \
    check(suffix, "0b 1", 2, 0, 1, 0);                                                                                 \
    check(suffix, "0b101", 10, 0, 1, 0);                                                                               \
    check(suffix, "0b101", 16, 0xb101, 5, 0);                                                                          \
    check(suffix, "0b101", 8, 0, 1, 0);                                                                                \
    check(suffix, "101", 2, 5, 3, 0);                                                                                  \
    check(suffix, "0x1f", 0, 31, 4, 0);                                                                                \
    check(suffix, "017", 0, 15, 3, 0);                                                                                 \
    check(suffix, "", 0, 0, 0, 0);                                                                                     \
    check(suffix, "  - 0b1", 0, 0, 0, 0);                                                                              \
    check(suffix, "z9", 36, 35 * 36 + 9, 2, 0);                                                                        \
    check(suffix, "0b" ONES_63, 0, INT64_MAX, 65, 0);                                                                  \
    check(suffix, "0b000" ONES_63, 2, INT64_MAX, 68, 0)

#define SIGNED(check, suffix)                                                                                          \
    COMMON(check, suffix);                                                                                             \
    check(suffix, "0b1" ZEROS_63, 0, INT64_MAX, 66, ERANGE);                                                           \
    check(suffix, "-0b1" ZEROS_63, 0, INT64_MIN, 67, 0);                                                               \
    check(suffix, "-0b11" ZEROS_63, 0, INT64_MIN, 68, ERANGE);                                                         \
    check(suffix, "-0b1" ONES_63 "9", 2, INT64_MIN, 67, ERANGE);                                                       \
    check(suffix, "99999999999999999999", 0, INT64_MAX, 20, ERANGE)

#define UNSIGNED(check, suffix)                                                                                        \
    COMMON(check, suffix);                                                                                             \
    check(suffix, "0b1" ONES_63, 0, -1, 66, 0);                                                                        \
    check(suffix, "-0b1" ONES_63, 0, 1, 67, 0);                                                                        \
    check(suffix, "0b10" ONES_63, 0, -1, 67, ERANGE);                                                                  \
    check(suffix, "-0b10" ONES_63, 0, -1, 68, ERANGE);                                                                 \
    check(suffix, "99999999999999999999", 0, -1, 20, ERANGE)

int main(void)
{
    _Static_assert(sizeof(long) == 8, "the limits above are those of 64 bits");
    c_locale = newlocale(LC_ALL_MASK, "C", 0);
    SIGNED(BOTH, l);
    SIGNED(BOTH, ll);
    SIGNED(BOTH, imax);
    SIGNED(BOTH_L, l);
    SIGNED(BOTH_L, ll);
    UNSIGNED(BOTH, ul);
    UNSIGNED(BOTH, ull);
    UNSIGNED(BOTH, umax);
    UNSIGNED(BOTH_L, ul);
    UNSIGNED(BOTH_L, ull);
    EXPECT(__isoc23_strtol("0b111", 0, 0), 7);
    EXPECT(__isoc23_wcstoull(L"0b111", 0, 2), 7);
    EXPECT_TRUE((errno = 0, __isoc23_strtol("0b1", 0, 1) == 0) && errno == EINVAL);
    return faults;
}
