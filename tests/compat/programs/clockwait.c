/* Waits on the clock that was named: they end when that clock says so, and with the errors documented. */

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "check.h"

#define MILLISECOND 1000000L

/* The program's own clock_gettime is what a compat member calls. Once, the wall clock reads an hour late: to the
   member it looks set forward by an hour during the wait that follows. */
static int late_once;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME && __atomic_exchange_n(&late_once, 0, __ATOMIC_SEQ_CST))
        now->tv_sec -= 3600;
    return result;
}

static struct timespec in(clockid_t clock, long milliseconds)
{
    struct timespec moment;
    syscall(SYS_clock_gettime, clock, &moment);
    long long nanoseconds = moment.tv_nsec + milliseconds * MILLISECOND;
    moment.tv_sec += nanoseconds / 1000000000;
    moment.tv_nsec = nanoseconds % 1000000000;
    if (moment.tv_nsec < 0) {
        moment.tv_nsec += 1000000000;
        moment.tv_sec -= 1;
    }
    return moment;
}

static int passed(clockid_t clock, const struct timespec *moment)
{
    struct timespec now;
    syscall(SYS_clock_gettime, clock, &now);
    return now.tv_sec > moment->tv_sec || (now.tv_sec == moment->tv_sec && now.tv_nsec >= moment->tv_nsec);
}

static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static int ready;

static void *signaller(void *condition)
{
    pthread_mutex_lock(&mutex);
    ready = 1;
    pthread_cond_signal(condition);
    pthread_mutex_unlock(&mutex);
    return 0;
}

static void condition_with(clockid_t own)
{
    pthread_cond_t condition;
    pthread_condattr_t attribute;
    pthread_t thread;
    pthread_condattr_init(&attribute);
    pthread_condattr_setclock(&attribute, own);
    pthread_cond_init(&condition, &attribute);
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < 2; ++i) {
        int result = 0;
        struct timespec soon, never = in(clocks[i], 3600000), gone = in(clocks[i], -5000);
        for (int jump = 0; jump < 2; ++jump) {
            soon = in(clocks[i], 120);
            late_once = jump;
            do
                result = pthread_cond_clockwait(&condition, &mutex, clocks[i], &soon);
            while (result == 0 && !passed(clocks[i], &soon));
            EXPECT_TRUE(result == ETIMEDOUT || result == 0);
            EXPECT_TRUE(passed(clocks[i], &soon));
            late_once = 0;
        }
        EXPECT(pthread_cond_clockwait(&condition, &mutex, clocks[i], &gone), ETIMEDOUT);

        ready = 0;
        EXPECT(pthread_create(&thread, 0, signaller, &condition), 0);
        while (!ready)
            EXPECT(pthread_cond_clockwait(&condition, &mutex, clocks[i], &never), 0);
        pthread_join(thread, 0);

        struct timespec wrong = {never.tv_sec, 1000000000};
        EXPECT(pthread_cond_clockwait(&condition, &mutex, clocks[i], &wrong), EINVAL);
        wrong.tv_nsec = -1;
        EXPECT(pthread_cond_clockwait(&condition, &mutex, clocks[i], &wrong), EINVAL);
        EXPECT(pthread_cond_clockwait(&condition, &mutex, CLOCK_PROCESS_CPUTIME_ID, &soon), EINVAL);
    }
    pthread_mutex_unlock(&mutex);
    EXPECT(pthread_cond_destroy(&condition), 0);
}

