/* Numbers with 256 significant bits and a wide exponent, with which the engines compute, and their rounding to a
   format.

   A finite number is m * 2^(exponent - 255), where m is a 256-bit integer whose top bit is set. Sums, products,
   quotients and roots that do not fit are truncated, and their last bit is set: "round to odd". Rounding such a number
   to at most 254 bits gives the same result as rounding the exact value, in each rounding mode. */

#ifndef SYMVER_PIN_WIDE_H
#define SYMVER_PIN_WIDE_H

#include <errno.h>
#include <fenv.h>

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "engines.h"

#ifdef __SIZEOF_INT128__
typedef uint64_t limb;
typedef unsigned __int128 double_limb;
#define LIMB_BITS 64
#else
typedef uint32_t limb;
typedef uint64_t double_limb;
#define LIMB_BITS 32
#endif
#define WIDE_BITS 256
#define LIMBS (WIDE_BITS / LIMB_BITS)
#define TOP ((limb)1 << (LIMB_BITS - 1))

/* The engines share this code. Not every engine uses all of it, and no function gains from being inlined. */
#define WIDE_CODE static __attribute__((noinline, unused))
#define WIDE_DATA static const __attribute__((unused)) wide

enum kind { ZERO, FINITE, INFINITE, NOT_A_NUMBER };

typedef struct {
    enum kind kind;
    int negative;
    int64_t exponent;
    limb m[LIMBS]; /* least significant first */
} wide;

typedef struct {
    uint64_t high, low;
} image;

#define BIG_ENDIAN_WORDS (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The bits of a value in memory, as a right-aligned 128-bit number. */
WIDE_CODE image image_of(const void *value, enum format format)
{
    image bits = {0, 0};
    uint32_t word;
    uint16_t top;
    switch (format) {
    case BINARY32:
        memcpy(&word, value, sizeof word);
        bits.low = word;
        break;
    case BINARY64: memcpy(&bits.low, value, sizeof bits.low); break;
    case EXTENDED:
        memcpy(&bits.low, value, sizeof bits.low);
        memcpy(&top, (const char *)value + sizeof bits.low, sizeof top);
        bits.high = top;
        break;
    default:
        memcpy(&bits.low, (const char *)value + (BIG_ENDIAN_WORDS ? 8 : 0), sizeof bits.low);
        memcpy(&bits.high, (const char *)value + (BIG_ENDIAN_WORDS ? 0 : 8), sizeof bits.high);
    }
    return bits;
}

WIDE_CODE void store(void *value, enum format format, image bits)
{
    uint32_t word = (uint32_t)bits.low;
    uint16_t top = (uint16_t)bits.high;
    switch (format) {
    case BINARY32: memcpy(value, &word, sizeof word); break;
    case BINARY64: memcpy(value, &bits.low, sizeof bits.low); break;
    case EXTENDED:
        memcpy(value, &bits.low, sizeof bits.low);
        memcpy((char *)value + sizeof bits.low, &top, sizeof top);
        break;
    default:
        memcpy((char *)value + (BIG_ENDIAN_WORDS ? 8 : 0), &bits.low, sizeof bits.low);
        memcpy((char *)value + (BIG_ENDIAN_WORDS ? 0 : 8), &bits.high, sizeof bits.high);
    }
}

/* A 256-bit constant in four 64-bit words, most significant first. */
#if LIMB_BITS == 64
#define WORDS(a, b, c, d) {d, c, b, a}
#else
#define WORDS(a, b, c, d)                                                                                              \
    {(limb)(d), (limb)((d) >> 32), (limb)(c), (limb)((c) >> 32),                                                       \
     (limb)(b), (limb)((b) >> 32), (limb)(a), (limb)((a) >> 32)}
#endif
#define CONSTANT(exponent, a, b, c, d) {FINITE, 0, exponent, WORDS(a, b, c, d)}
#define NEGATIVE(exponent, a, b, c, d) {FINITE, 1, exponent, WORDS(a, b, c, d)}

/* The properties of a format. The width of its fraction is its precision minus one. */
struct traits {
    int precision, exponent_bits;
};
static const struct traits TRAITS[] = {{24, 8}, {53, 11}, {64, 15}, {113, 15}};
#define PRECISION(format) (TRAITS[format].precision)
#define MAX_EXPONENT(format) ((1 << (TRAITS[format].exponent_bits - 1)) - 1)
#define MIN_EXPONENT(format) (1 - MAX_EXPONENT(format))

