/* The malloc family: sizes, alignment, realloc, many threads, malloc_usable_size, mallinfo2, limits.
   flags: -pthread */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>
#include "expect.h"

static void *work(void *argument)
{
    char *blocks[100] = {0};
    unsigned seed = (unsigned)(uintptr_t)argument;
    for (int i = 0; i < 5000; i++) {
        int at = (int)(rand_r(&seed) % 100);
        size_t size = (size_t)(rand_r(&seed) % 5000 + 1);
        if (blocks[at] != NULL && blocks[at][0] != (char)at)
            return argument;
        blocks[at] = realloc(blocks[at], size);
        memset(blocks[at], at, size);
    }
    for (int i = 0; i < 100; i++)
        free(blocks[i]);
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    void *block = NULL, *result;
    for (size_t alignment = 16; alignment <= 65536; alignment *= 2) {
        SAME(posix_memalign(&block, alignment, 100), 0);
        SAME((uintptr_t)block % alignment, 0);
        free(block);
        block = aligned_alloc(alignment, alignment);
        SAME((uintptr_t)block % alignment, 0);
        free(block);
    }
    block = memalign(64, 10), SAME((uintptr_t)block % 64, 0), free(block);
    block = valloc(10), SAME((uintptr_t)block % 4096, 0), free(block);
    int *zeros = calloc(1000, sizeof(int));
    for (int i = 0; i < 1000; i++)
        CHECK(zeros[i] == 0);
    CHECK(malloc_usable_size(zeros) >= 4000);
    free(zeros);
    volatile size_t half = SIZE_MAX / 2;
    CHECK(calloc(half, 4) == NULL);
    SAME(errno, ENOMEM);
    block = malloc(half + 10);
    __asm__ volatile("" : "+r"(block)); /* or the compiler leaves the call out and takes it as a success */
    CHECK(block == NULL);
    block = malloc(10 << 20);
    __asm__ volatile("" : : "r"(block) : "memory"); /* or the compiler leaves the pair out */
    CHECK(mallinfo2().hblkhd >= 10 << 20);
    free(block);
    SAME(mallopt(M_MMAP_THRESHOLD, 1 << 18), 1);
    malloc_trim(0);
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        CHECK(result == NULL);
    }
    return faults;
}
