/* Waits of threads with deadlines of 64 bits. */

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include "time64.h"

static struct timespec soon(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += 10000000;
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec += 1;
    }
    return time;
}

static const struct timespec past = {0, 0}, long_past = {-BEYOND, 0}, bad = {4000000000, 1000000000};
static const struct timespec centuries = {BEYOND, 0};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static int is_set;

static void *set(void *unused)
{
    (void)unused;
    struct timespec brief = {0, 20000000};
    nanosleep(&brief, 0);
    pthread_mutex_lock(&mutex);
    is_set = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
    return (void *)7;
}

static pthread_t start(void)
{
    pthread_t thread;
    is_set = 0;
    EXPECT(pthread_create(&thread, 0, set, 0), 0);
    return thread;
}

static void conditions(void)
{
    struct timespec time = soon(CLOCK_REALTIME);
    int result;
    pthread_mutex_lock(&mutex);
    while ((result = pthread_cond_timedwait(&condition, &mutex, &time)) == 0)
        continue;
    EXPECT(result, ETIMEDOUT);
    EXPECT(pthread_cond_timedwait(&condition, &mutex, &past), ETIMEDOUT);
    EXPECT(pthread_cond_timedwait(&condition, &mutex, &bad), EINVAL);
    time = soon(CLOCK_MONOTONIC);
    while ((result = pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &time)) == 0)
        continue;
    EXPECT(result, ETIMEDOUT);
    EXPECT(pthread_cond_clockwait(&condition, &mutex, 99, &time), EINVAL);
    pthread_t thread = start();
    while (!is_set)
        EXPECT(pthread_cond_timedwait(&condition, &mutex, &centuries), 0);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, 0);
    thread = start();
    pthread_mutex_lock(&mutex);
    while (!is_set)
        EXPECT(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &centuries), 0);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, 0);
    thread = start();
    pthread_mutex_lock(&mutex);
    while (!is_set)
        EXPECT(cnd_timedwait((cnd_t *)&condition, (mtx_t *)&mutex, &centuries), thrd_success);
    EXPECT(cnd_timedwait((cnd_t *)&condition, (mtx_t *)&mutex, &past), thrd_timedout);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, 0);
    sem_destroy(&semaphore);
    sem_init(&semaphore, 0, 0);
}

static void *try_locks(void *unused)
{
    (void)unused;
    struct timespec wall = soon(CLOCK_REALTIME), monotonic = soon(CLOCK_MONOTONIC);
    EXPECT(pthread_mutex_timedlock(&mutex, &wall), ETIMEDOUT);
    EXPECT(pthread_mutex_timedlock(&mutex, &past), ETIMEDOUT);
    EXPECT(pthread_mutex_timedlock(&mutex, &long_past), ETIMEDOUT);
    EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &monotonic), ETIMEDOUT);
    EXPECT(mtx_timedlock((mtx_t *)&mutex, &past), thrd_timedout);
    EXPECT(pthread_rwlock_timedrdlock(&lock, &past), ETIMEDOUT);
    EXPECT(pthread_rwlock_timedwrlock(&lock, &wall), ETIMEDOUT);
    EXPECT(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &monotonic), ETIMEDOUT);
    EXPECT(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &monotonic), ETIMEDOUT);
    return 0;
}

static void locks(void)
{
    pthread_t thread;
    pthread_mutex_lock(&mutex);
    pthread_rwlock_wrlock(&lock);
    EXPECT(pthread_create(&thread, 0, try_locks, 0), 0);
    pthread_join(thread, 0);
    pthread_mutex_unlock(&mutex);
    pthread_rwlock_unlock(&lock);
    const struct timespec *times[] = {&past, &long_past, &centuries};
    for (int i = 0; i < 3; ++i) { /* a free lock is acquired */
        EXPECT(pthread_mutex_timedlock(&mutex, times[i]), 0);
        EXPECT(pthread_mutex_unlock(&mutex), 0);
        EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, times[i]), 0);
        EXPECT(pthread_mutex_unlock(&mutex), 0);
        EXPECT(mtx_timedlock((mtx_t *)&mutex, times[i]), thrd_success);
        EXPECT(pthread_mutex_unlock(&mutex), 0);
        EXPECT(pthread_rwlock_timedrdlock(&lock, times[i]), 0);
        EXPECT(pthread_rwlock_unlock(&lock), 0);
        EXPECT(pthread_rwlock_timedwrlock(&lock, times[i]), 0);
        EXPECT(pthread_rwlock_unlock(&lock), 0);
        EXPECT(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, times[i]), 0);
        EXPECT(pthread_rwlock_unlock(&lock), 0);
        EXPECT(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, times[i]), 0);
        EXPECT(pthread_rwlock_unlock(&lock), 0);
    }
}

static void semaphores(void)
{
    struct timespec time = soon(CLOCK_REALTIME);
    EXPECT_ERROR(sem_timedwait(&semaphore, &time), ETIMEDOUT);
    EXPECT_ERROR(sem_timedwait(&semaphore, &long_past), ETIMEDOUT);
    time = soon(CLOCK_MONOTONIC);
    EXPECT_ERROR(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &time), ETIMEDOUT);
    EXPECT_ERROR(sem_clockwait(&semaphore, 99, &time), EINVAL);
    pthread_t thread = start();
    EXPECT(sem_timedwait(&semaphore, &centuries), 0);
    pthread_join(thread, 0);
    thread = start();
    EXPECT(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &centuries), 0);
    pthread_join(thread, 0);
}

static void joins(void)
{
    void *result = 0;
    pthread_t thread = start();
    EXPECT(pthread_timedjoin_np(thread, &result, &past), ETIMEDOUT);
    EXPECT(pthread_timedjoin_np(thread, &result, &centuries), 0);
    EXPECT((long)result, 7);
    thread = start();
    EXPECT(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    EXPECT(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &centuries), 0);
    thread = start();
    EXPECT(pthread_timedjoin_np(thread, &result, 0), 0);
    thread = start();
    EXPECT(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, 0), 0);
}

static void *wait_for_centuries(void *unused)
{
    (void)unused;
    sem_timedwait(&semaphore, &centuries);
    return 0;
}

static void cancelling(void)
{
    pthread_t thread;
    struct timespec brief = {0, 20000000};
    void *result = 0;
    sem_destroy(&semaphore);
    sem_init(&semaphore, 0, 0);
    EXPECT(pthread_create(&thread, 0, wait_for_centuries, 0), 0);
    nanosleep(&brief, 0);
    EXPECT(pthread_cancel(thread), 0);
    EXPECT(pthread_join(thread, &result), 0);
    EXPECT_TRUE(result == PTHREAD_CANCELED);
}

int main(void)
{
    sem_init(&semaphore, 0, 0);
    conditions();
    locks();
    semaphores();
    joins();
    cancelling();
    return faults;
}
