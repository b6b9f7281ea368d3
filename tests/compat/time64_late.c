/* Waits after 2038, for which the members' system calls read a wall clock of 2128. The libc has its own clock. */

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <threads.h>

#include "programs/time64/time64.h"

long faked_syscall(long, ...) __asm__("syscall");

long faked_syscall(long number, ...)
{
    long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall"), words[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; ++i)
        words[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == 403 && (words[0] == CLOCK_REALTIME || words[0] == CLOCK_REALTIME_COARSE)) {
        *(struct timespec *)words[1] = (struct timespec){BEYOND, 0};
        return 0;
    }
    return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

static const struct timespec long_passed = {1000, 0}, later = {BEYOND + 100, 0};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER, monotonic;
static sem_t semaphore;

static void *with_locks_taken(void *unused)
{
    EXPECT(pthread_mutex_timedlock(&mutex, &long_passed), ETIMEDOUT);
    EXPECT(pthread_mutex_timedlock(&mutex, &later), EOVERFLOW);
    EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_REALTIME, &later), EOVERFLOW);
    EXPECT(mtx_timedlock((mtx_t *)&mutex, &later), thrd_error);
    EXPECT(pthread_rwlock_timedrdlock(&lock, &long_passed), ETIMEDOUT);
    EXPECT(pthread_rwlock_timedrdlock(&lock, &later), EOVERFLOW);
    EXPECT(pthread_rwlock_timedwrlock(&lock, &later), EOVERFLOW);
    EXPECT(pthread_rwlock_clockrdlock(&lock, CLOCK_REALTIME, &later), EOVERFLOW);
    EXPECT(pthread_rwlock_clockwrlock(&lock, CLOCK_REALTIME, &later), EOVERFLOW);
    return unused;
}

static void *post(void *unused)
{
    struct timespec brief = {0, 20000000};
    nanosleep(&brief, 0);
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&monotonic);
    pthread_mutex_unlock(&mutex);
    sem_wait(&semaphore);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_condattr_t attribute;
    struct timespec soon;
    pthread_condattr_init(&attribute);
    pthread_condattr_setclock(&attribute, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attribute);
    sem_init(&semaphore, 0, 0);
    EXPECT(time(0), BEYOND);

    EXPECT(pthread_mutex_timedlock(&mutex, &later), 0); /* a free lock is acquired */
    EXPECT(pthread_rwlock_timedwrlock(&lock, &later), 0);
    EXPECT(pthread_create(&thread, 0, with_locks_taken, 0), 0);
    pthread_join(thread, 0);
    pthread_rwlock_unlock(&lock);

    EXPECT(pthread_cond_timedwait(&condition, &mutex, &long_passed), ETIMEDOUT);
    EXPECT(pthread_cond_timedwait(&condition, &mutex, &later), EOVERFLOW);
    EXPECT(pthread_cond_clockwait(&condition, &mutex, CLOCK_REALTIME, &later), EOVERFLOW);
    EXPECT(cnd_timedwait((cnd_t *)&condition, (mtx_t *)&mutex, &later), thrd_error);
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += 1;
    EXPECT(pthread_create(&thread, 0, post, 0), 0);
    EXPECT(pthread_cond_timedwait(&monotonic, &mutex, &soon), 0);
    soon.tv_sec = 0;
    EXPECT(pthread_cond_timedwait(&monotonic, &mutex, &soon), ETIMEDOUT);
    pthread_mutex_unlock(&mutex);

    EXPECT(pthread_timedjoin_np(thread, 0, &later), EOVERFLOW);
    EXPECT(pthread_clockjoin_np(thread, 0, CLOCK_REALTIME, &later), EOVERFLOW);
    EXPECT(sem_post(&semaphore), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT_ERROR(sem_timedwait(&semaphore, &long_passed), ETIMEDOUT);
    EXPECT_ERROR(sem_timedwait(&semaphore, &later), EOVERFLOW);
    EXPECT_ERROR(sem_clockwait(&semaphore, CLOCK_REALTIME, &later), EOVERFLOW);
    EXPECT(sem_post(&semaphore), 0);
    EXPECT(sem_timedwait(&semaphore, &later), 0);
    return faults;
}
