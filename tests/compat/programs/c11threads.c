/* C11 threads: results, the errors that each call may give, destructors of thread-specific storage. */

#include <pthread.h>
#include <signal.h>
#include <threads.h>
#include <time.h>

#include "check.h"

/* The function: a header may have an inline body for the name. */
static int (*volatile equal)(thrd_t, thrd_t) = thrd_equal;

static mtx_t mutex;
static cnd_t condition;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int calls, destroyed, turn;
static long total;

static struct timespec in(long milliseconds)
{
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    moment.tv_nsec += milliseconds * 1000000;
    moment.tv_sec += moment.tv_nsec / 1000000000;
    moment.tv_nsec %= 1000000000;
    return moment;
}

static int give(void *result)
{
    return *(int *)result;
}

static int leave(void *result)
{
    thrd_exit(*(int *)result);
}

static int finish_at_once(void *unused)
{
    (void)unused;
    return 0;
}

static void once(void)
{
    ++calls;
}

static int add(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; ++i) {
        call_once(&flag, once);
        EXPECT(mtx_lock(&mutex), thrd_success);
        ++total;
        EXPECT(mtx_unlock(&mutex), thrd_success);
        if (i % 100 == 0)
            thrd_yield();
    }
    return 0;
}

static int try_held(void *unused)
{
    (void)unused;
    struct timespec soon = in(20);
    EXPECT(mtx_trylock(&mutex), thrd_busy);
    EXPECT(mtx_timedlock(&mutex, &soon), thrd_timedout);
    return 0;
}

static int take_turn(void *unused)
{
    (void)unused;
    mtx_lock(&mutex);
    while (turn == 0)
        EXPECT(cnd_wait(&condition, &mutex), thrd_success);
    turn = 2;
    EXPECT(cnd_broadcast(&condition), thrd_success);
    mtx_unlock(&mutex);
    return 0;
}

static void destroy(void *value)
{
    destroyed += *(int *)value;
}

static int store(void *value)
{
    EXPECT_TRUE(tss_get(key) == 0);
    EXPECT(tss_set(key, value), thrd_success);
    EXPECT_TRUE(tss_get(key) == value);
    return 0;
}

static void ignore(int number)
{
    (void)number;
}

static int same(void *other)
{
    EXPECT_TRUE(!equal(thrd_current(), *(thrd_t *)other));
    return 0;
}

static void threads(void)
{
    thrd_t thread, self = thrd_current();
    int result = 0, given = -5, many = 1 << 30;
    EXPECT(thrd_create(&thread, give, &given), thrd_success);
    EXPECT(thrd_join(thread, &result), thrd_success);
    EXPECT(result, -5);
    EXPECT(thrd_create(&thread, leave, &many), thrd_success);
    EXPECT(thrd_join(thread, &result), thrd_success);
    EXPECT(result, 1 << 30);
    EXPECT(thrd_create(&thread, leave, &given), thrd_success);
    EXPECT(thrd_join(thread, 0), thrd_success);
    EXPECT(thrd_create(&thread, same, &self), thrd_success);
    EXPECT(thrd_join(thread, &result), thrd_success);
    EXPECT_TRUE(equal(thrd_current(), self));
#ifndef SANITISED /* whose runtime ends a program that joins itself */
    EXPECT(thrd_join(self, 0), thrd_error);
#endif
    EXPECT(thrd_create(&thread, finish_at_once, 0), thrd_success);
    EXPECT(thrd_detach(thread), thrd_success);
}

static void sleeping(void)
{
    struct timespec shortly = {0, 1000000}, wrong = {0, 1000000000}, minute = {60, 0}, left = {0, 0};
    struct sigaction action = {.sa_handler = ignore};
    errno = 77;
    EXPECT(thrd_sleep(&shortly, 0), 0);
    EXPECT_TRUE(thrd_sleep(&wrong, 0) < -1);
    sigaction(SIGALRM, &action, 0);
    alarm(1);
    EXPECT(thrd_sleep(&minute, &left), -1);
    EXPECT_TRUE(left.tv_sec > 50 && left.tv_sec < 60);
    EXPECT(errno, 77);
}

static void mutexes(void)
{
    thrd_t thread[4];
    mtx_t again;
    struct timespec soon = in(1000);
    EXPECT(mtx_init(&mutex, mtx_timed), thrd_success);
    for (int i = 0; i < 4; ++i)
        EXPECT(thrd_create(&thread[i], add, 0), thrd_success);
    for (int i = 0; i < 4; ++i)
        EXPECT(thrd_join(thread[i], 0), thrd_success);
    EXPECT(total, 4000);
    EXPECT(calls, 1);
    EXPECT(mtx_trylock(&mutex), thrd_success);
    EXPECT(thrd_create(thread, try_held, 0), thrd_success);
    EXPECT(thrd_join(thread[0], 0), thrd_success);
    EXPECT(mtx_unlock(&mutex), thrd_success);
    EXPECT(mtx_timedlock(&mutex, &soon), thrd_success);
    soon.tv_nsec = -1;
    EXPECT(mtx_timedlock(&mutex, &soon), thrd_error);
    EXPECT(mtx_unlock(&mutex), thrd_success);

    EXPECT(mtx_init(&again, mtx_plain | mtx_recursive), thrd_success);
    EXPECT(mtx_lock(&again), thrd_success);
    EXPECT(mtx_lock(&again), thrd_success);
    EXPECT(mtx_trylock(&again), thrd_success);
    for (int i = 0; i < 3; ++i)
        EXPECT(mtx_unlock(&again), thrd_success);
#ifndef SANITISED /* which reports this */
    EXPECT(mtx_unlock(&again), thrd_error);
#endif
    mtx_destroy(&again);
    EXPECT(mtx_init(&again, mtx_timed | mtx_recursive), thrd_success);
    mtx_destroy(&again);
}

static void conditions(void)
{
    thrd_t thread;
    struct timespec soon = in(20);
    EXPECT(cnd_init(&condition), thrd_success);
    EXPECT(cnd_signal(&condition), thrd_success);
    mtx_lock(&mutex);
    EXPECT(cnd_timedwait(&condition, &mutex, &soon), thrd_timedout);
    soon.tv_nsec = 1000000000;
    EXPECT(cnd_timedwait(&condition, &mutex, &soon), thrd_error);
    EXPECT(thrd_create(&thread, take_turn, 0), thrd_success);
    turn = 1;
    EXPECT(cnd_signal(&condition), thrd_success);
    soon = in(60000);
    while (turn != 2)
        EXPECT(cnd_timedwait(&condition, &mutex, &soon), thrd_success);
    mtx_unlock(&mutex);
    EXPECT(thrd_join(thread, 0), thrd_success);
    cnd_destroy(&condition);
    mtx_destroy(&mutex);
}

static void storage(void)
{
    thrd_t thread;
    int value = 3;
    EXPECT(tss_create(&key, destroy), thrd_success);
    EXPECT(thrd_create(&thread, store, &value), thrd_success);
    EXPECT(thrd_join(thread, 0), thrd_success);
    EXPECT(destroyed, 3);
    tss_delete(key);
    EXPECT(tss_set(1 << 20, &value), thrd_error);
}

int main(void)
{
    threads();
    sleeping();
    mutexes();
    conditions();
    storage();
    return faults;
}