/* Raise an exception with an operation that raises it. On architectures without flags this does nothing. */
WIDE_CODE void raise_invalid(void)
{
    volatile float zero = 0;
    zero = zero / zero;
}

WIDE_CODE void raise_divbyzero(void)
{
    volatile float zero = 0;
    zero = 1 / zero;
}

WIDE_CODE void raise_overflow(void)
{
    volatile float huge = FLT_MAX;
    huge = huge * huge;
}

WIDE_CODE void raise_underflow(void)
{
    volatile float tiny = FLT_MIN;
    tiny = tiny * tiny;
}

WIDE_CODE void raise_inexact(void)
{
    volatile float one = 1, tiny = FLT_MIN;
    one = one + tiny;
}

WIDE_CODE int leading_zeros(limb word)
{
    return LIMB_BITS == 64 ? __builtin_clzll(word) : __builtin_clz((unsigned)word);
}

/* Shift right by any number of bits. If a 1 bit is shifted out, the last bit is set. */
WIDE_CODE void shift_right(limb *m, int64_t bits)
{
    limb lost = 0;
    if (bits >= WIDE_BITS) {
        for (int i = 0; i < LIMBS; i++) {
            lost |= m[i];
            m[i] = 0;
        }
    } else {
        int whole = (int)bits / LIMB_BITS, part = (int)bits % LIMB_BITS;
        for (int i = 0; i < whole; i++)
            lost |= m[i];
        if (part)
            lost |= m[whole] << (LIMB_BITS - part);
        for (int i = 0; i < LIMBS; i++) {
            limb low = i + whole < LIMBS ? m[i + whole] : 0, high = i + whole + 1 < LIMBS ? m[i + whole + 1] : 0;
            m[i] = part ? low >> part | high << (LIMB_BITS - part) : low;
        }
    }
    m[0] |= lost != 0;
}

/* Shift a sum or difference so that its top bit is set. */
WIDE_CODE void normalise(wide *x)
{
    int whole = 0;
    while (whole < LIMBS && x->m[LIMBS - 1 - whole] == 0)
        whole++;
    if (whole == LIMBS) {
        x->kind = ZERO;
        return;
    }
    int part = leading_zeros(x->m[LIMBS - 1 - whole]);
    if (whole == 0 && part == 0)
        return;
    for (int i = LIMBS - 1; i >= 0; i--) {
        limb high = i - whole >= 0 ? x->m[i - whole] : 0, low = i - whole - 1 >= 0 ? x->m[i - whole - 1] : 0;
        x->m[i] = part ? high << part | low >> (LIMB_BITS - part) : high;
    }
    x->exponent -= whole * LIMB_BITS + part;
}

WIDE_CODE wide whole_number(long long value)
{
    wide x = {FINITE, value < 0, WIDE_BITS - 1, {0}};
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    x.m[0] = (limb)magnitude;
    if (LIMB_BITS == 32)
        x.m[1] = (limb)(magnitude >> 32);
    normalise(&x);
    return x;
}

WIDE_CODE wide unpack(image bits, enum format format)
{
    int fraction = PRECISION(format) - 1;
    int explicit_top = format == EXTENDED;
    int width = fraction + explicit_top;
    uint64_t field = width >= 64 ? bits.high >> (width - 64) : bits.low >> width;
    if (width >= 64)
        bits.high &= ((uint64_t)1 << (width - 64)) - 1;
    else {
        bits.high = 0;
        bits.low &= ((uint64_t)1 << width) - 1;
    }
    int special = (1 << TRAITS[format].exponent_bits) - 1;
    int exponent = (int)field & special;
    wide x = {FINITE, (int)(field >> TRAITS[format].exponent_bits) & 1, 0, {0}};
    if (explicit_top && exponent != 0 && !(bits.low >> 63))
        x.kind = NOT_A_NUMBER; /* a signaling NaN for the x87 */
    else if (exponent == special) {
        uint64_t top = explicit_top ? bits.low << 1 : bits.low;
        x.kind = (bits.high | top) != 0 ? NOT_A_NUMBER : INFINITE;
    }
    if (!explicit_top && exponent != 0 && exponent != special) {
        if (width >= 64)
            bits.high |= (uint64_t)1 << (width - 64);
        else
            bits.low |= (uint64_t)1 << width;
    }
    if (LIMB_BITS == 64) {
        x.m[0] = (limb)bits.low;
        x.m[1] = (limb)bits.high;
    } else {
        x.m[0] = (limb)bits.low;
        x.m[1] = (limb)(bits.low >> 32);
        x.m[2] = (limb)bits.high;
        x.m[3] = (limb)(bits.high >> 32);
    }
    if (x.kind == FINITE) {
        x.exponent = (exponent ? exponent : 1) - MAX_EXPONENT(format) - fraction + WIDE_BITS - 1;
        normalise(&x);
    }
    return x;
}

