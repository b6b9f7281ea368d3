/* Elementary functions of wide numbers: an exact or table-based reduction, then a series. Relative errors are below
   2^-155. Arguments are finite, and nonzero unless a comment says otherwise. */

#ifndef SYMVER_PIN_TRANSCENDENTAL_H
#define SYMVER_PIN_TRANSCENDENTAL_H

#include "wide.h"

WIDE_DATA LN2 = CONSTANT(-1, 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af, 0x40f343267298b62d, 0x8a0d175b8baafa2c);
WIDE_DATA LOG2_E = CONSTANT(0, 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88, 0xeb577aa8dd695a58, 0x8b25166cd1a13248);
WIDE_DATA LOG2_10 = CONSTANT(1, 0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c, 0xd96c55fe37b3ad4e, 0x91b6ac8082e7859d);
WIDE_DATA LOG10_2 = CONSTANT(-2, 0x9a209a84fbcff798, 0x8f8959ac0b7c9178, 0x26ad30c543d1f349, 0x8a5e6f26b7cc63cb);
WIDE_DATA LN10 = CONSTANT(1, 0x935d8dddaaa8ac16, 0xea56d62b82d30a28, 0xe28fecf9da5df90e, 0x83c61e8201f02d73);
WIDE_DATA LOG10_E = CONSTANT(-2, 0xde5bd8a937287195, 0x355baaafad33dc32, 0x3ee3460245c9a202, 0x3a3f2d44f78ea53c);
WIDE_DATA PI = CONSTANT(1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1, 0x29024e088a67cc74, 0x020bbea63b139b22);
WIDE_DATA INVERSE_PI = CONSTANT(-2, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc562);
WIDE_DATA INVERSE_ROOT_PI =
    CONSTANT(-1, 0x906eba8214db688d, 0x71d48a7f6bfec344, 0x1409a0ebac3e7517, 0x39a15830cce620b1);

/* arctan(k/16) for k from 1 on. */
WIDE_DATA ARC_TANGENTS[] = {
    CONSTANT(-5, 0xffaaddb967ef4e36, 0xcb2792dc0e2e0d51, 0x319c12cf59d4b2dc, 0x387a9f803c4b8aed),
    CONSTANT(-4, 0xfeadd4d5617b6e32, 0xc897989f3e888ef7, 0x8b3957d95d9ad922, 0xec93577dfb6c1769),
    CONSTANT(-3, 0xbdcbda5e72d81134, 0x7b0b4f881c9c7487, 0x93ad00d6838a2b2a, 0xf05a6a4f1e7d72d2),
    CONSTANT(-3, 0xfadbafc96406eb15, 0x6dc79ef5f7a217e5, 0xaa7fa90388b3836b, 0x7a3a767c9449a766),
    CONSTANT(-2, 0x9b13b9b83f5e5e69, 0xc5abb498d27af328, 0x08a48f850b2f55ff, 0xf5a5900c1304c7af),
    CONSTANT(-2, 0xb7b0ca0f26f78473, 0x8aa32122dcfe4483, 0x3d843977ae5455cc, 0x4733e5ca334908e0),
    CONSTANT(-2, 0xd327761e611fe5b6, 0x427c95e9001e7136, 0x6e0040dd2161a73c, 0x26677f8f13dd7e28),
    CONSTANT(-2, 0xed63382b0dda7b45, 0x6fe445ecbc3a8d03, 0x6e141587261cdf00, 0xe2cf16e6e962470a),
    CONSTANT(-1, 0x832bf4a6d9867e2a, 0x4b6a09cb61a515c0, 0xf1155cd8774ddfbc, 0x55c6bdcf1e5b65d0),
    CONSTANT(-1, 0x8f005d5ef7f59f9b, 0x5c835e1665c43747, 0x918a67e0652b375c, 0xf53da46d13389eb2),
    CONSTANT(-1, 0x9a2f80e671bdda20, 0x4226f8e2204ff3bc, 0xdae46f0617489d5c, 0x77874d1e753afee4),
    CONSTANT(-1, 0xa4bc7d1934f70924, 0x19a87f2a457dac9e, 0xe3f08689eeb2b9e7, 0x214866658cc4ef3b),
    CONSTANT(-1, 0xaeac4c38b4d8c080, 0x14725e2f3e52070a, 0x03742b4643effe26, 0x04407947c44fdd31),
    CONSTANT(-1, 0xb8053e2bc2319e73, 0xcb2da55210a4443d, 0x3d7aecc114c79a80, 0xa012155f64cae530),
    CONSTANT(-1, 0xc0ce85b8ac526640, 0x89dd62c46e92fa24, 0xd58ee867aef436f6, 0x37081467a10b2d25),
    CONSTANT(-1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1, 0x29024e088a67cc74, 0x020bbea63b139b22),
};

