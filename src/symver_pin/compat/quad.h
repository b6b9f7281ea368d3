/* The engine of binary128's elementary functions for x86, where long double is shorter and libm has these functions
   from 2.26 on.

   The error of a result is at most 0.501 ulp in round-to-nearest. Special values and errno are those of ISO C and
   libm. */

#include "results.h"
#include "two_over_pi.h"

#define FORMAT BINARY128

static image number(wide x)
{
    return pack(x, FORMAT);
}

/* Reduce an angle: multiply it by 2/pi. Of the product only the last two bits before the binary point and the bits
   after it matter, so the bits of 2/pi that give multiples of four are left out. Returns quarter turns; *rest is the
   remainder in radians. */
static int64_t reduce(wide x, wide *rest)
{
    enum { WINDOW = 14, FACTOR = 4, PRODUCT = WINDOW + FACTOR }; /* in 32-bit words */
    uint32_t window[WINDOW], factor[FACTOR], product[PRODUCT] = {0};
    int64_t unit = x.exponent - 127, first = unit > 2 ? unit - 2 : 0; /* x is factor * 2^unit; first used bit of 2/pi */
    int64_t point = WINDOW * 32 + first - unit;                         /* bits of the product after the point */
    for (int i = 0; i < WINDOW; i++) { /* least significant word first */
        int64_t bit = first + (WINDOW - 1 - i) * 32;
        uint64_t word = TWO_OVER_PI[bit / 64], next = TWO_OVER_PI[bit / 64 + 1];
        window[i] = (uint32_t)((bit % 64 ? word << bit % 64 | next >> (64 - bit % 64) : word) >> 32);
    }
    for (int i = 0; i < FACTOR; i++)
        factor[i] = (uint32_t)(x.m[(WIDE_BITS / 2 + 32 * i) / LIMB_BITS] >> 32 * i % LIMB_BITS);
    for (int i = 0; i < FACTOR; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < WINDOW; j++) {
            carry += product[i + j] + (uint64_t)factor[i] * window[j];
            product[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + WINDOW] = (uint32_t)carry;
    }
    int64_t quarters = 0;
    for (int64_t bit = PRODUCT * 32 - 1; bit >= point; bit--)
        quarters = (quarters << 1 | (product[bit / 32] >> bit % 32 & 1)) & 3;
    int negative = product[(point - 1) / 32] >> (point - 1) % 32 & 1;
    wide fraction = {FINITE, negative, WIDE_BITS - 1 - WIDE_BITS, {0}};
    /* Take 256 bits, from the first bit that matters. A fraction above one half is replaced by its distance from one,
       less a negligible bit. */
    int64_t top = point - 1;
    while (top > 0 && (product[top / 32] >> top % 32 & 1) == (uint32_t)negative)
        top--;
    for (int i = 0; i < WIDE_BITS && top - i >= 0; i++)
        if ((product[(top - i) / 32] >> (top - i) % 32 & 1) != (uint32_t)negative)
            fraction.m[(WIDE_BITS - 1 - i) / LIMB_BITS] |= (limb)1 << (WIDE_BITS - 1 - i) % LIMB_BITS;
    fraction.exponent = top - point;
    normalise(&fraction);
    quarters += negative;
    if (x.negative) {
        quarters = -quarters;
        fraction.negative = !fraction.negative;
    }
    *rest = scaled(multiply(fraction, PI), -1);
    return quarters & 3;
}

static image quad_circular(enum quad_function function, wide x)
{
    wide rest = x;
    if (x.kind == INFINITE)
        return invalid(FORMAT);
    int64_t quarters = x.kind == FINITE && x.exponent >= -1 ? reduce(x, &rest) : 0;
    if (x.kind == ZERO)
        return function == COS ? number(ONE) : zero_image(FORMAT, x.negative);
    if (function == TAN)
        return number(quotient_of(sine_of_turns(quarters, rest), sine_of_turns(quarters + 1, rest)));
    return number(sine_of_turns(quarters + (function == COS), rest));
}

