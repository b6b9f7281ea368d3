/* Calls every function of libatomic of 1 to 16 bytes by its name, compares it with plain arithmetic, and counts in four
   threads. */

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
typedef unsigned __int128 uint128_t;
/* The compiler's builtins of these names are inlined; calls by another name reach the library. */
#define LIBRARY(result, operation, size, arguments) \
    extern result operation##_##size arguments __asm__("__atomic_" #operation "_" #size)
#define DECLARE(size, type) \
    LIBRARY(type, load, size, (volatile type *, int)); \
    LIBRARY(void, store, size, (volatile type *, type, int)); \
    LIBRARY(type, exchange, size, (volatile type *, type, int)); \
    LIBRARY(_Bool, compare_exchange, size, (volatile type *, type *, type, int, int)); \
    LIBRARY(_Bool, test_and_set, size, (volatile type *, int)); \
    OPERATION(add, size, type); OPERATION(sub, size, type); OPERATION(and, size, type); \
    OPERATION(or, size, type); OPERATION(xor, size, type); OPERATION(nand, size, type)
#define OPERATION(name, size, type) \
    LIBRARY(type, fetch_##name, size, (volatile type *, type, int)); \
    LIBRARY(type, name##_fetch, size, (volatile type *, type, int))
DECLARE(1, uint8_t); DECLARE(2, uint16_t); DECLARE(4, uint32_t); DECLARE(8, uint64_t); DECLARE(16, uint128_t);

static int faults;
#define EXPECT(condition) do { if (!(condition)) { faults++; printf("%d: %s\n", __LINE__, #condition); } } while (0)
static uint64_t state = 7;
static uint64_t drawn(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }

#define STEP(name, size, type, expression) do { \
    type before = a, after = (type)(expression); \
    memory = a; EXPECT(fetch_##name##_##size(&memory, b, 5) == before); EXPECT(memory == after); \
    memory = a; EXPECT(name##_fetch_##size(&memory, b, 0) == after); EXPECT(memory == after); \
} while (0)
#define TRY(size, type) \
static void try_##size(void) \
{ \
    static struct { uint64_t front; volatile type value __attribute__((aligned(16))); uint64_t back; } at; \
    for (int i = 0; i < 200; i++) { \
        type a = (type)((uint128_t)drawn() << 64 | drawn()), b = (type)((uint128_t)drawn() << 64 | drawn()), c = a; \
        if (i % 4 == 0) b = 1, a = c = (type)~(uint128_t)0; /* a carry through all of it */ \
        at.front = at.back = 0x5555555555555555; \
        STEP(add, size, type, a + b); STEP(sub, size, type, a - b); STEP(and, size, type, a & b); \
        STEP(or, size, type, a | b); STEP(xor, size, type, a ^ b); STEP(nand, size, type, ~(a & b)); \
        memory = a; EXPECT(load_##size(&memory, 2) == a); \
        EXPECT(exchange_##size(&memory, b, 4) == a); EXPECT(memory == b); \
        store_##size(&memory, a, 3); EXPECT(memory == a); \
        EXPECT(compare_exchange_##size(&memory, &c, b, 5, 0)); EXPECT(memory == b); EXPECT(c == a); \
        c = (type)(b ^ 1); EXPECT(!compare_exchange_##size(&memory, &c, a, 5, 0)); EXPECT(memory == b); EXPECT(c == b); \
        c = (type)(b ^ (type)1 << (8 * size - 1)); \
        EXPECT(!compare_exchange_##size(&memory, &c, a, 5, 0)); EXPECT(memory == b); EXPECT(c == b); \
        memory = 0; EXPECT(!test_and_set_##size(&memory, 5)); EXPECT(test_and_set_##size(&memory, 5)); \
        EXPECT(at.front == 0x5555555555555555 && at.back == 0x5555555555555555); \
    } \
}
#define memory at.value
TRY(1, uint8_t)
TRY(2, uint16_t)
TRY(4, uint32_t)
TRY(8, uint64_t)
TRY(16, uint128_t)
#undef memory

static volatile uint128_t shared __attribute__((aligned(16)));
static void *count(void *nothing)
{
    for (int i = 0; i < 20000; i++) {
        fetch_add_16(&shared, (uint128_t)1 << 64 | 1, 5);
        uint128_t seen = load_16(&shared, 5);
        EXPECT((uint64_t)seen == (uint64_t)(seen >> 64));
    }
    return nothing;
}

int main(void)
{
    pthread_t threads[4];
    try_1(); try_2(); try_4(); try_8(); try_16();
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, count, 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
    EXPECT(shared == ((uint128_t)80000 << 64 | 80000));
    puts(faults ? "wrong" : "right");
    return faults != 0;
}
