/* Timed waits for a clock that the caller chooses: the pthread_*_clock* functions and sem_clockwait (2.30),
   pthread_clockjoin_np (2.31).

   If the running glibc has these functions (looked up at run time), they are called. An older glibc can wait only for
   CLOCK_REALTIME, or, for a condition variable, for the clock with which it was created. The deadline is therefore
   converted: the present time on that clock, plus the time that remains on the caller's clock. When the inner wait
   ends, the caller's clock decides:

   - If the wall clock is set forward, the inner wait ends early. Lock functions wait again. A condition variable
     reports a spurious wakeup; it must not wait again, because a signal may have come while its mutex was locked again.
   - If the wall clock is set back during the wait, the time-out comes later by that amount. No conversion can prevent
     that.
   - ETIMEDOUT is returned only after the caller's clock has passed the deadline. */

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "compat.h"
#include "conditionclock.h"
#include "running.h"


#define SECOND 1000000000L
#define DAY 86400

/* The longest inner wait in seconds. It only prevents an overflow. */
#define LONGEST_WAIT DAY
/* While a thread waits on CLOCK_MONOTONIC for a CLOCK_REALTIME deadline, setting the wall clock forward does not end
   the wait. So the inner wait lasts at most this long (nanoseconds), then the wall clock is read again. A condition
   variable reports a spurious wakeup each time. */
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

/* The time on clock `to` when `deadline` on clock `from` is reached, if neither clock is set; or an earlier time. */
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

/* A free lock is acquired even if the deadline is malformed or has passed. Only libc knows whether the lock is free, so
   libc gets such a deadline unchanged. */
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