static image quad_exponential(enum quad_function function, wide x)
{
    int less_one = function == EXPM1;
    if (x.kind == INFINITE && x.negative)
        return less_one ? number(negated(ONE)) : zero_image(FORMAT, 0);
    if (x.kind == INFINITE || (x.kind == ZERO && less_one))
        return x.kind == ZERO ? zero_image(FORMAT, x.negative) : infinite_image(FORMAT, 0);
    if (less_one)
        return number(power_minus_one(multiply(x, LOG2_E), x));
    if (function == EXP2)
        return number(power_of_two(x));
    if (function == EXP)
        return number(power_of_two(multiply(x, LOG2_E)));
    return number(positive_power(whole_number(10), LOG2_10, x));
}

static image quad_logarithm(enum quad_function function, wide x)
{
    int one_plus = function == LOG1P;
    if (x.kind == ZERO)
        return one_plus ? zero_image(FORMAT, x.negative) : pole(FORMAT, 1);
    if (one_plus && x.negative && x.kind == FINITE && equal(x, ONE))
        return pole(FORMAT, 1);
    if (x.negative && (!one_plus || x.kind == INFINITE || compare_magnitudes(&x, &ONE) > 0))
        return invalid(FORMAT);
    if (x.kind == INFINITE)
        return infinite_image(FORMAT, 0);
    wide result = one_plus ? log_base_two_of_one_plus(x) : log_base_two(x), ten = whole_number(10);
    if (result.kind == ZERO)
        return zero_image(FORMAT, 0);
    if (function == LOG || one_plus)
        result = multiply(result, LN2);
    if (function == LOG10) {
        wide fraction;
        result = multiply(result, LOG10_2);
        int64_t count = nearest(result, &fraction);
        if (count > 0 && count < 64 && equal(whole_power(ten, LOG2_10, count), x))
            result = whole_number(count);
    }
    return number(result);
}

static image inverse_circular(enum quad_function function, wide x)
{
    if (x.kind == INFINITE || (x.kind == FINITE && compare_magnitudes(&x, &ONE) > 0))
        return invalid(FORMAT);
    wide leg = other_leg(x), turns = function == ACOS ? angle(leg, x) : angle(x, leg);
    return turns.kind == ZERO ? zero_image(FORMAT, function == ASIN && x.negative) : number(multiply(turns, PI));
}

static image quad_inverse_tangent(wide y, wide x)
{
    if (y.kind == INFINITE || x.kind == INFINITE) { /* replaced by a point with the coordinates 0 and 1 */
        int in_y = y.kind == INFINITE, in_x = x.kind == INFINITE;
        y = (wide){in_y ? FINITE : ZERO, y.negative, 0, {0}};
        x = (wide){in_x ? FINITE : ZERO, x.negative, 0, {0}};
        y.m[LIMBS - 1] = x.m[LIMBS - 1] = TOP;
    }
    if (y.kind == ZERO && !x.negative)
        return zero_image(FORMAT, y.negative);
    if (y.kind == ZERO)
        return number(y.negative ? negated(PI) : PI);
    return number(multiply(angle(y, x), PI));
}

/* e^x - 1 for positive x. */
static wide growth(wide x)
{
    return power_minus_one(multiply(x, LOG2_E), x);
}

static image hyperbolic(enum quad_function function, wide x)
{
    int negative = x.negative;
    if (x.kind == ZERO)
        return function == COSH ? number(ONE) : zero_image(FORMAT, negative);
    if (x.kind == INFINITE && function == TANH)
        return number(negative ? negated(ONE) : ONE);
    if (x.kind == INFINITE)
        return infinite_image(FORMAT, function == SINH && negative);
    x.negative = 0;
    wide result;
    if (function == COSH) {
        wide power = power_of_two(multiply(x, LOG2_E));
        return number(scaled(add(power, reciprocal(power)), -1));
    }
    if (function == SINH) {
        wide power = growth(x);
        result = scaled(add(power, quotient_of(power, add(ONE, power))), -1);
    } else if (x.exponent > 8)
        result = subtract(ONE, scaled(ONE, -WIDE_BITS));
    else {
        wide power = growth(scaled(x, 1));
        result = quotient_of(power, add(power, scaled(ONE, 1)));
    }
    result.negative = negative;
    return number(result);
}

