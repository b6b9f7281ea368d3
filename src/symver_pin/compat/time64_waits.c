/* Waits of threads for a deadline of 64 bits (time64.h).

   These functions belong to the libc whose locks they wait for, so no system call can replace them. An older libc takes
   a deadline of 32 bits, which ends in January 2038:

   - A later deadline is replaced by the last moment that 32 bits hold. If the wait lasts until then, the result is
     EOVERFLOW. So today a deadline in the year 3000 works.
   - From 2038 on, on the wall clock, a deadline before 2038 has passed, and a later one fails with EOVERFLOW at once if
     the lock is not free. CLOCK_MONOTONIC counts from the start of the system and is not affected. */

#include <pthread.h>
#include <semaphore.h>

#include "conditionclock.h"
#include "time64.h"

COMPAT_PLAIN(int, pthread_cond_timedwait, (pthread_cond_t *, pthread_mutex_t *, const struct timespec *));
COMPAT_PLAIN(int, pthread_cond_clockwait, (pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *));
COMPAT_PLAIN(int, pthread_timedjoin_np, (pthread_t, void **, const struct timespec *));
COMPAT_PLAIN(int, pthread_clockjoin_np, (pthread_t, void **, clockid_t, const struct timespec *));
COMPAT_PLAIN(int, pthread_tryjoin_np, (pthread_t, void **));
COMPAT_PLAIN(int, sem_timedwait, (sem_t *, const struct timespec *));
COMPAT_PLAIN(int, sem_clockwait, (sem_t *, clockid_t, const struct timespec *));
COMPAT_PLAIN(int, sem_trywait, (sem_t *));

enum reach { WHOLE, CUT, NEVER }; /* `old` is the deadline; an earlier moment; no moment can be given */

static enum reach narrow_deadline(clockid_t clock, const struct spec64 *deadline, struct timespec *old)
{
    struct spec64 now;
    int is_late = clock == CLOCK_REALTIME && read_clock(clock, &now) == 0 && now.sec > INT32_MAX;
    *old = narrow_spec(deadline);
    if (deadline->sec > INT32_MAX) {
        old->tv_sec = INT32_MAX;
        return is_late ? NEVER : CUT;
    }
    /* A moment that has passed. Older functions subtract the clock's 32 bits from it, negative from 2038 on. */
    if (deadline->sec < 0 || is_late)
        *old = (struct timespec){is_late ? (time_t)(uint32_t)now.sec - 1 : 0, old->tv_nsec};
    return WHOLE;
}

/* What a wait returns whose deadline was `reach`, after the older function returned `result`. */
static int wait_result(enum reach reach, int result)
{
    return reach == CUT && result == ETIMEDOUT ? EOVERFLOW : result;
}

/* Only from 2038 on the clock of the condition variable matters. */
static int condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct spec64 *deadline)
{
    struct timespec old;
    struct spec64 now;
    clockid_t clock = CLOCK_MONOTONIC;
    if (read_clock(CLOCK_REALTIME, &now) == 0 && now.sec > INT32_MAX)
        clock = clock_of(condition);
    enum reach reach = narrow_deadline(clock, deadline, &old);
    if (reach == NEVER)
        return EOVERFLOW;
    return wait_result(reach, plain_pthread_cond_timedwait(condition, mutex, &old));
}

COMPAT_64(int, __pthread_cond_timedwait64,
          (pthread_cond_t * condition, pthread_mutex_t *mutex, const struct spec64 *deadline),
          (condition, mutex, deadline))
{
    return condition_wait(condition, mutex, deadline);
}

COMPAT_64(int, __pthread_cond_clockwait64,
          (pthread_cond_t * condition, pthread_mutex_t *mutex, clockid_t clock, const struct spec64 *deadline),
          (condition, mutex, clock, deadline))
{
    struct timespec old;
    enum reach reach = narrow_deadline(clock, deadline, &old);
    if (reach == NEVER)
        return EOVERFLOW;
    return wait_result(reach, plain_pthread_cond_clockwait(condition, mutex, clock, &old));
}

/* A free lock is acquired whatever the deadline is. */
static int instead_of_wait(int tried)
{
    return tried == EBUSY ? EOVERFLOW : tried;
}

