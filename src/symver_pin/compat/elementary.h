/* The engine of C23's elementary functions: powers, logarithms, functions of angles in units of pi.

   Special values are those of ISO C23, 7.12 and F.10. errno is set as by libm's functions: EDOM, and ERANGE for a pole.
   All other results are computed to about 200 bits and rounded once. */

#include "results.h"

/* 2^x - 1, or 10^x - 1. */
static image exponential(wide x, const wide *log_base, enum format format)
{
    if (x.kind == ZERO)
        return zero_image(format, x.negative);
    if (x.kind == INFINITE)
        return x.negative ? pack(negated(ONE), format) : infinite_image(format, 0);
    wide natural = multiply(x, LN2), binary = x;
    if (log_base) {
        wide fraction, power = ONE, ten = whole_number(10);
        int64_t count = nearest(x, &fraction);
        if (fraction.kind == ZERO && count > 0 && count < 64) {
            while (count--)
                power = multiply(power, ten);
            return pack(subtract(power, ONE), format); /* exact */
        }
        natural = multiply(x, LN10);
        binary = multiply(x, *log_base);
    }
    return pack(power_minus_one(binary, natural), format);
}

/* log2(1 + x), or log10(1 + x). */
static image logarithm(wide x, int ten, enum format format)
{
    if (x.kind == ZERO)
        return zero_image(format, x.negative);
    if (x.kind == INFINITE)
        return x.negative ? invalid(format) : infinite_image(format, 0);
    if (x.negative && x.exponent >= 0)
        return is_power_of_two(&x) && x.exponent == 0 ? pole(format, 1) : invalid(format);
    wide result = log_base_two_of_one_plus(x);
    if (ten) {
        wide fraction, power = ONE;
        result = multiply(result, LOG10_2);
        int64_t count = nearest(result, &fraction);
        if (count > 0 && count < 64 && fraction.exponent < -150) { /* perhaps 1 + x is exactly a power of ten */
            for (int64_t i = 0; i < count; i++)
                power = multiply(power, whole_number(10));
            if (subtract(subtract(power, ONE), x).kind == ZERO)
                result = whole_number(count);
        }
    }
    return pack(result, format);
}

static image circular(enum function function, wide x, enum format format)
{
    if (x.kind == INFINITE)
        return invalid(format);
    wide fraction;
    int64_t quarters = x.kind == ZERO ? 0 : nearest(scaled(x, 1), &fraction);
    if (x.kind == ZERO)
        fraction = x;
    /* x times pi is a number of quarter turns plus a fraction of one. For a fraction of one half, sine and cosine are
       equal. */
    if (function == TANPI) {
        if (fraction.kind == ZERO && quarters & 1)
            return pole(format, (quarters & 3) == 3);
        if (fraction.kind == ZERO)
            return zero_image(format, x.negative ^ ((quarters & 2) != 0));
        if (is_power_of_two(&fraction) && fraction.exponent == -1)
            return pack((quarters & 1) != fraction.negative ? negated(ONE) : ONE, format);
        wide radians = scaled(multiply(fraction, PI), -1);
        wide sine = sine_of_turns(quarters & 1, radians), cosine = sine_of_turns((quarters & 1) + 1, radians);
        return pack(quotient_of(sine, cosine), format);
    }
    if (function == COSPI)
        quarters++;
    if (fraction.kind == ZERO && !(quarters & 1))
        return zero_image(format, function == SINPI && x.negative);
    if (fraction.kind == ZERO)
        return pack(quarters & 2 ? negated(ONE) : ONE, format);
    return pack(sine_of_turns(quarters, scaled(multiply(fraction, PI), -1)), format);
}

static image inverse_sine(wide x, int cosine, enum format format)
{
    if (x.kind == INFINITE || (x.kind == FINITE && compare_magnitudes(&x, &ONE) > 0))
        return invalid(format);
    wide leg = other_leg(x), result = cosine ? angle(leg, x) : angle(x, leg);
    return result.kind == ZERO ? zero_image(format, cosine ? 0 : x.negative) : pack(result, format);
}

/* arctan(y / x) in units of pi, by quadrant. An infinite coordinate is replaced by 1 and a finite one beside it by
   0. */
static image inverse_tangent(wide y, wide x, enum format format)
{
    if (y.kind == INFINITE || x.kind == INFINITE) {
        wide far_y = ONE, far_x = ONE;
        far_y.kind = y.kind == INFINITE ? FINITE : ZERO;
        far_x.kind = x.kind == INFINITE ? FINITE : ZERO;
        far_y.negative = y.negative;
        far_x.negative = x.negative;
        y = far_y;
        x = far_x;
    }
    if (y.kind == ZERO && (x.kind == ZERO || !x.negative))
        return x.negative ? pack(y.negative ? negated(ONE) : ONE, format) : zero_image(format, y.negative);
    return pack(angle(y, x), format);
}

/* A power or root of a zero or an infinity, for an integer exponent that is not zero. */
static image at_the_ends(wide x, long long n, int negative, enum format format)
{
    if (x.kind == ZERO && n < 0)
        return pole(format, negative);
    return (x.kind == ZERO) == (n > 0) ? zero_image(format, negative) : infinite_image(format, negative);
}