/* log2(k/16) for k from 11 to 22. */
WIDE_DATA BINARY_LOGARITHMS[] = {
    NEGATIVE(-1, 0x8a62b07f3457c407, 0x050799beaaab2940, 0xc18cf448bef176a4, 0x75a862230522a2ea),
    NEGATIVE(-2, 0xd47fcb8c0852f0c0, 0xbfe9dbebf2e8a45d, 0xb61832b8bb4c9f7f, 0x0834df65b40b7c12),
    NEGATIVE(-2, 0x995ff71b8773432d, 0x124bc6f1acf95dc3, 0xc616f85adff31270, 0xd154b69f22fa89fd),
    NEGATIVE(-3, 0xc544c055fde99333, 0x54dbf16fb0695ee3, 0x1ce56adffa3a60d5, 0x10a767898bcf2316),
    NEGATIVE(-4, 0xbeb024b67dda6339, 0xda288fc615a727db, 0xaad60b1bf6bcd429, 0xe9fded86733d3ca7),
    {.kind = ZERO},
    CONSTANT(-4, 0xb31fb7d64898b3e6, 0x629c130a22bad61e, 0x5283e7d58e93fcc2, 0x4922424ff28c6bb8),
    CONSTANT(-3, 0xae00d1cfdeb43cfd, 0x00589050345d6e89, 0x279f351d12cd8203, 0xdf2c82692fd20fb9),
    CONSTANT(-3, 0xfde0b5c81340511d, 0x46ccc53c2779af92, 0x67ab76d6a54835aa, 0xcfb1c475d9097da1),
    CONSTANT(-2, 0xa4d3c25e68dc57f2, 0x495fb7fa6d7eda66, 0xcb62aff1bd9d6a74, 0x8db56404173c2ce8),
    CONSTANT(-2, 0xc8ddd448f8b845a5, 0x95a82b5c34e2ac30, 0xbb7517d747963016, 0x6f776cd5860cf263),
    CONSTANT(-2, 0xeb3a9f01975077f1, 0xf5f0cc82aaa9ad7e, 0x7ce6176e821d12b7, 0x14af3bb9f5baba2c),
};

#define ENOUGH 165 /* the number of bits to which a series is summed */

WIDE_CODE wide divide_small(wide x, uint32_t divisor)
{
    uint64_t rest = 0;
    for (int i = LIMBS - 1; i >= 0; i--) {
#if LIMB_BITS == 64
        uint64_t high = rest << 32 | x.m[i] >> 32, low = (high % divisor) << 32 | (uint32_t)x.m[i];
        x.m[i] = (high / divisor) << 32 | low / divisor;
        rest = low % divisor;
#else
        uint64_t part = rest << 32 | x.m[i];
        x.m[i] = (limb)(part / divisor);
        rest = part % divisor;
#endif
    }
    normalise(&x);
    return x;
}

WIDE_CODE wide quotient_of(wide x, wide y)
{
    return multiply(x, reciprocal(y));
}

WIDE_CODE wide root_of(wide x)
{
    return x.kind == ZERO ? x : multiply(x, reciprocal_root(x));
}

/* True if a term is too small to change a sum. */
WIDE_CODE int negligible(const wide *term, const wide *sum)
{
    return term->kind == ZERO || term->exponent < sum->exponent - ENOUGH;
}

/* The last 62 bits of the nearest whole number. *fraction is the exact difference, from -1/2 to 1/2. */
WIDE_CODE int64_t nearest(wide x, wide *fraction)
{
    wide whole = x;
    whole.negative = 0;
    fraction->kind = ZERO;
    fraction->negative = x.negative;
    if (x.kind == ZERO || x.exponent >= WIDE_BITS - 1)
        return 0;
    whole = x.exponent < -1 ? (wide){.kind = ZERO} : add(whole, scaled(ONE, -1));
    if (whole.kind == ZERO || whole.exponent < 0) {
        *fraction = x;
        return 0;
    }
    whole = cut(whole, (int)whole.exponent + 1);
    wide rest = x;
    rest.negative = 0;
    rest = subtract(rest, whole);
    if (x.negative)
        rest.negative = !rest.negative;
    *fraction = rest;
    shift_right(whole.m, WIDE_BITS - 1 - whole.exponent);
    uint64_t low = whole.m[0];
    if (LIMB_BITS == 32)
        low |= (uint64_t)whole.m[1] << 31 << 1;
    low &= ((uint64_t)1 << 62) - 1;
    return x.negative ? -(int64_t)low : (int64_t)low;
}

WIDE_CODE int is_whole(wide x)
{
    wide fraction;
    nearest(x, &fraction);
    return fraction.kind == ZERO;
}

/* e^x - 1 for |x| below 1/2, including zero. */
WIDE_CODE wide exp_minus_one_small(wide x)
{
    wide sum = x, term = x;
    for (uint32_t k = 2; x.kind != ZERO && !negligible(&term, &sum); k++) {
        term = divide_small(multiply(term, x), k);
        sum = add(sum, term);
    }
    return sum;
}

#define FAR 100000 /* an exponent outside all formats */

