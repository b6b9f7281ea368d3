/* The engine of functions on the representation of numbers: NaN payloads, total order, canonical forms (ISO C23,
   F.10). */

#include "wide.h"

/* The x87 format has bit patterns that represent no value: those whose explicit leading bit contradicts the exponent
   field. */
static int is_canonical(image bits, enum format format)
{
    return format != EXTENDED || !(bits.low >> 63) == !(bits.high & 0x7fff);
}

/* Remove the sign bit and store it in *negative. The remaining bits order magnitudes, then infinities, then NaNs. */
static image magnitude(image bits, enum format format, int *negative)
{
    int top = PRECISION(format) - 1 + (format == EXTENDED) + TRAITS[format].exponent_bits;
    uint64_t *word = top >= 64 ? &bits.high : &bits.low, mask = (uint64_t)1 << top % 64;
    *negative = (*word & mask) != 0;
    *word &= ~mask;
#if !QUIET_BIT
    if (unpack(bits, format).kind == NOT_A_NUMBER) { /* quiet NaNs, which order above the others, have a 0 there */
        int quiet = PRECISION(format) - 2;
        *(quiet >= 64 ? &bits.high : &bits.low) ^= (uint64_t)1 << quiet % 64;
    }
#endif
    return bits;
}

static int at_most(image x, image y)
{
    return x.high < y.high || (x.high == y.high && x.low <= y.low);
}

static int in_total_order(image x, image y, enum format format, int by_magnitude)
{
    int left, right;
    x = magnitude(x, format, &left);
    y = magnitude(y, format, &right);
    if (by_magnitude)
        left = right = 0;
    if (left != right)
        return left;
    return left ? at_most(y, x) : at_most(x, y);
}

/* The fraction of a NaN without its quiet bit, as a number; -1 for other values. */
static image payload(image bits, enum format format)
{
    int width = PRECISION(format) - 2;
    if (unpack(bits, format).kind != NOT_A_NUMBER || !is_canonical(bits, format))
        return pack(negated(ONE), format);
    uint64_t high = width >= 64 ? bits.high & (((uint64_t)1 << (width - 64)) - 1) : 0;
    uint64_t low = width >= 64 ? bits.low : bits.low & (((uint64_t)1 << width) - 1);
    wide value = {FINITE, 0, WIDE_BITS - 1, WORDS(0ull, 0ull, high, low)};
    normalise(&value);
    return pack(value, format);
}

/* Make the quiet or signaling NaN with a payload. Returns 0 if there is a NaN with that payload, else 1. */
static int with_payload(image number, enum format format, int signaling, image *result)
{
    wide value = unpack(number, format);
    int width = PRECISION(format) - 2;
    *result = zero_image(format, 0);
    if (value.negative || (value.kind == ZERO ? signaling : value.kind != FINITE))
        return 1;
    if (value.kind == FINITE && (value.exponent < 0 || value.exponent >= width))
        return 1;
    uint64_t high = 0, low = 0;
    if (value.kind == FINITE) {
        wide integer = cut(value, (int)value.exponent + 1);
        if (compare_magnitudes(&integer, &value) != 0)
            return 1;
        shift_right(integer.m, WIDE_BITS - 1 - value.exponent);
        low = integer.m[0];
        if (LIMB_BITS == 64)
            high = integer.m[1];
        else {
            low |= (uint64_t)integer.m[1] << 31 << 1;
            high = integer.m[2] | (uint64_t)integer.m[3] << 31 << 1;
        }
    }
    if (signaling != QUIET_BIT)
        *(width >= 64 ? &high : &low) |= (uint64_t)1 << width % 64;
    if (format == EXTENDED)
        low |= (uint64_t)1 << 63;
    *result = assemble(format, 0, (1U << TRAITS[format].exponent_bits) - 1, high, low);
    return 0;
}

COMPAT_HIDDEN int symver_pin_representation(enum question question, enum format format, const void *x, const void *y,
                                            void *result)
{
    image first = image_of(x, format), second = y ? image_of(y, format) : first, made;
    int failed;
    switch (question) {
    case TOTAL_ORDER: return in_total_order(first, second, format, 0);
    case TOTAL_ORDER_MAG: return in_total_order(first, second, format, 1);
    case IS_SIGNALING: return is_signaling(first, format);
    case IS_CANONICAL: return is_canonical(first, format);
    case CANONICALIZE:
        if (!is_canonical(first, format))
            return 1;
        store(result, format, is_signaling(first, format) ? quieted(first, format, format) : first);
        return 0;
    case GET_PAYLOAD: store(result, format, payload(first, format)); return 0;
    case SET_PAYLOAD:
    case SET_PAYLOAD_SIGNALING:
        failed = with_payload(first, format, question == SET_PAYLOAD_SIGNALING, &made);
        store(result, format, made);
        return failed;
    default: { /* EQUAL_OR_INVALID */
        wide left = unpack(first, format), right = unpack(second, format);
        if (left.kind == NOT_A_NUMBER || right.kind == NOT_A_NUMBER) {
            raise_invalid();
            errno = EDOM;
            return 0;
        }
        if (left.kind != FINITE || right.kind != FINITE)
            return left.kind == right.kind && (left.kind == ZERO || left.negative == right.negative);
        return left.negative == right.negative && compare_magnitudes(&left, &right) == 0;
    }
    }
}
