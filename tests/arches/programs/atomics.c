/* Atomics of 1 to 16 bytes, those of 16 through libatomic, from several threads.
   flags: -pthread
   libs: -latomic
   library: libatomic.so.1 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include "expect.h"

typedef struct { uint64_t low, high; } __attribute__((aligned(16))) pair;
static _Atomic(pair) both;
static _Atomic uint64_t wide;
static _Atomic uint8_t narrow;
static _Atomic(double) real;
static void *work(void *nothing)
{
    for (int i = 0; i < 1000; i++) {
        pair old = atomic_load(&both), new;
        do {
            new.low = old.low + 1;
            new.high = old.high - 1;
        } while (!atomic_compare_exchange_weak(&both, &old, new));
        atomic_fetch_add(&wide, 0x100000001ULL);
        atomic_fetch_add_explicit(&narrow, 1, memory_order_relaxed);
        double before = atomic_load(&real);
        while (!atomic_compare_exchange_strong(&real, &before, before + 0.5))
            ;
    }
    return nothing;
}

int main(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pair end = atomic_load(&both);
    SAME(end.low, 4000);
    SAME(end.high, -4000);
    CHECK(atomic_load(&wide) == 4000 * 0x100000001ULL);
    SAME(narrow, (uint8_t)4000);
    CHECK(atomic_load(&real) == 2000);
    atomic_flag flag = ATOMIC_FLAG_INIT;
    CHECK(!atomic_flag_test_and_set(&flag) && atomic_flag_test_and_set(&flag));
    atomic_thread_fence(memory_order_seq_cst);
    return faults;
}