/* 2^x, also for zero. A result outside all formats becomes 2^FAR or 2^-FAR, marked as inexact. */
WIDE_CODE wide power_of_two(wide x)
{
    wide fraction;
    if (x.kind != ZERO && x.exponent > 16) {
        wide beyond = scaled(ONE, x.negative ? -FAR : FAR);
        beyond.m[0] |= 1;
        return beyond;
    }
    int64_t whole = nearest(x, &fraction);
    if (fraction.kind == ZERO)
        return scaled(ONE, whole);
    wide power = add(ONE, exp_minus_one_small(scaled(multiply(fraction, LN2), -7)));
    for (int i = 0; i < 7; i++)
        power = multiply(power, power);
    return scaled(power, whole);
}

/* 2^x - 1. The natural logarithm of 2^x is given too, and is used near zero. */
WIDE_CODE wide power_minus_one(wide base_2, wide base_e)
{
    return base_e.exponent < -30 ? exp_minus_one_small(base_e) : subtract(power_of_two(base_2), ONE);
}

/* The natural logarithm of x/y for a ratio near 1, from x - y and x + y: 2 artanh(difference / sum). */
WIDE_CODE wide log_of_ratio(wide difference, wide sum)
{
    wide s = quotient_of(difference, sum), square = multiply(s, s), power = s, series = s, term = s;
    for (uint32_t k = 3; !negligible(&term, &series); k += 2) {
        power = multiply(power, square);
        term = divide_small(power, k);
        series = add(series, term);
    }
    return scaled(series, 1);
}

/* log2(x) for positive x; zero for 1. */
WIDE_CODE wide log_base_two(wide x)
{
    int64_t whole = x.exponent;
    x.exponent = 0;
    if (x.m[LIMBS - 1] >= TOP / 8 * 11) { /* from 11/8 on it is nearer to 2 */
        x.exponent = -1;
        whole++;
    }
    wide sixteenths = scaled(x, 4), difference, result = whole ? whole_number(whole) : (wide){.kind = ZERO};
    int64_t k = nearest(sixteenths, &difference);
    result = add(result, BINARY_LOGARITHMS[k - 11]);
    if (difference.kind == ZERO)
        return result;
    return add(result, multiply(log_of_ratio(difference, add(sixteenths, whole_number(k))), LOG2_E));
}

/* log2(1 + x), x above -1. */
WIDE_CODE wide log_base_two_of_one_plus(wide x)
{
    if (x.exponent < -4)
        return multiply(log_of_ratio(x, add(x, scaled(ONE, 1))), LOG2_E);
    return log_base_two(add(ONE, x));
}

/* Sine and cosine of an angle of at most pi/4. */
WIDE_CODE wide alternating_series(wide x, wide term, uint32_t k)
{
    wide square = multiply(x, x), sum = term;
    for (; x.kind != ZERO && !negligible(&term, &sum); k += 2) {
        term = negated(divide_small(multiply(term, square), k * (k + 1)));
        sum = add(sum, term);
    }
    return sum;
}

WIDE_CODE wide sine_small(wide x)
{
    return alternating_series(x, x, 2);
}

WIDE_CODE wide cosine_small(wide x)
{
    return alternating_series(x, ONE, 1);
}

/* Sine of an angle, given as quarter turns and a remainder in radians. The cosine is the sine with one more quarter
   turn. */
WIDE_CODE wide sine_of_turns(int64_t quarters, wide rest)
{
    wide sine = quarters & 1 ? cosine_small(rest) : sine_small(rest);
    return quarters & 2 ? negated(sine) : sine;
}

/* The angle of the point (x, y) in units of pi, from -1 to 1. Coordinates are finite and not both zero. */
WIDE_CODE wide angle(wide y, wide x)
{
    int negative = y.negative, left = x.negative;
    y.negative = x.negative = 0;
    wide result;
    if (y.kind == ZERO || x.kind == ZERO) {
        result = y;
        if (x.kind == ZERO)
            result = scaled(ONE, -1);
    } else if (compare_magnitudes(&x, &y) == 0)
        result = scaled(ONE, -2);
    else {
        int steep = compare_magnitudes(&y, &x) > 0;
        wide small = steep ? x : y, large = steep ? y : x, ratio = quotient_of(small, large), rest;
        int64_t k = nearest(scaled(ratio, 4), &rest);
        result = k ? ARC_TANGENTS[k - 1] : (wide){.kind = ZERO};
        if (k) {
            wide tangent = scaled(whole_number(k), -4);
            ratio = quotient_of(subtract(small, multiply(tangent, large)), add(large, multiply(tangent, small)));
        }
        wide square = multiply(ratio, ratio), power = ratio, sum = ratio, term = ratio;
        for (uint32_t j = 3; ratio.kind != ZERO && !negligible(&term, &sum); j += 2) {
            power = negated(multiply(power, square));
            term = divide_small(power, j);
            sum = add(sum, term);
        }
        result = multiply(add(result, sum), INVERSE_PI);
        if (steep)
            result = subtract(scaled(ONE, -1), result);
    }
    if (left)
        result = subtract(ONE, result);
    result.negative = negative;
    return result;
}

/* The nearest number of 114 bits: the exact result, if that has so few bits. */
WIDE_CODE wide snapped(wide x)
{
    wide half = scaled(ONE, x.exponent - 114);
    half.negative = x.negative;
    return cut(add(x, half), 114);
}

#endif