/* ln(1 + x). */
static wide log_of_one_plus(wide x)
{
    return multiply(log_base_two_of_one_plus(x), LN2);
}

static image inverse_hyperbolic(enum quad_function function, wide x)
{
    int negative = x.negative, to_one = x.kind == FINITE ? compare_magnitudes(&x, &ONE) : x.kind == INFINITE ? 1 : -1;
    if (function == ACOSH) {
        if (to_one < 0 || negative)
            return invalid(FORMAT);
        if (to_one == 0)
            return zero_image(FORMAT, 0);
    } else if (x.kind == ZERO)
        return zero_image(FORMAT, negative);
    if (function == ATANH && to_one >= 0)
        return to_one ? invalid(FORMAT) : pole(FORMAT, negative);
    if (x.kind == INFINITE)
        return infinite_image(FORMAT, negative);
    x.negative = 0;
    wide result;
    if (function == ACOSH) {
        wide beyond = subtract(x, ONE);
        result = log_of_one_plus(add(beyond, root_of(multiply(beyond, add(x, ONE)))));
    } else if (function == ASINH) {
        wide square = multiply(x, x);
        result = log_of_one_plus(add(x, quotient_of(square, add(ONE, root_of(add(ONE, square))))));
    } else
        result = scaled(log_of_one_plus(quotient_of(scaled(x, 1), subtract(ONE, x))), -1);
    result.negative = negative;
    return number(result);
}

static image cube_root(wide x)
{
    if (x.kind != FINITE)
        return x.kind == ZERO ? zero_image(FORMAT, x.negative) : infinite_image(FORMAT, x.negative);
    int negative = x.negative;
    x.negative = 0;
    wide root = positive_root(x, 3);
    root.negative = negative;
    return number(root);
}

static image hypotenuse(wide x, wide y)
{
    if (x.kind == INFINITE || y.kind == INFINITE)
        return infinite_image(FORMAT, 0);
    wide sum = add(multiply(x, x), multiply(y, y));
    if (sum.kind == ZERO)
        return zero_image(FORMAT, 0);
    sum.negative = 0;
    wide root = root_of(sum), near = snapped(root);
    return number(equal(multiply(near, near), sum) ? near : root);
}

/* True if x is an odd whole number. Large numbers are even. */
static int is_odd_whole(wide x)
{
    wide none;
    return x.kind == FINITE && is_whole(x) && (nearest(x, &none) & 1);
}

static image power(wide x, wide y)
{
    int odd = is_odd_whole(y), negative = x.negative && odd;
    if (x.kind == FINITE && x.negative && y.kind == FINITE && !is_whole(y))
        return invalid(FORMAT);
    if (y.kind == ZERO || (x.kind == FINITE && equal(x, ONE) && (!x.negative || y.kind == INFINITE)))
        return number(ONE);
    if (x.kind == ZERO && y.negative)
        return y.kind == INFINITE ? infinite_image(FORMAT, 0) : pole(FORMAT, negative);
    if (x.kind == ZERO)
        return zero_image(FORMAT, negative);
    if (x.kind == INFINITE)
        return y.negative ? zero_image(FORMAT, negative) : infinite_image(FORMAT, negative);
    x.negative = 0;
    wide logarithm = log_base_two(x);
    if (y.kind == INFINITE)
        return logarithm.negative == y.negative ? infinite_image(FORMAT, 0) : zero_image(FORMAT, 0);
    wide result = logarithm.kind == ZERO ? ONE : positive_power(x, logarithm, y);
    result.negative = negative;
    return number(result);
}

