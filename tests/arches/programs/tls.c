/* Thread-local variables of the executable in every model the compiler may choose, with alignment, in several threads.
   flags: -pthread */
#include <pthread.h>
#include <stdint.h>
#include "expect.h"

static __thread int initialised = 42;
static __thread int zero;
__thread char many[5000] __attribute__((aligned(64)));
static __thread int global_dynamic __attribute__((tls_model("global-dynamic"))) = 1;
static __thread int local_dynamic __attribute__((tls_model("local-dynamic"))) = 2;
static __thread int initial_exec __attribute__((tls_model("initial-exec"))) = 3;
static __thread int local_exec __attribute__((tls_model("local-exec"))) = 4;

static void *work(void *argument)
{
    SAME(initialised, 42);
    SAME(zero, 0);
    SAME((uintptr_t)many % 64, 0);
    SAME(many[4999], 0);
    SAME(global_dynamic * 1000 + local_dynamic * 100 + initial_exec * 10 + local_exec, 1234);
    initialised = zero = global_dynamic = local_dynamic = initial_exec = local_exec = *(int *)argument;
    memset(many, 7, sizeof many);
    return &initialised;
}

int main(void)
{
    pthread_t threads[5];
    int number = 9;
    void *address;
    for (int i = 0; i < 5; i++)
        pthread_create(&threads[i], NULL, work, &number);
    for (int i = 0; i < 5; i++) {
        pthread_join(threads[i], &address);
        CHECK(address != &initialised);
    }
    work(&number);
    SAME(initialised + zero + global_dynamic + local_dynamic + initial_exec + local_exec, 54);
    return faults;
}
