/* The engine of arithmetic that rounds once: it takes numbers of one format and returns the result in the same or
   another format.

   Source: ISO C23, F.3 and 7.12.14. errno is set as by libm's functions: EDOM for an invalid operation on numbers;
   ERANGE for a pole, an infinite result of finite operands, and a result that underflows to zero. */

#include "wide.h"

/* The sign of the sum of two numbers that cancel exactly, or of two zeros. */
static int zero_sign(int first, int second)
{
#ifdef FE_DOWNWARD
    return first == second ? first : plain_fegetround() == FE_DOWNWARD;
#else
    return first & second;
#endif
}

static image sum(wide x, wide y, enum format to)
{
    if (x.kind == INFINITE || y.kind == INFINITE) {
        if (x.kind == y.kind && x.negative != y.negative)
            return invalid(to);
        return infinite_image(to, x.kind == INFINITE ? x.negative : y.negative);
    }
    int sign = zero_sign(x.negative, y.negative);
    wide z = add(x, y);
    return z.kind == ZERO ? zero_image(to, sign) : pack(z, to);
}

static image product(wide x, wide y, enum format to)
{
    int negative = x.negative ^ y.negative;
    if (x.kind == INFINITE || y.kind == INFINITE)
        return x.kind == ZERO || y.kind == ZERO ? invalid(to) : infinite_image(to, negative);
    if (x.kind == ZERO || y.kind == ZERO)
        return zero_image(to, negative);
    return pack(multiply(x, y), to);
}

static image quotient(wide x, wide y, enum format to)
{
    int negative = x.negative ^ y.negative;
    if (x.kind == y.kind && x.kind != FINITE)
        return invalid(to);
    if (x.kind == INFINITE)
        return infinite_image(to, negative);
    if (y.kind == ZERO)
        return pole(to, negative);
    if (x.kind == ZERO || y.kind == INFINITE)
        return zero_image(to, negative);
    return pack(divide(x, y), to);
}

static image root(wide x, enum format to)
{
    if (x.kind == ZERO)
        return zero_image(to, x.negative);
    if (x.negative)
        return invalid(to);
    return x.kind == INFINITE ? infinite_image(to, 0) : pack(square_root(x), to);
}

static image product_sum(wide x, wide y, wide z, enum format to)
{
    wide xy = {FINITE, x.negative ^ y.negative, 0, {0}};
    if (x.kind == INFINITE || y.kind == INFINITE) {
        if (x.kind == ZERO || y.kind == ZERO)
            return invalid(to);
        xy.kind = INFINITE;
    } else
        xy = multiply(x, y); /* exact: at most 226 bits */
    return sum(xy, z, to);
}

static image outcome(enum operation operation, enum format from, enum format to, const image *operands, int count)
{
    wide values[3];
    int none = -1;
    for (int i = 0; i < count; i++) {
        values[i] = unpack(operands[i], from);
        if (values[i].kind == NOT_A_NUMBER && none < 0)
            none = i;
        else if (is_signaling(operands[i], from))
            raise_invalid();
    }
    if (none >= 0)
        return quieted(operands[none], from, to);
    switch (operation) {
    case ADD: return sum(values[0], values[1], to);
    case SUBTRACT: return sum(values[0], negated(values[1]), to);
    case MULTIPLY: return product(values[0], values[1], to);
    case DIVIDE: return quotient(values[0], values[1], to);
    case SQUARE_ROOT: return root(values[0], to);
    default: return product_sum(values[0], values[1], values[2], to);
    }
}

COMPAT_HIDDEN void symver_pin_arithmetic(enum operation operation, enum format to, void *result, enum format from,
                                         const void *x, const void *y, const void *z)
{
    const void *places[] = {x, y, z};
    image operands[3];
    int count = 0, before = errno;
    for (; count < 3 && places[count]; count++)
        operands[count] = image_of(places[count], from);
    store(result, to, outcome(operation, from, to, operands, count));
    if (operation == MULTIPLY_ADD)
        errno = before; /* libm sets no errno for fma */
}
