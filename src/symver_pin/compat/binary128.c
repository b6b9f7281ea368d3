/* libm's functions of _Float128 (2.26) where long double has another format: x86 and PowerPC. PowerPC has the same
   functions under the names that long double gets with -mabi=ieeelongdouble (2.32): __sinieee128 is sinf128.

   Arithmetic and comparisons of the type come from libgcc, which every link contains. */

#include "formats.h"

#ifdef HAS_QUAD_TYPE

#include <errno.h>
#include <fenv.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engines.h"

typedef QUAD quad;

/* The bits of a number. The sign is in `high`. */
typedef union {
    quad value;
    struct {
        uint64_t low, high; /* x86 and powerpc64le: little-endian */
    } bits;
} pattern;

#define SIGN ((uint64_t)1 << 63)
#define BIAS 16383
#define FRACTION 112

static int exponent_field(quad x)
{
    pattern p = {x};
    return (int)(p.bits.high >> 48) & 0x7fff;
}

static int is_nan(quad x) /* a comparison would raise "invalid" for a signaling NaN */
{
    pattern p = {x};
    return exponent_field(x) == 0x7fff && (p.bits.high << 16 | p.bits.low) != 0;
}

static int is_negative(quad x)
{
    pattern p = {x};
    return (int)(p.bits.high >> 63);
}

static int is_finite(quad x)
{
    return exponent_field(x) != 0x7fff;
}

static quad magnitude(quad x)
{
    pattern p = {x};
    p.bits.high &= ~SIGN;
    return p.value;
}

static quad with_sign(quad x, int negative)
{
    pattern p = {x};
    p.bits.high = (p.bits.high & ~SIGN) | (negative ? SIGN : 0);
    return p.value;
}

/* 2^exponent for exponents from -16382 to 16383. */
static quad power(int exponent)
{
    pattern p = {0};
    p.bits.high = (uint64_t)(exponent + BIAS) << 48;
    return p.value;
}

/* Scale a subnormal number so that it becomes normal. This is a separate function because clang would inline it and
   multiply every number before it selects one. */
static __attribute__((noinline)) quad lifted(quad x)
{
    return x * power(FRACTION + 1);
}

/* The exponent of a finite, nonzero number. */
static int exponent_of(quad x)
{
    return exponent_field(x) ? exponent_field(x) - BIAS : exponent_field(lifted(x)) - BIAS - (FRACTION + 1);
}

#define UNARY(name, body)                                                                                              \
    DEFINE(quad, JOIN(name, f128), (quad x))                                                                           \
    {                                                                                                                  \
        body;                                                                                                          \
    }
#define BINARY(name, body)                                                                                             \
    DEFINE(quad, JOIN(name, f128), (quad x, quad y))                                                                   \
    {                                                                                                                  \
        body;                                                                                                          \
    }
#define TESTS(name, type, body)                                                                                        \
    DEFINE(type, JOIN(name, f128), (quad x))                                                                           \
    {                                                                                                                  \
        body;                                                                                                          \
    }

/* Signs, classes, parts. */
UNARY(fabs, return magnitude(x))
BINARY(copysign, return with_sign(x, is_negative(y)))
TESTS(__finite, int, return is_finite(x))
TESTS(__isnan, int, return is_nan(x))
TESTS(__isinf, int, return is_finite(x) || is_nan(x) ? 0 : is_negative(x) ? -1 : 1)
TESTS(__signbit, int, return is_negative(x))
TESTS(__fpclassify, int,
      return is_nan(x)           ? FP_NAN
             : !is_finite(x)     ? FP_INFINITE
             : x == 0            ? FP_ZERO
             : exponent_field(x) ? FP_NORMAL
                                 : FP_SUBNORMAL)

/* This is a separate function because clang would move the comparison before the NaN test that guards it, and the
   comparison raises "invalid". */
static __attribute__((noinline)) int at_most(quad x, quad y)
{
    return x <= y;
}

/* The minimum and maximum of C99: if one operand is a NaN, the result is the other one. */
static int is_signaling(quad x)
{
    return symver_pin_representation(IS_SIGNALING, BINARY128, &x, 0, 0);
}
static quad chosen(quad x, quad y, int largest)
{
    if (is_signaling(x) || is_signaling(y))
        return x + y;
    if (is_nan(x) || is_nan(y))
        return is_nan(y) ? x : y;
    return (largest ? at_most(y, x) : at_most(x, y)) ? x : y;
}
BINARY(fmax, return chosen(x, y, 1))
BINARY(fmin, return chosen(x, y, 0))

