/* The maximum and minimum functions of IEEE 754-2019 (2.35) and of IEEE 754-2008 (fmaxmag, fminmag; 2.25).

   If one operand is a NaN, fmaximum returns a NaN and fmaximum_num the other operand. -0 is less than +0. The _mag
   forms compare magnitudes first. The quiet comparisons raise "invalid" for a signaling NaN, as the functions must. */

#include "formats.h"

/* True if x > y, without an exception for quiet NaNs. __builtin_isgreater, or a single expression, cannot be used: for
   a format implemented in software, clang turns both into one plain comparison, which raises "invalid" for quiet NaNs
   too. */
#define COMPARISON(suffix, real)                                                                                       \
    static __attribute__((noinline)) int JOIN(above, suffix)(real x, real y)                                           \
    {                                                                                                                  \
        return x > y;                                                                                                  \
    }
#define GREATER(suffix, x, y) (!__builtin_isunordered(x, y) && JOIN(above, suffix)(x, y))
#define LESS(suffix, x, y) GREATER(suffix, y, x)
#define MAGNITUDE(x) (__builtin_signbit(x) ? -(x) : (x))
#define IS_NAN(x) __builtin_isnan(x)

/* The results if neither is greater: equal operands (zeros by their sign), or unordered ones. */
#define GREATER_ZERO(x, y) (__builtin_signbit(x) ? (y) : (x))
#define LESSER_ZERO(x, y) (__builtin_signbit(x) ? (x) : (y))
#define NAN_WINS(x, y) ((x) + (y))
#define NUMBER_WINS(x, y) (IS_NAN(y) ? (IS_NAN(x) ? (x) + (y) : (x)) : (y))

#define MEMBER(name, suffix, real, first, second, zero, unordered)                                                     \
    DEFINE(real, JOIN(name, suffix), (real x, real y))                                                                 \
    {                                                                                                                  \
        return first(suffix, x, y) ? x : second(suffix, x, y) ? y : x == y ? zero(x, y) : unordered(x, y);             \
    }

/* Compare magnitudes; for equal magnitudes (x and -x too) compare the values. */
#define MEMBER_MAG(name, suffix, real, first, second, zero, unordered)                                                 \
    DEFINE(real, JOIN(name, suffix), (real x, real y))                                                                 \
    {                                                                                                                  \
        real a = MAGNITUDE(x), b = MAGNITUDE(y);                                                                       \
        return first(suffix, a, b) ? x : second(suffix, a, b) ? y : a == b ? zero(x, y) : unordered(x, y);             \
    }

#define ALL(suffix, real, base)                                                                                        \
    COMPARISON(suffix, real)                                                                                           \
    MEMBER(fmaximum, suffix, real, GREATER, LESS, GREATER_ZERO, NAN_WINS)                                              \
    MEMBER(fminimum, suffix, real, LESS, GREATER, LESSER_ZERO, NAN_WINS)                                               \
    MEMBER(fmaximum_num, suffix, real, GREATER, LESS, GREATER_ZERO, NUMBER_WINS)                                       \
    MEMBER(fminimum_num, suffix, real, LESS, GREATER, LESSER_ZERO, NUMBER_WINS)                                        \
    MEMBER_MAG(fmaximum_mag, suffix, real, GREATER, LESS, GREATER_ZERO, NAN_WINS)                                      \
    MEMBER_MAG(fminimum_mag, suffix, real, LESS, GREATER, LESSER_ZERO, NAN_WINS)                                       \
    MEMBER_MAG(fmaximum_mag_num, suffix, real, GREATER, LESS, GREATER_ZERO, NUMBER_WINS)                               \
    MEMBER_MAG(fminimum_mag_num, suffix, real, LESS, GREATER, LESSER_ZERO, NUMBER_WINS)                                \
    MEMBER_MAG(fmaxmag, suffix, real, GREATER, LESS, GREATER_ZERO, NUMBER_WINS)                                        \
    MEMBER_MAG(fminmag, suffix, real, LESS, GREATER, LESSER_ZERO, NUMBER_WINS)

FORMATS(ALL)
#ifdef HAS_QUAD_TYPE
ALL(f128, __float128, )
#endif
