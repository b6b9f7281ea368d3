/* The threads of C11: create, join, mutex, condition, once and thread-specific storage.
   flags: -pthread */
#include <threads.h>
#include <time.h>
#include "expect.h"

static mtx_t lock;
static cnd_t condition;
static tss_t storage;
static once_flag once = ONCE_FLAG_INIT;
static int count, begun, freed;

static void begin(void) { begun++; }
static void drop(void *value) { (void)value, freed++; }
static int work(void *argument)
{
    call_once(&once, begin);
    tss_set(storage, argument);
    mtx_lock(&lock);
    count++;
    cnd_broadcast(&condition);
    mtx_unlock(&lock);
    return *(int *)argument;
}

int main(void)
{
    thrd_t threads[3];
    int numbers[3] = {5, 6, 7}, result = 0;
    SAME(mtx_init(&lock, mtx_timed), thrd_success);
    SAME(cnd_init(&condition), thrd_success);
    SAME(tss_create(&storage, drop), thrd_success);
    mtx_lock(&lock);
    for (int i = 0; i < 3; i++)
        SAME(thrd_create(&threads[i], work, &numbers[i]), thrd_success);
    while (count < 3)
        cnd_wait(&condition, &lock);
    mtx_unlock(&lock);
    for (int i = 0; i < 3; i++) {
        SAME(thrd_join(threads[i], &result), thrd_success);
        SAME(result, numbers[i]);
    }
    SAME(begun, 1);
    SAME(freed, 3);
    CHECK(thrd_equal(thrd_current(), thrd_current()));
    struct timespec now, nap = {0, 1000};
    timespec_get(&now, TIME_UTC);
    mtx_lock(&lock);
    SAME(cnd_timedwait(&condition, &lock, &now), thrd_timedout);
    SAME(mtx_trylock(&lock), thrd_busy);
    mtx_unlock(&lock);
    SAME(thrd_sleep(&nap, NULL), 0);
    thrd_yield();
    mtx_destroy(&lock), cnd_destroy(&condition), tss_delete(storage);
    return faults;
}