BINARY(fdim, {
    if (!is_nan(x) && !is_nan(y) && at_most(x, y))
        return 0;
    quad difference = x - y;
    if (!is_finite(difference) && is_finite(x) && is_finite(y))
        errno = ERANGE;
    return difference;
})

COMPAT_PLAIN(double, nan, (const char *));
DEFINE(quad, nanf128, (const char *tag))
{
    double shorter = plain_nan(tag);
    uint64_t payload;
    memcpy(&payload, &shorter, sizeof payload);
    pattern p = {0};
    p.bits.high = (uint64_t)0x7fff8 << 44;
    p.bits.low = payload & (((uint64_t)1 << 51) - 1);
    return p.value;
}

/* Exponents. */
static quad scaled(quad x, long exponent)
{
    if (!is_finite(x) || x == 0)
        return x + x;
    exponent = exponent > 50000 ? 50000 : exponent < -50000 ? -50000 : exponent;
    int now = exponent_of(x);
    pattern p = {exponent_field(x) ? x : lifted(x)};
    long target = now + exponent;
    quad result;
    if (target > BIAS)
        result = with_sign(power(BIAS), is_negative(x)) * power(BIAS);
    else if (target >= 1 - BIAS) {
        p.bits.high = (p.bits.high & ~((uint64_t)0x7fff << 48)) | (uint64_t)(target + BIAS) << 48;
        return p.value;
    } else if (target < -BIAS - FRACTION - 2)
        result = with_sign(power(1 - BIAS), is_negative(x)) * power(1 - BIAS);
    else { /* compute 2^200 times the result, so that it is rounded only once */
        p.bits.high = (p.bits.high & ~((uint64_t)0x7fff << 48)) | (uint64_t)(target + 200 + BIAS) << 48;
        result = p.value * power(-200);
    }
    if (!is_finite(result) || result == 0)
        errno = ERANGE;
    return result;
}
#define SCALE(name, type)                                                                                              \
    DEFINE(quad, JOIN(name, f128), (quad x, type exponent))                                                            \
    {                                                                                                                  \
        return scaled(x, exponent);                                                                                    \
    }
SCALE(ldexp, int)
SCALE(scalbn, int)
SCALE(scalbln, long)

DEFINE(quad, frexpf128, (quad x, int *exponent))
{
    *exponent = 0;
    if (!is_finite(x) || x == 0)
        return x + x;
    *exponent = exponent_of(x) + 1;
    pattern p = {exponent_field(x) ? x : lifted(x)};
    p.bits.high = (p.bits.high & ~((uint64_t)0x7fff << 48)) | (uint64_t)(BIAS - 1) << 48;
    return p.value;
}

/* The exceptions are raised with operations on float: the compiler would evaluate libgcc's operations on constants
   itself. */
static void raise_invalid(void)
{
    volatile float zero = 0;
    zero = zero / zero;
}

static void domain_fault(void)
{
    raise_invalid();
    errno = EDOM;
}

#define LOGARITHM_WHOLE(name, type, of_zero, of_nan, of_infinity)                                                      \
    TESTS(name, type, {                                                                                                \
        if (x != 0 && is_finite(x))                                                                                    \
            return exponent_of(x);                                                                                     \
        domain_fault();                                                                                                \
        return x == 0 ? of_zero : is_nan(x) ? of_nan : of_infinity;                                                    \
    })
LOGARITHM_WHOLE(ilogb, int, FP_ILOGB0, FP_ILOGBNAN, INT_MAX)
LOGARITHM_WHOLE(llogb, long, LONG_MIN, LONG_MIN, LONG_MAX)
UNARY(logb, {
    if (!is_finite(x))
        return x * x;
    if (x == 0)
        return -1 / magnitude(x);
    return exponent_of(x);
})

/* Neighbours. */
static quad next(quad x, int up)
{
    pattern p = {x};
    if (x == 0) {
        p.bits.high = up ? 0 : SIGN;
        p.bits.low = 1;
    } else if (up != is_negative(x)) {
        p.bits.low++;
        p.bits.high += p.bits.low == 0;
    } else {
        p.bits.high -= p.bits.low == 0;
        p.bits.low--;
    }
    return p.value;
}
UNARY(nextup, return is_nan(x) ? x + x : !is_finite(x) && !is_negative(x) ? x : next(x, 1))
UNARY(nextdown, return is_nan(x) ? x + x : !is_finite(x) && is_negative(x) ? x : next(x, 0))
BINARY(nextafter, {
    if (is_nan(x) || is_nan(y))
        return x + y;
    if (x == y)
        return y;
    quad result = next(x, x < y);
    volatile float end = is_finite(result) ? FLT_MIN : FLT_MAX;
    if (exponent_field(result) == 0 || !is_finite(result))
        end = end * end;
    if ((exponent_field(result) == 0 && x != 0) || !is_finite(result))
        errno = ERANGE;
    return result;
})