/* Put together the bits of a number: sign, exponent field, and the low bits of the significand (all of them for
   EXTENDED). */
WIDE_CODE image assemble(enum format format, int negative, unsigned field, uint64_t high, uint64_t low)
{
    image bits = {high, low};
    int width = PRECISION(format) - 1 + (format == EXTENDED);
    uint64_t top = (uint64_t)negative << TRAITS[format].exponent_bits | field;
    if (width >= 64)
        bits.high |= top << (width - 64);
    else
        bits.low |= top << width;
    return bits;
}

WIDE_CODE image zero_image(enum format format, int negative)
{
    return assemble(format, negative, 0, 0, 0);
}

WIDE_CODE image infinite_image(enum format format, int negative)
{
    unsigned special = (1U << TRAITS[format].exponent_bits) - 1;
    return assemble(format, negative, special, 0, format == EXTENDED ? (uint64_t)1 << 63 : 0);
}

/* The first bit of the fraction of a quiet NaN: 1, except on older MIPS. */
#if defined(__mips__) && !defined(__mips_nan2008)
#define QUIET_BIT 0
#else
#define QUIET_BIT 1
#endif

/* The sign of the NaN that an invalid operation returns. */
#if defined(__x86_64__) || defined(__i386__)
#define INVALID_NEGATIVE 1
#else
#define INVALID_NEGATIVE 0
#endif

WIDE_CODE image nan_image(enum format format, int negative)
{
    unsigned special = (1U << TRAITS[format].exponent_bits) - 1;
    int quiet = PRECISION(format) - 2;
    uint64_t low = quiet < 64 ? (uint64_t)1 << quiet : 0, high = quiet < 64 ? 0 : (uint64_t)1 << (quiet - 64);
    if (!QUIET_BIT) { /* set all the other bits */
        low = quiet < 64 ? low - 1 : ~(uint64_t)0;
        high = quiet < 64 ? 0 : high - 1;
    }
    return assemble(format, negative, special, high, format == EXTENDED ? low | (uint64_t)1 << 63 : low);
}

WIDE_CODE image largest_image(enum format format, int negative)
{
    int width = PRECISION(format) - 1 + (format == EXTENDED);
    uint64_t low = width < 64 ? ((uint64_t)1 << width) - 1 : ~(uint64_t)0;
    uint64_t high = width < 64 ? 0 : ((uint64_t)1 << (width - 64)) - 1;
    return assemble(format, negative, (1U << TRAITS[format].exponent_bits) - 2, high, low);
}

WIDE_CODE int is_signaling(image bits, enum format format)
{
    int quiet = PRECISION(format) - 2;
    int bit = (int)((quiet < 64 ? bits.low >> quiet : bits.high >> (quiet - 64)) & 1);
    if (format == EXTENDED && !(bits.low >> 63))
        bit = !QUIET_BIT;
    return unpack(bits, format).kind == NOT_A_NUMBER && bit != QUIET_BIT;
}

/* The quiet NaN for a NaN operand: its sign, and as many of the upper bits of its payload as fit. */
WIDE_CODE image quieted(image bits, enum format from, enum format to)
{
    wide x = unpack(bits, from);
    int distance = WIDE_BITS - (PRECISION(from) - 1);
    limb m[LIMBS];
    if (is_signaling(bits, from)) {
        raise_invalid();
        if (!QUIET_BIT)
            return nan_image(to, x.negative);
    }
    /* Left-align the fraction, then shift it to the width of the other format. */
    memcpy(m, x.m, sizeof m);
    if (from == EXTENDED)
        m[63 / LIMB_BITS] &= ~((limb)1 << 63 % LIMB_BITS);
    for (int i = LIMBS - 1; i >= 0; i--) {
        int source = i - distance / LIMB_BITS, part = distance % LIMB_BITS;
        limb high = source >= 0 ? m[source] : 0, low = source >= 1 ? m[source - 1] : 0;
        m[i] = part ? high << part | low >> (LIMB_BITS - part) : high;
    }
    shift_right(m, WIDE_BITS - (PRECISION(to) - 1));
    uint64_t words[2];
    if (LIMB_BITS == 64) {
        words[0] = m[0];
        words[1] = m[1];
    } else {
        words[0] = m[0] | (uint64_t)m[1] << 31 << 1;
        words[1] = m[2] | (uint64_t)m[3] << 31 << 1;
    }
    image quiet = nan_image(to, 0);
    quiet.low |= words[0];
    quiet.high |= words[1];
    return assemble(to, x.negative, 0, quiet.high, quiet.low);
}

