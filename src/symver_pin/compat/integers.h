/* The engine of fromfp and its variants: rounding to an integer of a given width, in a given direction (ISO C23,
   7.12.9.10). */

#include "wide.h"

/* x rounded to an integer in one of C's five directions (FP_INT_UPWARD and so on, in the same order). *inexact is 1 if
   x was not an integer. */
static wide to_integer(wide x, int direction, int *inexact)
{
    enum { UPWARD, DOWNWARD, TOWARD_ZERO, FROM_ZERO, TO_EVEN };
    wide whole = x.exponent < 0 ? (wide){.kind = ZERO} : x.exponent < WIDE_BITS - 1 ? cut(x, (int)x.exponent + 1) : x;
    wide rest = subtract(x, whole);
    whole.negative = x.negative;
    *inexact = rest.kind != ZERO;
    int away = 0, half = rest.kind == ZERO ? -1 : rest.exponent < -1 ? -1 : is_power_of_two(&rest) ? 0 : 1;
    int64_t units = WIDE_BITS - 1 - whole.exponent; /* the position of the last bit before the binary point */
    int odd = whole.kind == FINITE && units >= 0 && ((whole.m[units / LIMB_BITS] >> units % LIMB_BITS) & 1);
    switch (direction) {
    case UPWARD: away = *inexact && !x.negative; break;
    case DOWNWARD: away = *inexact && x.negative; break;
    case TOWARD_ZERO: break;
    case FROM_ZERO: away = half >= 0; break;
    default: away = half > 0 || (half == 0 && odd);
    }
    if (!away)
        return whole;
    wide one = ONE;
    one.negative = x.negative;
    return whole.kind == ZERO ? one : add(whole, one);
}

/* True if x, rounded to an integer, fits into an integer of the given width. *whole gets the integer. */
static int fits(image bits, enum format format, int direction, unsigned width, int is_unsigned, int *inexact,
                wide *whole)
{
    wide x = unpack(bits, format);
    *inexact = 0;
    *whole = x;
    if (x.kind == INFINITE || x.kind == NOT_A_NUMBER || width == 0)
        return 0;
    if (x.kind == FINITE)
        *whole = to_integer(x, direction, inexact);
    if (whole->kind == ZERO)
        return 1;
    if (is_unsigned)
        return !whole->negative && whole->exponent < (int64_t)width;
    return whole->exponent < (int64_t)width - 1
           || (whole->negative && whole->exponent == (int64_t)width - 1 && is_power_of_two(whole));
}

/* The result of the functions of TS 18661 for a value that does not fit: the nearest end of the range. */
static unsigned long long end_of_range(image bits, enum format format, unsigned width, int is_unsigned)
{
    wide x = unpack(bits, format);
    unsigned long long top = width ? 1ULL << (width - 1) : 0;
    if (width == 0 || (is_unsigned && x.negative))
        return 0;
    if (is_unsigned)
        return top | (top - 1);
    return x.negative ? -top : top - 1;
}

COMPAT_HIDDEN unsigned long long symver_pin_to_integer(enum format format, void *x, int direction, unsigned width,
                                                       int manner)
{
    image bits = image_of(x, format);
    int inexact, is_unsigned = (manner & UNSIGNED_INTEGER) != 0;
    wide whole;
    if (width > 64 && (manner & GIVES_INTEGER))
        width = 64;
    int fitting = fits(bits, format, direction, width, is_unsigned, &inexact, &whole);
    if (!fitting) {
        raise_invalid();
        errno = EDOM;
    } else if (inexact && (manner & RAISES_INEXACT))
        raise_inexact();
    if (!(manner & GIVES_INTEGER)) {
        store(x, format, !fitting ? nan_image(format, INVALID_NEGATIVE) : pack(whole, format));
        return 0;
    }
    if (!fitting)
        return end_of_range(bits, format, width, is_unsigned);
    if (whole.kind == ZERO)
        return 0;
    shift_right(whole.m, WIDE_BITS - 1 - whole.exponent);
    unsigned long long magnitude = whole.m[0];
    if (LIMB_BITS == 32)
        magnitude |= (unsigned long long)whole.m[1] << 31 << 1;
    return whole.negative ? -magnitude : magnitude;
}