/* Rounding to whole numbers. The directions are FP_INT_UPWARD and so on of C, in the same order. */
enum { UPWARD, DOWNWARD, TOWARD_ZERO, FROM_ZERO, TO_EVEN };
COMPAT_PLAIN(int, fegetround, (void));
static int direction(void)
{
    int now = plain_fegetround();
    return now == FE_UPWARD ? UPWARD : now == FE_DOWNWARD ? DOWNWARD : now == FE_TOWARDZERO ? TOWARD_ZERO : TO_EVEN;
}
static quad whole(quad x, int toward, int manner)
{
    if (!is_finite(x))
        return x + x;
    symver_pin_to_integer(BINARY128, &x, toward, 2 * BIAS, manner);
    return x;
}
UNARY(ceil, return whole(x, UPWARD, 0))
UNARY(floor, return whole(x, DOWNWARD, 0))
UNARY(trunc, return whole(x, TOWARD_ZERO, 0))
UNARY(round, return whole(x, FROM_ZERO, 0))
UNARY(roundeven, return whole(x, TO_EVEN, 0))
UNARY(nearbyint, return whole(x, direction(), 0))
UNARY(rint, return whole(x, direction(), RAISES_INEXACT))

/* A value that does not fit raises "invalid" and becomes the largest or smallest value of the type. errno does not
   change. */
#define BITS(type) (CHAR_BIT * sizeof(type))
#define TO_WHOLE(name, type, toward, manner)                                                                           \
    TESTS(name, type, {                                                                                                \
        int before = errno;                                                                                            \
        type value = (type)symver_pin_to_integer(BINARY128, &x, toward, BITS(type), (manner) | GIVES_INTEGER);         \
        errno = before;                                                                                                \
        return value;                                                                                                  \
    })
TO_WHOLE(lrint, long, direction(), RAISES_INEXACT)
TO_WHOLE(llrint, long long, direction(), RAISES_INEXACT)
TO_WHOLE(lround, long, FROM_ZERO, 0)
TO_WHOLE(llround, long long, FROM_ZERO, 0)

DEFINE(quad, modff128, (quad x, quad *integer))
{
    *integer = whole(x, TOWARD_ZERO, 0);
    return with_sign(is_finite(x) || is_nan(x) ? x - *integer : 0, is_negative(x));
}

/* The exact remainder of |x| divided by |y|, for finite x and y and nonzero y. *quotient gets the last bits of the
   quotient. */
static quad divided_out(quad x, quad y, unsigned *quotient)
{
    *quotient = 0;
    x = magnitude(x);
    y = magnitude(y);
    if (x < y)
        return x;
    int down = exponent_of(y), distance = exponent_of(x) - down;
    quad rest = scaled(x, -(long)exponent_of(x)), divisor = scaled(y, -(long)down);
    for (;; distance--) { /* both numbers are from 1 to 2 here, later the remainder is below 2 */
        *quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            *quotient |= 1;
        }
        if (distance == 0)
            return rest == 0 ? 0 : scaled(rest, down);
        rest += rest;
    }
}
/* Return 1 if the remainder of a division is not defined, with the result in *result. */
static int no_remainder(quad x, quad y, quad *result)
{
    *result = is_nan(x) || is_nan(y) ? x + y : (quad)__builtin_nan("");
    if (is_finite(x) && !is_nan(y) && y != 0)
        return 0;
    if (!is_nan(x) && !is_nan(y))
        raise_invalid();
    return 1;
}
static void without_remainder(quad x, quad y)
{
    if (!is_nan(x) && !is_nan(y))
        errno = EDOM;
}
BINARY(fmod, {
    quad result;
    unsigned quotient;
    if (no_remainder(x, y, &result)) {
        without_remainder(x, y);
        return result;
    }
    return is_finite(y) ? with_sign(divided_out(x, y, &quotient), is_negative(x)) : x;
})
/* These are separate functions for the same reason as `lifted`. */
static __attribute__((noinline)) quad doubled(quad x)
{
    return x + x;
}
static __attribute__((noinline)) quad halved(quad x)
{
    return x / 2;
}
static quad to_nearest(quad x, quad y, int *bits)
{
    unsigned quotient;
    *bits = 0;
    if (!is_finite(y))
        return x;
    quad divisor = magnitude(y), rest = divided_out(x, y, &quotient);
    int huge = exponent_of(y) == BIAS; /* then half the divisor is exact, else twice the remainder */
    quad twice = huge ? rest : doubled(rest), whole = huge ? halved(divisor) : divisor;
    if (twice > whole || (twice == whole && (quotient & 1))) {
        rest -= divisor;
        quotient++;
    }
    quotient &= 7;
    *bits = is_negative(x) != is_negative(y) ? -(int)quotient : (int)quotient;
    return rest == 0 ? with_sign(0, is_negative(x)) : is_negative(x) ? -rest : rest;
}
BINARY(remainder, {
    quad result;
    int bits;
    if (no_remainder(x, y, &result)) {
        without_remainder(x, y);
        return result;
    }
    return to_nearest(x, y, &bits);
})
DEFINE(quad, remquof128, (quad x, quad y, int *quotient))
{
    quad result;
    return no_remainder(x, y, &result) ? result : to_nearest(x, y, quotient);
}