/* The results outside the domain of a function, and at a pole. */
WIDE_CODE image invalid(enum format format)
{
    raise_invalid();
    errno = EDOM;
    return nan_image(format, INVALID_NEGATIVE);
}

WIDE_CODE image pole(enum format format, int negative)
{
    raise_divbyzero();
    errno = ERANGE;
    return infinite_image(format, negative);
}

#if defined(__x86_64__) || defined(__i386__) || defined(__riscv) || defined(__mips__) || defined(__loongarch__)
#define TINY_AFTER_ROUNDING 1
#else
#define TINY_AFTER_ROUNDING 0
#endif

COMPAT_PLAIN(int, fegetround, (void));

/* Round m to `keep` bits (0 to 255) in the given rounding mode. Returns true if the result differs from the exact
   number. *m is right-aligned afterwards and may have become 2^keep. */
WIDE_CODE int round_significand(limb *m, int keep, int negative, int mode)
{
    limb kept[LIMBS], rest = 0;
    memcpy(kept, m, sizeof kept);
    int64_t drop = WIDE_BITS - keep;
    int whole = (int)drop / LIMB_BITS, part = (int)drop % LIMB_BITS;
    for (int i = 0; i < whole && i < LIMBS; i++)
        rest |= m[i];
    if (part && whole < LIMBS)
        rest |= m[whole] << (LIMB_BITS - part);
    int position = (int)drop - 1;
    int half = (m[position / LIMB_BITS] >> position % LIMB_BITS) & 1;
    limb below = 0;
    for (int i = 0; i < position / LIMB_BITS; i++)
        below |= m[i];
    if (position % LIMB_BITS)
        below |= m[position / LIMB_BITS] << (LIMB_BITS - position % LIMB_BITS);
    for (int i = 0; i < LIMBS; i++) {
        limb low = i + whole < LIMBS ? kept[i + whole] : 0, high = i + whole + 1 < LIMBS ? kept[i + whole + 1] : 0;
        m[i] = part ? low >> part | high << (LIMB_BITS - part) : low;
    }
    int up = 0;
    switch (mode) {
#ifdef FE_UPWARD
    case FE_UPWARD: up = rest != 0 && !negative; break;
#endif
#ifdef FE_DOWNWARD
    case FE_DOWNWARD: up = rest != 0 && negative; break;
#endif
#ifdef FE_TOWARDZERO
    case FE_TOWARDZERO: break;
#endif
    default: up = half && (below != 0 || (m[0] & 1));
    }
    for (int i = 0; up && i < LIMBS; i++)
        up = ++m[i] == 0;
    return rest != 0;
}

/* Round a zero or finite number to a format in the current rounding mode. Raises the exceptions of the result, and sets
   errno if it becomes infinite or underflows to zero. */