/* erf(x) for positive x: 2x/sqrt(pi) e^(-x^2) (1 + 2x^2/3 + (2x^2)^2/15 + ...), whose terms are all positive. */
static wide error_function(wide x)
{
    wide square = multiply(x, x), sum = ONE, term = ONE;
    for (uint32_t k = 3; !negligible(&term, &sum); k += 2) {
        term = divide_small(multiply(term, scaled(square, 1)), k);
        sum = add(sum, term);
    }
    wide decay = power_of_two(negated(multiply(square, LOG2_E)));
    return multiply(multiply(scaled(multiply(x, INVERSE_ROOT_PI), 1), decay), sum);
}

/* 1 - erf(x) for x from 4 on: e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))). */
static wide error_tail(wide x)
{
    wide denominator = x;
    for (int k = 160; k > 0; k--)
        denominator = add(x, scaled(quotient_of(whole_number(k), denominator), -1));
    wide decay = power_of_two(negated(multiply(multiply(x, x), LOG2_E)));
    return quotient_of(multiply(decay, INVERSE_ROOT_PI), denominator);
}

static image error_integral(int complementary, wide x)
{
    int negative = x.negative;
    wide four = whole_number(4), result;
    if (x.kind == INFINITE && !complementary)
        return number(negative ? negated(ONE) : ONE);
    if (x.kind == INFINITE)
        return negative ? number(scaled(ONE, 1)) : zero_image(FORMAT, 0);
    if (x.kind == ZERO)
        return complementary ? number(ONE) : zero_image(FORMAT, negative);
    x.negative = 0;
    if (x.exponent > 8) /* the tail is too small for all formats */
        result = scaled(ONE, -FAR);
    else
        result = compare_magnitudes(&x, &four) >= 0 ? error_tail(x) : error_function(x);
    if (compare_magnitudes(&x, &four) < 0) { /* the result is erf(x) */
        if (!complementary)
            result.negative = negative;
        else
            result = subtract(ONE, (result.negative = negative, result));
        return number(result);
    }
    if (complementary && !negative)
        return number(result);
    result = subtract(complementary ? scaled(ONE, 1) : ONE, result);
    result.negative = negative && !complementary;
    return number(result);
}

static image quad_value_of(enum quad_function function, wide x, wide y)
{
    switch (function) {
    case EXP:
    case EXP2:
    case EXP10:
    case EXPM1: return quad_exponential(function, x);
    case LOG:
    case LOG2:
    case LOG10:
    case LOG1P: return quad_logarithm(function, x);
    case SIN:
    case COS:
    case TAN: return quad_circular(function, x);
    case ASIN:
    case ACOS: return inverse_circular(function, x);
    case ATAN: return quad_inverse_tangent(x, ONE);
    case ATAN2: return quad_inverse_tangent(x, y);
    case SINH:
    case COSH:
    case TANH: return hyperbolic(function, x);
    case ASINH:
    case ACOSH:
    case ATANH: return inverse_hyperbolic(function, x);
    case CBRT: return cube_root(x);
    case HYPOT: return hypotenuse(x, y);
    case POW: return power(x, y);
    default: return error_integral(function == ERFC, x);
    }
}

COMPAT_HIDDEN void symver_pin_quad(enum quad_function function, void *first, const void *second)
{
    image bits = image_of(first, FORMAT), other = second ? image_of(second, FORMAT) : bits;
    wide x = unpack(bits, FORMAT), y = unpack(other, FORMAT);
    int signaling = is_signaling(bits, FORMAT) || is_signaling(other, FORMAT);
    image result;
    if (x.kind != NOT_A_NUMBER && y.kind != NOT_A_NUMBER)
        result = quad_value_of(function, x, y);
    else if (signaling) {
        raise_invalid();
        result = quieted(x.kind == NOT_A_NUMBER ? bits : other, FORMAT, FORMAT);
    } else if (function == POW && (y.kind == ZERO || (x.kind == FINITE && !x.negative && equal(x, ONE))))
        result = number(ONE);
    else if (function == HYPOT && (x.kind == INFINITE || y.kind == INFINITE))
        result = infinite_image(FORMAT, 0);
    else
        result = x.kind == NOT_A_NUMBER ? bits : other;
    store(first, FORMAT, result);
}
