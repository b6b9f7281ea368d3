/* The functions of <stdbit.h> (C23, 2.39): fourteen functions, each for five unsigned types. */

#include <limits.h>
#include <stdbool.h>

#include "compat.h"

typedef unsigned char uc;
typedef unsigned short us;
typedef unsigned int ui;
typedef unsigned long ul;
typedef unsigned long long ull;

/* Every type is converted to the widest one, whose builtins are the same on all architectures. */
#define WIDTH (sizeof(ull) * CHAR_BIT)

/* The number of bits up to and including the highest 1 bit. */
static inline unsigned used_bits(ull value)
{
    return value == 0 ? 0 : WIDTH - (unsigned)__builtin_clzll(value);
}

static inline unsigned low_zeros(ull value, unsigned width)
{
    return value == 0 ? width : (unsigned)__builtin_ctzll(value);
}

/* Add neighbouring fields of 2, 4, then 8 bits. The multiplication adds all bytes in the highest one. */
static inline unsigned ones(ull value)
{
    value -= (value >> 1) & 0x5555555555555555;
    value = (value & 0x3333333333333333) + ((value >> 2) & 0x3333333333333333);
    value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned)((value * 0x0101010101010101) >> (WIDTH - CHAR_BIT));
}

/* The position, from 1, of the first bit after a number of leading or trailing bits; 0 if there is none. */
static inline unsigned place_after(unsigned count, unsigned width)
{
    return count == width ? 0 : count + 1;
}

#define BITS(type) ((unsigned)sizeof(type) * CHAR_BIT)
#define NOT(type, value) ((type) ~(value))

#define MEMBER(result, name, type, value_of)                                                                           \
    COMPAT_DEFINE(result, stdc_##name##_##type, (type value))                                                          \
    {                                                                                                                  \
        return value_of;                                                                                               \
    }

#define MEMBERS(type)                                                                                                  \
    MEMBER(unsigned, leading_zeros, type, BITS(type) - used_bits(value))                                               \
    MEMBER(unsigned, leading_ones, type, BITS(type) - used_bits(NOT(type, value)))                                     \
    MEMBER(unsigned, trailing_zeros, type, low_zeros(value, BITS(type)))                                               \
    MEMBER(unsigned, trailing_ones, type, low_zeros(NOT(type, value), BITS(type)))                                     \
    MEMBER(unsigned, first_leading_zero, type, place_after(BITS(type) - used_bits(NOT(type, value)), BITS(type)))      \
    MEMBER(unsigned, first_leading_one, type, place_after(BITS(type) - used_bits(value), BITS(type)))                  \
    MEMBER(unsigned, first_trailing_zero, type, place_after(low_zeros(NOT(type, value), BITS(type)), BITS(type)))      \
    MEMBER(unsigned, first_trailing_one, type, place_after(low_zeros(value, BITS(type)), BITS(type)))                  \
    MEMBER(unsigned, count_zeros, type, BITS(type) - ones(value))                                                      \
    MEMBER(unsigned, count_ones, type, ones(value))                                                                    \
    MEMBER(bool, has_single_bit, type, value != 0 && (value & (value - 1)) == 0)                                       \
    MEMBER(unsigned, bit_width, type, used_bits(value))                                                                \
    MEMBER(type, bit_floor, type, value == 0 ? 0 : (type)((type)1 << (used_bits(value) - 1)))                          \
    /* 0 when the next power of two does not fit. */                                                                   \
    MEMBER(type, bit_ceil, type, value <= 1 ? 1 : (type)((ull)2 << (used_bits(value - 1) - 1)))

MEMBERS(uc)
MEMBERS(us)
MEMBERS(ui)
MEMBERS(ul)
MEMBERS(ull)