static void *holder(void *unused)
{
    (void)unused;
    struct timespec soon, gone;
    for (int i = 0; i < 2; ++i)
        for (int jump = 0; jump < 2; ++jump) {
            clockid_t clock = clocks[i];
            gone = in(clock, -5000);
            soon = in(clock, 60), late_once = jump;
            EXPECT(pthread_mutex_clocklock(&held, clock, &soon), ETIMEDOUT);
            EXPECT_TRUE(passed(clock, &soon));
            soon = in(clock, 60), late_once = jump;
            EXPECT(pthread_rwlock_clockrdlock(&rwlock, clock, &soon), ETIMEDOUT);
            EXPECT_TRUE(passed(clock, &soon));
            soon = in(clock, 60), late_once = jump;
            EXPECT(pthread_rwlock_clockwrlock(&rwlock, clock, &soon), ETIMEDOUT);
            EXPECT_TRUE(passed(clock, &soon));
            soon = in(clock, 60), late_once = jump;
            EXPECT_ERROR(sem_clockwait(&semaphore, clock, &soon), ETIMEDOUT);
            EXPECT_TRUE(passed(clock, &soon));
            late_once = 0;

            EXPECT(pthread_mutex_clocklock(&held, clock, &gone), ETIMEDOUT);
            EXPECT(pthread_rwlock_clockwrlock(&rwlock, clock, &gone), ETIMEDOUT);
            EXPECT_ERROR(sem_clockwait(&semaphore, clock, &gone), ETIMEDOUT);
            soon.tv_nsec = 1000000000;
            EXPECT(pthread_mutex_clocklock(&held, clock, &soon), EINVAL);
            EXPECT(pthread_rwlock_clockrdlock(&rwlock, clock, &soon), EINVAL);
            EXPECT_ERROR(sem_clockwait(&semaphore, clock, &soon), EINVAL);
        }
    soon = in(CLOCK_MONOTONIC, 1000);
    EXPECT(pthread_mutex_clocklock(&held, CLOCK_BOOTTIME, &soon), EINVAL);
    EXPECT(pthread_rwlock_clockrdlock(&rwlock, CLOCK_BOOTTIME, &soon), EINVAL);
    EXPECT(pthread_rwlock_clockwrlock(&rwlock, CLOCK_BOOTTIME, &soon), EINVAL);
    EXPECT_ERROR(sem_clockwait(&semaphore, CLOCK_BOOTTIME, &soon), EINVAL);
    return 0;
}

static void *sleeper(void *milliseconds)
{
    usleep((useconds_t)(long)milliseconds * 1000);
    return milliseconds;
}

static void joins(void)
{
    pthread_t thread;
    void *result = 0;
    for (int i = 0; i < 2; ++i) {
        clockid_t clock = i ? CLOCK_REALTIME : CLOCK_MONOTONIC;
        for (int jump = 0; jump <= i; ++jump) {
            struct timespec soon = in(clock, 60), later = in(clock, 60000);
            EXPECT(pthread_create(&thread, 0, sleeper, (void *)300), 0);
            late_once = jump;
            EXPECT(pthread_clockjoin_np(thread, &result, clock, &soon), ETIMEDOUT);
            late_once = 0;
            EXPECT_TRUE(passed(clock, &soon));
            EXPECT(pthread_clockjoin_np(thread, &result, clock, &later), 0);
            EXPECT((long)result, 300);
        }
    }
    struct timespec later = in(CLOCK_MONOTONIC, 60000);
    EXPECT(pthread_create(&thread, 0, sleeper, (void *)1), 0);
    EXPECT(pthread_clockjoin_np(thread, 0, CLOCK_BOOTTIME, &later), EINVAL);
    EXPECT(pthread_clockjoin_np(thread, 0, CLOCK_MONOTONIC, 0), 0);
}

static void *poster(void *unused)
{
    (void)unused;
    sem_post(&semaphore);
    return 0;
}

int main(void)
{
    pthread_t thread;
    pthread_mutexattr_t checking;
    condition_with(CLOCK_REALTIME);
    condition_with(CLOCK_MONOTONIC);

    pthread_mutexattr_init(&checking);
    pthread_mutexattr_settype(&checking, PTHREAD_MUTEX_ERRORCHECK);
    EXPECT(pthread_mutex_init(&held, &checking), 0);
    EXPECT(sem_init(&semaphore, 0, 0), 0);
    struct timespec soon = in(CLOCK_MONOTONIC, 60), gone = in(CLOCK_MONOTONIC, -5000);
    EXPECT(pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &gone), 0); /* free: no look at the deadline */
    EXPECT(pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &soon), EDEADLK);
    EXPECT(pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &soon), 0);
    EXPECT(pthread_create(&thread, 0, holder, 0), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT(pthread_rwlock_unlock(&rwlock), 0);
    EXPECT(pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &gone), 0);
    EXPECT(pthread_rwlock_clockrdlock(&rwlock, CLOCK_REALTIME, &gone), 0);

    struct timespec never = in(CLOCK_MONOTONIC, 3600000);
    EXPECT(pthread_create(&thread, 0, poster, 0), 0);
    EXPECT(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &never), 0);
    EXPECT(pthread_join(thread, 0), 0);
    joins();
    return faults;
}