WIDE_CODE image pack(wide x, enum format format)
{
    int precision = PRECISION(format), mode = plain_fegetround();
    int64_t exponent = x.exponent;
    int keep = precision;
    if (x.kind == ZERO)
        return zero_image(format, x.negative);
    if (exponent < MIN_EXPONENT(format)) {
        int64_t missing = MIN_EXPONENT(format) - exponent;
        keep = missing > precision ? 0 : precision - (int)missing;
    }
    limb m[LIMBS];
    memcpy(m, x.m, sizeof m);
    if (exponent < MIN_EXPONENT(format) - precision)
        shift_right(m, 2); /* far below half a unit in the last place */
    int inexact = round_significand(m, keep, x.negative, mode);
    if (keep == precision) {
        if ((m[precision / LIMB_BITS] >> precision % LIMB_BITS) & 1) {
            shift_right(m, 1);
            exponent++;
        }
    }
    if (exponent > MAX_EXPONENT(format)) {
        raise_overflow();
        int away = mode == FE_TONEAREST;
#ifdef FE_UPWARD
        away |= mode == FE_UPWARD && !x.negative;
#endif
#ifdef FE_DOWNWARD
        away |= mode == FE_DOWNWARD && x.negative;
#endif
        if (!away)
            return largest_image(format, x.negative);
        errno = ERANGE;
        return infinite_image(format, x.negative);
    }
    uint64_t low = m[0], high = 0;
    if (LIMB_BITS == 64)
        high = m[1];
    else {
        low |= (uint64_t)m[1] << 31 << 1;
        high = m[2] | (uint64_t)m[3] << 31 << 1;
    }
    if (inexact) {
        raise_inexact();
        if (keep < precision) {
            int tiny = 1;
            if (TINY_AFTER_ROUNDING && exponent == MIN_EXPONENT(format) - 1) {
                limb unbounded[LIMBS];
                memcpy(unbounded, x.m, sizeof unbounded);
                round_significand(unbounded, precision, x.negative, mode);
                tiny = !((unbounded[precision / LIMB_BITS] >> precision % LIMB_BITS) & 1);
            }
            if (tiny)
                raise_underflow();
            if (tiny && (low | high) == 0)
                errno = ERANGE;
        }
    }
    unsigned field = keep == precision ? (unsigned)(exponent + MAX_EXPONENT(format)) : 0;
    int width = precision - 1;
    int has_top = (int)((width >= 64 ? high >> (width - 64) : low >> width) & 1);
    if (field == 0 && has_top)
        field = 1; /* the largest subnormal number, rounded up to a normal one */
    if (format != EXTENDED) {
        if (width >= 64)
            high &= ((uint64_t)1 << (width - 64)) - 1;
        else
            low &= ((uint64_t)1 << width) - 1;
    }
    return assemble(format, x.negative, field, high, low);
}

/* True if the magnitude of a number is a power of two. */
WIDE_CODE int is_power_of_two(const wide *x)
{
    limb rest = x->m[LIMBS - 1] ^ TOP;
    for (int i = 0; i < LIMBS - 1; i++)
        rest |= x->m[i];
    return rest == 0;
}

WIDE_CODE wide negated(wide x)
{
    x.negative = !x.negative;
    return x;
}

WIDE_CODE wide scaled(wide x, int64_t exponent)
{
    x.exponent += exponent;
    return x;
}

/* Returns -1, 0 or 1 if |x| is less than, equal to or greater than |y|. Both are finite and nonzero. */
WIDE_CODE int compare_magnitudes(const wide *x, const wide *y)
{
    if (x->exponent != y->exponent)
        return x->exponent < y->exponent ? -1 : 1;
    for (int i = LIMBS - 1; i >= 0; i--)
        if (x->m[i] != y->m[i])
            return x->m[i] < y->m[i] ? -1 : 1;
    return 0;
}

/* Add finite numbers. A sum that is exactly zero is +0; a caller to whom its sign matters examines the operands. */
WIDE_CODE wide add(wide x, wide y)
{
    if (y.kind == ZERO)
        return x;
    if (x.kind == ZERO)
        return y;
    if (compare_magnitudes(&x, &y) < 0) {
        wide swap = x;
        x = y;
        y = swap;
    }
    shift_right(y.m, x.exponent - y.exponent);
    if (x.negative == y.negative) {
        limb carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            double_limb sum = (double_limb)x.m[i] + y.m[i] + carry;
            x.m[i] = (limb)sum;
            carry = (limb)(sum >> LIMB_BITS);
        }
        if (carry) {
            shift_right(x.m, 1);
            x.m[LIMBS - 1] |= TOP;
            x.exponent++;
        }
    } else {
        limb borrow = 0;
        for (int i = 0; i < LIMBS; i++) {
            double_limb difference = (double_limb)x.m[i] - y.m[i] - borrow;
            x.m[i] = (limb)difference;
            borrow = (limb)(difference >> LIMB_BITS) & 1;
        }
        normalise(&x);
        if (x.kind == ZERO)
            x.negative = 0;
    }
    return x;
}

WIDE_CODE wide subtract(wide x, wide y)
{
    return add(x, negated(y));
}

WIDE_CODE wide multiply(wide x, wide y)
{
    limb product[2 * LIMBS] = {0}, lost = 0;
    wide z = {FINITE, x.negative ^ y.negative, x.exponent + y.exponent + 1, {0}};
    if (x.kind == ZERO || y.kind == ZERO) {
        z.kind = ZERO;
        return z;
    }
    for (int i = 0; i < LIMBS; i++) {
        limb carry = 0;
        for (int j = 0; j < LIMBS; j++) {
            double_limb term = (double_limb)x.m[i] * y.m[j] + product[i + j] + carry;
            product[i + j] = (limb)term;
            carry = (limb)(term >> LIMB_BITS);
        }
        product[i + LIMBS] = carry;
    }
    memcpy(z.m, product + LIMBS, sizeof z.m);
    if (!(z.m[LIMBS - 1] & TOP)) {
        for (int i = LIMBS - 1; i >= 0; i--)
            z.m[i] = z.m[i] << 1 | product[LIMBS + i - 1] >> (LIMB_BITS - 1);
        product[LIMBS - 1] <<= 1;
        z.exponent--;
    }
    for (int i = 0; i < LIMBS; i++)
        lost |= product[i];
    z.m[0] |= lost != 0;
    return z;
}

