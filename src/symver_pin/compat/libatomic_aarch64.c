/* The functions of libatomic of 1 to 16 bytes, for every aarch64 processor.

   The compiler's static libatomic chooses each by the processor with IFUNC, which loaders before glibc 2.19 do not apply.
   These are sequentially consistent whatever order is asked for, which is never weaker. With 16 bytes they use a pair of
   exclusive loads and stores, also for a plain load: only after a successful store are both halves known to be of one
   moment. The names are given to the assembler, as compilers have builtin functions of the same names. */

#include <stdint.h>

typedef unsigned __int128 uint128_t;

/* What the caller asks for, which is not used. */
#define ORDER int order __attribute__((unused))
#define ORDERS int success __attribute__((unused)), int failure __attribute__((unused))

#define NAMED(operation, size) __asm__("__atomic_" #operation "_" #size)

#define FETCH(operation, size, type)                                                                                   \
    type fetch_##operation##_##size(volatile type *at, type value, ORDER) NAMED(fetch_##operation, size);              \
    type fetch_##operation##_##size(volatile type *at, type value, ORDER)                                              \
    {                                                                                                                  \
        return __atomic_fetch_##operation(at, value, __ATOMIC_SEQ_CST);                                                \
    }                                                                                                                  \
    type operation##_fetch_##size(volatile type *at, type value, ORDER) NAMED(operation##_fetch, size);                \
    type operation##_fetch_##size(volatile type *at, type value, ORDER)                                                \
    {                                                                                                                  \
        return __atomic_##operation##_fetch(at, value, __ATOMIC_SEQ_CST);                                              \
    }

#define OF_SIZE(size, type)                                                                                            \
    type load_##size(const volatile type *at, ORDER) NAMED(load, size);                                                \
    type load_##size(const volatile type *at, ORDER)                                                                   \
    {                                                                                                                  \
        return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                                                  \
    }                                                                                                                  \
    void store_##size(volatile type *at, type value, ORDER) NAMED(store, size);                                        \
    void store_##size(volatile type *at, type value, ORDER)                                                            \
    {                                                                                                                  \
        __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                                 \
    }                                                                                                                  \
    type exchange_##size(volatile type *at, type value, ORDER) NAMED(exchange, size);                                  \
    type exchange_##size(volatile type *at, type value, ORDER)                                                         \
    {                                                                                                                  \
        return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                                       \
    }                                                                                                                  \
    _Bool compare_exchange_##size(volatile type *at, type *expected, type desired, ORDERS)                             \
        NAMED(compare_exchange, size);                                                                                 \
    _Bool compare_exchange_##size(volatile type *at, type *expected, type desired, ORDERS)                             \
    {                                                                                                                  \
        return __atomic_compare_exchange_n(at, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);              \
    }                                                                                                                  \
    FETCH(add, size, type)                                                                                             \
    FETCH(sub, size, type)                                                                                             \
    FETCH(and, size, type)                                                                                             \
    FETCH(or, size, type)                                                                                              \
    FETCH(xor, size, type)                                                                                             \
    FETCH(nand, size, type)

#define TEST_AND_SET(size)                                                                                             \
    _Bool test_and_set_##size(volatile uint8_t *at, ORDER) NAMED(test_and_set, size);                                  \
    _Bool test_and_set_##size(volatile uint8_t *at, ORDER)                                                             \
    {                                                                                                                  \
        return __atomic_exchange_n(at, 1, __ATOMIC_SEQ_CST) != 0;                                                      \
    }

OF_SIZE(1, uint8_t)
OF_SIZE(2, uint16_t)
OF_SIZE(4, uint32_t)
OF_SIZE(8, uint64_t)
TEST_AND_SET(1)
TEST_AND_SET(2)
TEST_AND_SET(4)
TEST_AND_SET(8)
TEST_AND_SET(16)

struct step {
    uint128_t before, after;
};

static inline uint128_t joined(uint64_t low, uint64_t high)
{
    return (uint128_t)high << 64 | low;
}

/* Replace 16 bytes at once by what the instructions make of them: registers %0 and %1 hold the old halves, %2 and %3 get
   the new ones, %6 and %7 are the halves of `value`. */
