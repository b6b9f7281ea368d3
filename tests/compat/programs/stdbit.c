/* The functions of <stdbit.h> against their definitions, bit by bit. */

#include <limits.h>
#include <stdbool.h>

#include "check.h"

typedef unsigned char uc;
typedef unsigned short us;
typedef unsigned int ui;
typedef unsigned long ul;
typedef unsigned long long ull;

static int bit(ull value, int place)
{
    return (int)(value >> place & 1);
}

/* How many bits from one end are equal to `wanted`. */
static int run(ull value, int width, int from_top, int wanted)
{
    int count = 0;
    while (count < width && bit(value, from_top ? width - 1 - count : count) == wanted)
        ++count;
    return count;
}

static int count(ull value, int width, int wanted)
{
    int found = 0;
    for (int i = 0; i < width; ++i)
        found += bit(value, i) == wanted;
    return found;
}

/* The same, but 0 when the other bit is not there, else its place from 1. */
static int first(ull value, int width, int from_top, int wanted)
{
    int before = run(value, width, from_top, !wanted);
    return before == width ? 0 : before + 1;
}

static ull ceiling(ull value, int width)
{
    for (int i = 0; i < width; ++i)
        if ((ull)1 << i >= value)
            return (ull)1 << i;
    return 0;
}

#define TEST(type)                                                                                                     \
    extern unsigned stdc_leading_zeros_##type(type), stdc_leading_ones_##type(type);                                   \
    extern unsigned stdc_trailing_zeros_##type(type), stdc_trailing_ones_##type(type);                                 \
    extern unsigned stdc_first_leading_zero_##type(type), stdc_first_leading_one_##type(type);                         \
    extern unsigned stdc_first_trailing_zero_##type(type), stdc_first_trailing_one_##type(type);                       \
    extern unsigned stdc_count_zeros_##type(type), stdc_count_ones_##type(type), stdc_bit_width_##type(type);          \
    extern bool stdc_has_single_bit_##type(type);                                                                      \
    extern type stdc_bit_floor_##type(type), stdc_bit_ceil_##type(type);                                               \
    static void test_##type(type value)                                                                                \
    {                                                                                                                  \
        int width = sizeof(type) * CHAR_BIT, used = width - run(value, width, 1, 0);                                   \
        EXPECT(stdc_leading_zeros_##type(value), run(value, width, 1, 0));                                             \
        EXPECT(stdc_leading_ones_##type(value), run(value, width, 1, 1));                                              \
        EXPECT(stdc_trailing_zeros_##type(value), run(value, width, 0, 0));                                            \
        EXPECT(stdc_trailing_ones_##type(value), run(value, width, 0, 1));                                             \
        EXPECT(stdc_first_leading_zero_##type(value), first(value, width, 1, 0));                                      \
        EXPECT(stdc_first_leading_one_##type(value), first(value, width, 1, 1));                                       \
        EXPECT(stdc_first_trailing_zero_##type(value), first(value, width, 0, 0));                                     \
        EXPECT(stdc_first_trailing_one_##type(value), first(value, width, 0, 1));                                      \
        EXPECT(stdc_count_zeros_##type(value), count(value, width, 0));                                                \
        EXPECT(stdc_count_ones_##type(value), count(value, width, 1));                                                 \
        EXPECT(stdc_has_single_bit_##type(value), count(value, width, 1) == 1);                                        \
        EXPECT(stdc_bit_width_##type(value), used);                                                                    \
        EXPECT(stdc_bit_floor_##type(value), used == 0 ? 0 : (ull)1 << (used - 1));                                    \
        EXPECT(stdc_bit_ceil_##type(value), ceiling(value, width));                                                    \
    }

TEST(uc)
TEST(us)
TEST(ui)
TEST(ul)
TEST(ull)

static void test(ull value)
{
    test_uc((uc)value);
    test_us((us)value);
    test_ui((ui)value);
    test_ul((ul)value);
    test_ull(value);
}

int main(void)
{
    ull random = 1;
    for (ull i = 0; i <= 256; ++i) {
        test(i);
        test(~i);
    }
    for (int i = 0; i < 64; ++i)
        for (int near = -2; near <= 2; ++near) {
            test(((ull)1 << i) + (ull)near);
            test(~(ull)0 >> i);
        }
    for (int i = 0; i < 2000; ++i) {
        random = random * 6364136223846793005 + 1442695040888963407;
        test(random >> (i % 64));
    }
    return faults;
}
