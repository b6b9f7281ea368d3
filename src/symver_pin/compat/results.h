/* Code that the engines of elementary functions share, apart from series: powers and roots, which also round correctly
   if the result is exact. */

#ifndef SYMVER_PIN_RESULTS_H
#define SYMVER_PIN_RESULTS_H

#include "transcendental.h"

WIDE_CODE image one(enum format format)
{
    return pack(ONE, format);
}

WIDE_CODE int is_odd(long long whole)
{
    return (int)(whole & 1);
}

/* sqrt(1 - x^2): the other leg of a right triangle with hypotenuse 1. */
WIDE_CODE wide other_leg(wide x)
{
    return root_of(multiply(subtract(ONE, x), add(ONE, x)));
}

/* The largest exponent for which a power is computed by multiplication. Beyond it only powers of two are exact. */
#define MULTIPLIED 128

/* base^n for a positive base; `logarithm` is its log2. */
WIDE_CODE wide whole_power(wide base, wide logarithm, long long n)
{
    if (is_power_of_two(&base))
        return base.exponent && n ? power_of_two(multiply(whole_number(base.exponent), whole_number(n))) : ONE;
    if (n > MULTIPLIED || n < -MULTIPLIED)
        return power_of_two(multiply(logarithm, whole_number(n)));
    wide power = ONE;
    for (long long rest = n < 0 ? -n : n; rest; rest >>= 1) {
        if (rest & 1)
            power = multiply(power, base);
        base = multiply(base, base);
    }
    return n < 0 ? reciprocal(power) : power;
}

WIDE_CODE int equal(wide x, wide y)
{
    return compare_magnitudes(&x, &y) == 0;
}

/* x^y for positive x; `logarithm` is its log2. An exact result is computed exactly. */
WIDE_CODE wide positive_power(wide x, wide logarithm, wide y)
{
    /* The result is exact only if y is a whole number, or if x is a square and 2y is a whole number, and so on. */
    wide root = x, exponent = y;
    for (int halvings = 0; halvings < 8 && !is_whole(exponent) && !(root.m[0] & 1); halvings++) {
        root = square_root(root);
        exponent = scaled(exponent, 1);
    }
    if (is_whole(exponent) && !(root.m[0] & 1) && exponent.exponent < 8) {
        wide none;
        return whole_power(root, log_base_two(root), nearest(exponent, &none));
    }
    return power_of_two(multiply(y, logarithm));
}

/* The n-th root of a positive number. An exact result is computed exactly. */
WIDE_CODE wide positive_root(wide x, long long n)
{
    if (is_power_of_two(&x) && x.exponent % n == 0)
        return scaled(ONE, x.exponent / n);
    wide root = power_of_two(quotient_of(log_base_two(x), whole_number(n))), near = snapped(root);
    return n > 0 && n <= MULTIPLIED && equal(whole_power(near, near, n), x) ? near : root;
}

#endif
