/* Timed waits against a clock that the caller names: the pthread_*_clock* functions and sem_clockwait (2.30),
   pthread_clockjoin_np (2.31).

   On a glibc that has them, found at run time, those are called.  An older one waits for CLOCK_REALTIME only (a condition
   variable: for the clock it was created with), so the deadline is translated: now on that clock plus the time that
   is left on the caller's.  When the wait ends, the caller's clock has the last word:

   - a wall clock set forward ends the inner wait early: the lock waits go on, the condition variable reports a
     spurious wakeup (it must not go on: a signal may have come while its mutex was being taken again);
   - a wall clock set back during the wait delays the time-out by that step, which no translation can prevent;
   - ETIMEDOUT is returned only once the caller's clock has passed the deadline. */

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "compat.h"

COMPAT_PLAIN(void *, dlsym, (void *, const char *));

#define SECOND 1000000000L
#define DAY 86400

/* How long one inner wait may last, seconds; only a bound against overflow. */
#define LONGEST_WAIT DAY
/* While waiting on CLOCK_MONOTONIC for a CLOCK_REALTIME deadline nothing ends the wait when the wall clock is set
   forward, so look every so often, nanoseconds. */
#define LOOK_AGAIN (SECOND / 10)

static int known(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

static int proper(const struct timespec *deadline)
{
    return deadline->tv_nsec >= 0 && deadline->tv_nsec < SECOND;
}

static int reached(clockid_t clock, const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

/* The moment on clock `to` at which `deadline` on clock `from` is reached, if both go on as now, or an earlier one. */
static struct timespec translate(clockid_t from, const struct timespec *deadline, clockid_t to)
{
    struct timespec now, left = {0, 0}, moment;
    clock_gettime(from, &now);
    clock_gettime(to, &moment);
    if (deadline->tv_sec > now.tv_sec && deadline->tv_sec - now.tv_sec > LONGEST_WAIT)
        left.tv_sec = LONGEST_WAIT;
    else if (deadline->tv_sec >= now.tv_sec) {
        left.tv_sec = deadline->tv_sec - now.tv_sec;
        left.tv_nsec = deadline->tv_nsec - now.tv_nsec;
        if (left.tv_nsec < 0) {
            left.tv_sec -= 1;
            left.tv_nsec += SECOND;
        }
        if (left.tv_sec < 0)
            left.tv_sec = left.tv_nsec = 0;
    }
    if (to == CLOCK_MONOTONIC && (left.tv_sec > 0 || left.tv_nsec > LOOK_AGAIN)) {
        left.tv_sec = 0;
        left.tv_nsec = LOOK_AGAIN;
    }
    moment.tv_sec += left.tv_sec;
    moment.tv_nsec += left.tv_nsec;
    if (moment.tv_nsec >= SECOND) {
        moment.tv_sec += 1;
        moment.tv_nsec -= SECOND;
    }
    return moment;
}

/* The clock that a condition variable was created with.  No function tells, so ask the running libc how it marks it:
   the bits in which two fresh ones, equal but for their clock, differ. */
static clockid_t clock_of(const pthread_cond_t *condition)
{
    pthread_cond_t wall, monotonic;
    pthread_condattr_t attribute;
    const volatile unsigned char *mine = (const volatile unsigned char *)condition;
    const unsigned char *w = (const unsigned char *)&wall, *m = (const unsigned char *)&monotonic;
    clockid_t clock = CLOCK_REALTIME;

    memset(&wall, 0, sizeof wall);
    memset(&monotonic, 0, sizeof monotonic);
    pthread_cond_init(&wall, 0);
    pthread_condattr_init(&attribute);
    pthread_condattr_setclock(&attribute, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attribute);
    for (size_t i = 0; i < sizeof wall; ++i) {
        unsigned char mark = w[i] ^ m[i];
        if (mark && (mine[i] & mark) == (m[i] & mark))
            clock = CLOCK_MONOTONIC;
    }
    pthread_condattr_destroy(&attribute);
    pthread_cond_destroy(&monotonic);
    pthread_cond_destroy(&wall);
    return clock;
}

COMPAT_DEFINE(int, pthread_cond_clockwait,
              (pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline))
{
    static void *real;
    int (*running)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) =
        COMPAT_RUNNING(real, "pthread_cond_clockwait");
    if (running)
        return running(condition, mutex, clock, deadline);
    if (!known(clock) || !proper(deadline))
        return EINVAL;
    clockid_t own = clock_of(condition);
    if (own == clock)
        return pthread_cond_timedwait(condition, mutex, deadline);
    struct timespec moment = translate(clock, deadline, own);
    int result = pthread_cond_timedwait(condition, mutex, &moment);
    return result == ETIMEDOUT && !reached(clock, deadline) ? 0 : result;
}

/* A lock that is free is taken whatever the deadline says, and only the libc knows whether it is: so it gets to see a
   malformed deadline, and a past one, too. */
#define CLOCK_LOCK(symbol, timed, type)                                                                                \
    COMPAT_DEFINE(int, symbol, (type * lock, clockid_t clock, const struct timespec *deadline))                        \
    {                                                                                                                  \
        static void *real;                                                                                             \
        int (*running)(type *, clockid_t, const struct timespec *) = COMPAT_RUNNING(real, #symbol);                    \
        if (running)                                                                                                   \
            return running(lock, clock, deadline);                                                                     \
        if (!known(clock))                                                                                             \
            return EINVAL;                                                                                             \
        if (clock == CLOCK_REALTIME || !proper(deadline))                                                              \
            return timed(lock, deadline);                                                                              \
        for (;;) {                                                                                                     \
            struct timespec moment = translate(clock, deadline, CLOCK_REALTIME);                                       \
            int last = reached(clock, deadline);                                                                       \
            int result = timed(lock, &moment);                                                                         \
            if (result != ETIMEDOUT || last)                                                                           \
                return result;                                                                                         \
        }                                                                                                              \
    }

CLOCK_LOCK(pthread_mutex_clocklock, pthread_mutex_timedlock, pthread_mutex_t)
CLOCK_LOCK(pthread_rwlock_clockrdlock, pthread_rwlock_timedrdlock, pthread_rwlock_t)
CLOCK_LOCK(pthread_rwlock_clockwrlock, pthread_rwlock_timedwrlock, pthread_rwlock_t)

COMPAT_DEFINE(int, sem_clockwait, (sem_t * semaphore, clockid_t clock, const struct timespec *deadline))
{
    static void *real;
    int (*running)(sem_t *, clockid_t, const struct timespec *) = COMPAT_RUNNING(real, "sem_clockwait");
    if (running)
        return running(semaphore, clock, deadline);
    if (!known(clock)) {
        errno = EINVAL;
        return -1;
    }
    if (clock == CLOCK_REALTIME || !proper(deadline))
        return sem_timedwait(semaphore, deadline);
    for (;;) {
        struct timespec moment = translate(clock, deadline, CLOCK_REALTIME);
        int last = reached(clock, deadline);
        if (sem_timedwait(semaphore, &moment) == 0)
            return 0;
        if (errno != ETIMEDOUT || last)
            return -1;
    }
}

COMPAT_DEFINE(int, pthread_clockjoin_np,
              (pthread_t thread, void **result, clockid_t clock, const struct timespec *deadline))
{
    static void *real;
    int (*running)(pthread_t, void **, clockid_t, const struct timespec *) =
        COMPAT_RUNNING(real, "pthread_clockjoin_np");
    if (running)
        return running(thread, result, clock, deadline);
    if (!known(clock))
        return EINVAL;
    if (deadline == 0)
        return pthread_join(thread, result);
    if (clock == CLOCK_REALTIME || !proper(deadline))
        return pthread_timedjoin_np(thread, result, deadline);
    for (;;) {
        struct timespec moment = translate(clock, deadline, CLOCK_REALTIME);
        int last = reached(clock, deadline);
        int error = pthread_timedjoin_np(thread, result, &moment);
        if (error != ETIMEDOUT || last)
            return error;
    }
}