#define STEP(at, value, instructions)                                                                                  \
    ({                                                                                                                 \
        uint64_t old_low, old_high, new_low, new_high;                                                                 \
        uint32_t failed;                                                                                               \
        __asm__ volatile("1:\tldaxp %0, %1, %5\n\t" instructions "\n\tstlxp %w4, %2, %3, %5\n\tcbnz %w4, 1b"           \
                         : "=&r"(old_low), "=&r"(old_high), "=&r"(new_low), "=&r"(new_high), "=&r"(failed),            \
                           "+Q"(*(volatile uint128_t *)(at))                                                           \
                         : "r"((uint64_t)(value)), "r"((uint64_t)((value) >> 64))                                      \
                         : "cc", "memory");                                                                            \
        (struct step){joined(old_low, old_high), joined(new_low, new_high)};                                           \
    })

#define FETCH_16(operation, instructions)                                                                              \
    uint128_t fetch_##operation##_16(volatile uint128_t *at, uint128_t value, ORDER)                                   \
        NAMED(fetch_##operation, 16);                                                                                  \
    uint128_t fetch_##operation##_16(volatile uint128_t *at, uint128_t value, ORDER)                                   \
    {                                                                                                                  \
        return STEP(at, value, instructions).before;                                                                   \
    }                                                                                                                  \
    uint128_t operation##_fetch_16(volatile uint128_t *at, uint128_t value, ORDER) NAMED(operation##_fetch, 16);       \
    uint128_t operation##_fetch_16(volatile uint128_t *at, uint128_t value, ORDER)                                     \
    {                                                                                                                  \
        return STEP(at, value, instructions).after;                                                                    \
    }

FETCH_16(add, "adds %2, %0, %6\n\tadc %3, %1, %7")
FETCH_16(sub, "subs %2, %0, %6\n\tsbc %3, %1, %7")
FETCH_16(and, "and %2, %0, %6\n\tand %3, %1, %7")
FETCH_16(or, "orr %2, %0, %6\n\torr %3, %1, %7")
FETCH_16(xor, "eor %2, %0, %6\n\teor %3, %1, %7")
FETCH_16(nand, "and %2, %0, %6\n\tand %3, %1, %7\n\tmvn %2, %2\n\tmvn %3, %3")

uint128_t load_16(volatile uint128_t *at, ORDER) NAMED(load, 16);
uint128_t load_16(volatile uint128_t *at, ORDER)
{
    return STEP(at, (uint128_t)0, "mov %2, %0\n\tmov %3, %1").before;
}

uint128_t exchange_16(volatile uint128_t *at, uint128_t value, ORDER) NAMED(exchange, 16);
uint128_t exchange_16(volatile uint128_t *at, uint128_t value, ORDER)
{
    return STEP(at, value, "mov %2, %6\n\tmov %3, %7").before;
}

void store_16(volatile uint128_t *at, uint128_t value, ORDER) NAMED(store, 16);
void store_16(volatile uint128_t *at, uint128_t value, ORDER)
{
    (void)STEP(at, value, "mov %2, %6\n\tmov %3, %7");
}

_Bool compare_exchange_16(volatile uint128_t *at, uint128_t *expected, uint128_t desired, ORDERS)
    NAMED(compare_exchange, 16);
_Bool compare_exchange_16(volatile uint128_t *at, uint128_t *expected, uint128_t desired, ORDERS)
{
    uint64_t low, high, wanted_low = (uint64_t)*expected, wanted_high = (uint64_t)(*expected >> 64);
    uint32_t failed;
    /* where the halves differ from the wanted ones they are stored again, so that both are of one moment */
    __asm__ volatile("1:\tldaxp %0, %1, %3\n\tcmp %0, %4\n\tccmp %1, %5, #0, eq\n\tb.ne 2f\n\t"
                     "stlxp %w2, %6, %7, %3\n\tcbnz %w2, 1b\n\tb 3f\n"
                     "2:\tstlxp %w2, %0, %1, %3\n\tcbnz %w2, 1b\n3:"
                     : "=&r"(low), "=&r"(high), "=&r"(failed), "+Q"(*at)
                     : "r"(wanted_low), "r"(wanted_high), "r"((uint64_t)desired), "r"((uint64_t)(desired >> 64))
                     : "cc", "memory");
    if (low == wanted_low && high == wanted_high)
        return 1;
    *expected = joined(low, high);
    return 0;
}