#define TIMED_LOCK(symbol, older, attempt, type)                                                                       \
    COMPAT_PLAIN(int, older, (type *, const struct timespec *));                                                       \
    COMPAT_PLAIN(int, attempt, (type *));                                                                              \
    static int timed_##older(type *lock, const struct spec64 *deadline)                                                \
    {                                                                                                                  \
        struct timespec old;                                                                                           \
        enum reach reach = narrow_deadline(CLOCK_REALTIME, deadline, &old);                                            \
        if (reach == NEVER)                                                                                            \
            return instead_of_wait(plain_##attempt(lock));                                                             \
        return wait_result(reach, plain_##older(lock, &old));                                                          \
    }                                                                                                                  \
    COMPAT_64(int, symbol, (type * lock, const struct spec64 *deadline), (lock, deadline))                             \
    {                                                                                                                  \
        return timed_##older(lock, deadline);                                                                          \
    }

#define CLOCKED_LOCK(symbol, older, attempt, type)                                                                     \
    COMPAT_PLAIN(int, older, (type *, clockid_t, const struct timespec *));                                            \
    COMPAT_64(int, symbol, (type * lock, clockid_t clock, const struct spec64 *deadline), (lock, clock, deadline))     \
    {                                                                                                                  \
        struct timespec old;                                                                                           \
        enum reach reach = narrow_deadline(clock, deadline, &old);                                                     \
        if (reach == NEVER)                                                                                            \
            return instead_of_wait(plain_##attempt(lock));                                                             \
        return wait_result(reach, plain_##older(lock, clock, &old));                                                   \
    }

TIMED_LOCK(__pthread_mutex_timedlock64, pthread_mutex_timedlock, pthread_mutex_trylock, pthread_mutex_t)
TIMED_LOCK(__pthread_rwlock_timedrdlock64, pthread_rwlock_timedrdlock, pthread_rwlock_tryrdlock, pthread_rwlock_t)
TIMED_LOCK(__pthread_rwlock_timedwrlock64, pthread_rwlock_timedwrlock, pthread_rwlock_trywrlock, pthread_rwlock_t)
CLOCKED_LOCK(__pthread_mutex_clocklock64, pthread_mutex_clocklock, pthread_mutex_trylock, pthread_mutex_t)
CLOCKED_LOCK(__pthread_rwlock_clockrdlock64, pthread_rwlock_clockrdlock, pthread_rwlock_tryrdlock, pthread_rwlock_t)
CLOCKED_LOCK(__pthread_rwlock_clockwrlock64, pthread_rwlock_clockwrlock, pthread_rwlock_trywrlock, pthread_rwlock_t)

/* For functions that return -1 and set errno. */
static int semaphore_result(enum reach reach, int result)
{
    if (result != 0 && reach == CUT && errno == ETIMEDOUT)
        errno = EOVERFLOW;
    if (result != 0 && reach == NEVER && errno == EAGAIN)
        errno = EOVERFLOW;
    return result;
}

COMPAT_64(int, __sem_timedwait64, (sem_t * semaphore, const struct spec64 *deadline), (semaphore, deadline))
{
    struct timespec old;
    enum reach reach = narrow_deadline(CLOCK_REALTIME, deadline, &old);
    int result = reach == NEVER ? plain_sem_trywait(semaphore) : plain_sem_timedwait(semaphore, &old);
    return semaphore_result(reach, result);
}

COMPAT_64(int, __sem_clockwait64, (sem_t * semaphore, clockid_t clock, const struct spec64 *deadline),
          (semaphore, clock, deadline))
{
    struct timespec old;
    enum reach reach = narrow_deadline(clock, deadline, &old);
    return semaphore_result(reach, reach == NEVER ? plain_sem_trywait(semaphore)
                                                  : plain_sem_clockwait(semaphore, clock, &old));
}

/* Without a deadline these wait as pthread_join does. */
COMPAT_64(int, __pthread_timedjoin_np64, (pthread_t thread, void **result, const struct spec64 *deadline),
          (thread, result, deadline))
{
    struct timespec old;
    if (!deadline)
        return plain_pthread_timedjoin_np(thread, result, 0);
    enum reach reach = narrow_deadline(CLOCK_REALTIME, deadline, &old);
    if (reach == NEVER)
        return instead_of_wait(plain_pthread_tryjoin_np(thread, result));
    return wait_result(reach, plain_pthread_timedjoin_np(thread, result, &old));
}

COMPAT_64(int, __pthread_clockjoin_np64,
          (pthread_t thread, void **result, clockid_t clock, const struct spec64 *deadline),
          (thread, result, clock, deadline))
{
    struct timespec old;
    if (!deadline)
        return plain_pthread_clockjoin_np(thread, result, clock, 0);
    enum reach reach = narrow_deadline(clock, deadline, &old);
    if (reach == NEVER)
        return instead_of_wait(plain_pthread_tryjoin_np(thread, result));
    return wait_result(reach, plain_pthread_clockjoin_np(thread, result, clock, &old));
}

/* C11's results: thrd_success, thrd_busy, thrd_error, thrd_nomem, thrd_timedout. */
static int c11_result(int error)
{
    return error == 0 ? 0 : error == EBUSY ? 1 : error == ENOMEM ? 3 : error == ETIMEDOUT ? 4 : 2;
}

COMPAT_64(int, __cnd_timedwait64, (pthread_cond_t * condition, pthread_mutex_t *mutex, const struct spec64 *deadline),
          (condition, mutex, deadline))
{
    return c11_result(condition_wait(condition, mutex, deadline));
}

COMPAT_64(int, __mtx_timedlock64, (pthread_mutex_t * mutex, const struct spec64 *deadline), (mutex, deadline))
{
    return c11_result(timed_pthread_mutex_timedlock(mutex, deadline));
}