static image power_whole(wide x, long long n, enum format format)
{
    int negative = x.negative && is_odd(n);
    if (n == 0)
        return one(format);
    if (x.kind != FINITE)
        return at_the_ends(x, n, negative, format);
    x.negative = 0;
    wide power = whole_power(x, log_base_two(x), n);
    power.negative = negative;
    return pack(power, format);
}

static image compound(wide x, long long n, enum format format)
{
    if (x.negative && (x.kind == INFINITE || (x.kind == FINITE && compare_magnitudes(&x, &ONE) > 0)))
        return invalid(format);
    if (n == 0 || x.kind == ZERO)
        return one(format);
    if (x.kind == INFINITE)
        return n < 0 ? zero_image(format, 0) : infinite_image(format, 0);
    wide base = add(ONE, x);
    if (base.kind == ZERO)
        return n < 0 ? pole(format, 0) : zero_image(format, 0);
    wide logarithm = log_base_two_of_one_plus(x);
    if (x.exponent < -100) /* 1 + x does not fit into 256 bits */
        return pack(power_of_two(multiply(logarithm, whole_number(n))), format);
    return pack(whole_power(base, logarithm, n), format);
}

static image power_real(wide x, wide y, enum format format)
{
    if (x.negative && x.kind != ZERO)
        return invalid(format);
    if (y.kind == ZERO)
        return x.kind == FINITE ? one(format) : invalid(format);
    if (x.kind == ZERO && y.negative) {
        if (y.kind == INFINITE)
            return infinite_image(format, 0);
        return pole(format, 0);
    }
    if (x.kind == ZERO || (x.kind == INFINITE && y.negative))
        return zero_image(format, 0);
    if (x.kind == INFINITE)
        return infinite_image(format, 0);
    wide logarithm = log_base_two(x);
    if (logarithm.kind == ZERO)
        return y.kind == INFINITE ? invalid(format) : one(format);
    if (y.kind == INFINITE)
        return logarithm.negative == y.negative ? infinite_image(format, 0) : zero_image(format, 0);
    return pack(positive_power(x, logarithm, y), format);
}

static image root_whole(wide x, long long n, enum format format)
{
    int negative = x.negative && is_odd(n);
    if (n == 0 || (x.negative && !is_odd(n) && x.kind != ZERO))
        return invalid(format);
    if (x.kind != FINITE)
        return at_the_ends(x, n, negative, format);
    x.negative = 0;
    wide root = positive_root(x, n);
    root.negative = negative;
    return pack(root, format);
}

static image inverse_root(wide x, enum format format)
{
    if (x.kind == ZERO)
        return pole(format, x.negative);
    if (x.negative)
        return invalid(format);
    if (x.kind == INFINITE)
        return zero_image(format, 0);
    if (is_power_of_two(&x) && !is_odd(x.exponent))
        return pack(scaled(ONE, -x.exponent / 2), format);
    return pack(reciprocal_root(x), format);
}

/* True if the result is 1 for every value of the operand that is a NaN. */
static int settled_by(enum function function, long long whole)
{
    return (function == POWN || function == COMPOUNDN) && whole == 0;
}

static image value_of(enum function function, enum format format, image first, image second, long long whole)
{
    wide x = unpack(first, format), y = unpack(second, format);
    if (x.kind == NOT_A_NUMBER || y.kind == NOT_A_NUMBER) {
        int signaling = is_signaling(first, format) || is_signaling(second, format);
        int beyond_domain = x.negative && (x.kind == FINITE || x.kind == INFINITE);
        if (settled_by(function, whole) && !signaling)
            return one(format);
        if ((function == ROOTN && whole == 0) || (function == POWR && beyond_domain))
            return invalid(format); /* the result is invalid for every value of the NaN operand */
        if (x.kind == NOT_A_NUMBER && is_signaling(second, format))
            raise_invalid();
        return quieted(x.kind == NOT_A_NUMBER ? first : second, format, format);
    }
    switch (function) {
    case EXP2M1: return exponential(x, 0, format);
    case EXP10M1: return exponential(x, &LOG2_10, format);
    case LOG2P1: return logarithm(x, 0, format);
    case LOG10P1: return logarithm(x, 1, format);
    case SINPI:
    case COSPI:
    case TANPI: return circular(function, x, format);
    case ASINPI: return inverse_sine(x, 0, format);
    case ACOSPI: return inverse_sine(x, 1, format);
    case ATANPI: return inverse_tangent(x, ONE, format);
    case ATAN2PI: return inverse_tangent(x, y, format);
    case POWN: return power_whole(x, whole, format);
    case COMPOUNDN: return compound(x, whole, format);
    case POWR: return power_real(x, y, format);
    case ROOTN: return root_whole(x, whole, format);
    default: return inverse_root(x, format);
    }
}

COMPAT_HIDDEN void symver_pin_elementary(enum function function, enum format format, void *x, const void *y,
                                         long long whole)
{
    image none = {0, 0};
    store(x, format, value_of(function, format, image_of(x, format), y ? image_of(y, format) : none, whole));
}