/* The first 64 bits. */
WIDE_CODE uint64_t leading(const wide *x)
{
    uint64_t top = x->m[LIMBS - 1];
    return LIMB_BITS == 64 ? top : top << 31 << 1 | x->m[LIMBS - 2];
}

WIDE_DATA ONE = {FINITE, 0, 0, WORDS(0x8000000000000000, 0ull, 0ull, 0ull)};

/* 1/x to about 245 bits: Newton's iterations, starting with 31 bits. The start value is computed with integers, because
   a floating-point operation would raise "inexact". */
WIDE_CODE wide reciprocal(wide x)
{
    int64_t exponent = x.exponent;
    x.exponent = 0;
    wide y = scaled(whole_number((long long)(~(uint64_t)0 / (leading(&x) >> 32))), -33);
    y.negative = x.negative;
    for (int i = 0; i < 3; i++)
        y = add(y, multiply(y, subtract(ONE, multiply(x, y))));
    return scaled(y, -exponent);
}

/* 1/sqrt(x) to about 245 bits, for positive x. */
WIDE_CODE wide reciprocal_root(wide x)
{
    int64_t half = x.exponent >> 1;
    x.exponent &= 1;
    uint64_t square = leading(&x) >> (3 - x.exponent), root = 0; /* from 1 to 4, times 2^60 */
    for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= square)
            root |= bit;
    wide y = scaled(whole_number((long long)(((uint64_t)1 << 63) / root)), -33);
    for (int i = 0; i < 4; i++)
        y = add(y, scaled(multiply(y, subtract(ONE, multiply(x, multiply(y, y)))), -1));
    return scaled(y, -half);
}

/* Keep the first `bits` bits. */
WIDE_CODE wide cut(wide x, int bits)
{
    int drop = WIDE_BITS - bits;
    for (int i = 0; i < drop / LIMB_BITS; i++)
        x.m[i] = 0;
    if (drop % LIMB_BITS)
        x.m[drop / LIMB_BITS] &= ~(limb)0 << drop % LIMB_BITS;
    return x;
}

/* Quotients and roots of operands with up to 113 bits, for results with up to 113 bits. An approximation is truncated
   to 120 bits. The exact result, truncated so, is the same number or differs by one in the last place; an exact
   multiplication decides. */
#define SETTLED_BITS 120
WIDE_CODE wide last_place(const wide *x)
{
    return scaled(ONE, x->exponent - (SETTLED_BITS - 1));
}

WIDE_CODE wide divide(wide x, wide y)
{
    if (x.kind == ZERO)
        return x;
    int negative = x.negative ^ y.negative;
    x.negative = y.negative = 0;
    wide quotient = cut(multiply(x, reciprocal(y)), SETTLED_BITS);
    wide rest = subtract(x, multiply(quotient, y));
    if (rest.kind != ZERO && rest.negative) {
        quotient = subtract(quotient, last_place(&quotient));
        rest = subtract(x, multiply(quotient, y));
    } else {
        wide next = add(quotient, last_place(&quotient)), beyond = subtract(x, multiply(next, y));
        if (beyond.kind == ZERO || !beyond.negative) {
            quotient = next;
            rest = beyond;
        }
    }
    quotient.m[0] |= rest.kind != ZERO;
    quotient.negative = negative;
    return quotient;
}

WIDE_CODE wide square_root(wide x)
{
    if (x.kind == ZERO)
        return x;
    wide root = cut(multiply(x, reciprocal_root(x)), SETTLED_BITS);
    wide rest = subtract(x, multiply(root, root));
    if (rest.kind != ZERO && rest.negative) {
        root = subtract(root, last_place(&root));
        rest = subtract(x, multiply(root, root));
    } else {
        wide next = add(root, last_place(&root)), beyond = subtract(x, multiply(next, next));
        if (beyond.kind == ZERO || !beyond.negative) {
            root = next;
            rest = beyond;
        }
    }
    root.m[0] |= rest.kind != ZERO;
    return root;
}

#endif
