/* Timed waits for the monotonic clock while the wall clock is set forward at random: no wait ends with a time-out before
   its deadline or long after it, and a lock that becomes free is acquired.

   Only root may set the clock, so the program has a wall clock of its own: clock_gettime adds an offset that another
   thread changes, and the timed functions that the members call wait for that clock in short steps, as the kernel does
   when the clock is set. */

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

#include "attack.h"

static long offset; /* seconds */
static int stop;

static void now_of_kernel(clockid_t clock, struct timespec *time)
{
    syscall(SYS_clock_gettime, clock, time);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    now_of_kernel(clock, time);
    if (clock == CLOCK_REALTIME)
        time->tv_sec += __atomic_load_n(&offset, __ATOMIC_SEQ_CST);
    return 0;
}

static int is_reached(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

static void a_moment(void)
{
    const struct timespec moment = {0, 200000};
    syscall(SYS_nanosleep, &moment, (void *)0);
}

#define TIMED(name, try, type)                                                                                         \
    int name(type *lock, const struct timespec *deadline)                                                              \
    {                                                                                                                  \
        while (try(lock) != 0) {                                                                                       \
            if (is_reached(deadline))                                                                                  \
                return ETIMEDOUT;                                                                                      \
            a_moment();                                                                                                \
        }                                                                                                              \
        return 0;                                                                                                      \
    }
TIMED(pthread_mutex_timedlock, pthread_mutex_trylock, pthread_mutex_t)
TIMED(pthread_rwlock_timedrdlock, pthread_rwlock_tryrdlock, pthread_rwlock_t)
TIMED(pthread_rwlock_timedwrlock, pthread_rwlock_trywrlock, pthread_rwlock_t)

int sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    while (sem_trywait(semaphore) != 0) {
        if (is_reached(deadline)) {
            errno = ETIMEDOUT;
            return -1;
        }
        a_moment();
    }
    return 0;
}

extern int pthread_mutex_clocklock(pthread_mutex_t *, clockid_t, const struct timespec *);
extern int pthread_rwlock_clockrdlock(pthread_rwlock_t *, clockid_t, const struct timespec *);
extern int pthread_rwlock_clockwrlock(pthread_rwlock_t *, clockid_t, const struct timespec *);
extern int sem_clockwait(sem_t *, clockid_t, const struct timespec *);

static void *set_clock(void *unused)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        __atomic_add_fetch(&offset, (long)draw(3600), __ATOMIC_SEQ_CST);
        a_moment();
    }
    return unused;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;

static void *wait_in_vain(void *which)
{
    struct timespec deadline, after;
    int result = 0;
    now_of_kernel(CLOCK_MONOTONIC, &deadline);
    deadline.tv_nsec += 5000000 + (long)draw(20000000);
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        ++deadline.tv_sec;
    }
    switch (*(int *)which) {
    case 0: result = pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline); break;
    case 1: result = pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &deadline); break;
    case 2: result = pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &deadline); break;
    default: result = sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline) ? errno : 0;
    }
    now_of_kernel(CLOCK_MONOTONIC, &after);
    long late = (after.tv_sec - deadline.tv_sec) * 1000 + (after.tv_nsec - deadline.tv_nsec) / 1000000;
    EXPECT(result, ETIMEDOUT);
    EXPECT_TRUE(late >= 0 && late < 5000);
    return 0;
}

static void *wait_for_lock(void *unused)
{
    struct timespec deadline;
    now_of_kernel(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += 20;
    EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline), 0);
    EXPECT(pthread_mutex_unlock(&mutex), 0);
    EXPECT(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &deadline), 0);
    return unused;
}

int main(int count, char **arguments)
{
    static int kinds[] = {0, 1, 2, 3};
    pthread_t setter, threads[4];
    begin(count, arguments);
    sem_init(&semaphore, 0, 0);
    EXPECT(pthread_create(&setter, 0, set_clock, 0), 0);
    for (; has_time(); ++loops) {
        pthread_mutex_lock(&mutex);
        pthread_rwlock_wrlock(&rwlock);
        for (int i = 0; i < 4; ++i)
            EXPECT(pthread_create(&threads[i], 0, wait_in_vain, &kinds[i]), 0);
        for (int i = 0; i < 4; ++i)
            EXPECT(pthread_join(threads[i], 0), 0);
        EXPECT(pthread_create(&threads[0], 0, wait_for_lock, 0), 0);
        a_moment();
        pthread_rwlock_unlock(&rwlock);
        pthread_mutex_unlock(&mutex);
        sem_post(&semaphore);
        EXPECT(pthread_join(threads[0], 0), 0);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(setter, 0);
    return end();
}