/* Arithmetic and elementary functions, computed by the engines. */
UNARY(sqrt, {
    symver_pin_arithmetic(SQUARE_ROOT, BINARY128, &x, BINARY128, &x, 0, 0);
    return x;
})
DEFINE(quad, fmaf128, (quad x, quad y, quad z))
{
    symver_pin_arithmetic(MULTIPLY_ADD, BINARY128, &x, BINARY128, &x, &y, &z);
    return x;
}
#define ELEMENTARY(name, code)                                                                                         \
    UNARY(name, {                                                                                                      \
        symver_pin_quad(code, &x, 0);                                                                                  \
        return x;                                                                                                      \
    })
#define ELEMENTARY_2(name, code)                                                                                       \
    BINARY(name, {                                                                                                     \
        symver_pin_quad(code, &x, &y);                                                                                 \
        return x;                                                                                                      \
    })
ELEMENTARY(exp, EXP) ELEMENTARY(exp2, EXP2) ELEMENTARY(exp10, EXP10) ELEMENTARY(expm1, EXPM1) ELEMENTARY(log, LOG)
ELEMENTARY(log2, LOG2) ELEMENTARY(log10, LOG10) ELEMENTARY(log1p, LOG1P) ELEMENTARY(logp1, LOG1P) ELEMENTARY(sin, SIN)
ELEMENTARY(cos, COS) ELEMENTARY(tan, TAN) ELEMENTARY(asin, ASIN) ELEMENTARY(acos, ACOS) ELEMENTARY(atan, ATAN)
ELEMENTARY(sinh, SINH) ELEMENTARY(cosh, COSH) ELEMENTARY(tanh, TANH) ELEMENTARY(asinh, ASINH) ELEMENTARY(acosh, ACOSH)
ELEMENTARY(atanh, ATANH) ELEMENTARY(cbrt, CBRT) ELEMENTARY(erf, ERF) ELEMENTARY(erfc, ERFC)
ELEMENTARY_2(atan2, ATAN2) ELEMENTARY_2(hypot, HYPOT) ELEMENTARY_2(pow, POW)

DEFINE(void, sincosf128, (quad x, quad *sine, quad *cosine))
{
    quad angle = x;
    symver_pin_quad(COS, &x, 0);
    symver_pin_quad(SIN, &angle, 0);
    *sine = angle;
    *cosine = x;
}

/* Complex numbers: functions of their parts. */
#if LDBL_MANT_DIG == 106
typedef _Complex float __attribute__((mode(KC))) complex_quad; /* TC is IBM's long double there */
#else
typedef _Complex float __attribute__((mode(TC))) complex_quad;
#endif
#define PART(name, body)                                                                                               \
    DEFINE(quad, JOIN(name, f128), (complex_quad z))                                                                   \
    {                                                                                                                  \
        quad x = __real__ z, y = __imag__ z;                                                                           \
        body;                                                                                                          \
    }
PART(creal, { (void)y; return x; })
PART(cimag, { (void)x; return y; })
PART(cabs, {
    symver_pin_quad(HYPOT, &x, &y);
    return x;
})
PART(carg, {
    symver_pin_quad(ATAN2, &y, &x);
    return y;
})
DEFINE(complex_quad, conjf128, (complex_quad z))
{
    __imag__ z = -__imag__ z;
    return z;
}
DEFINE(complex_quad, cprojf128, (complex_quad z))
{
    quad x = __real__ z, y = __imag__ z;
    if ((!is_finite(x) && !is_nan(x)) || (!is_finite(y) && !is_nan(y))) {
        __real__ z = (quad)__builtin_inf();
        __imag__ z = with_sign(0, is_negative(y));
    }
    return z;
}

#endif
