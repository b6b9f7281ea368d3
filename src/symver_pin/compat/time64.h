/* What the members for 64-bit times on i386 and 32-bit Arm share: the structures with which a program compiled with
   -D_TIME_BITS=64 calls libc (2.34), and their conversion to those of an older libc.

   Headers of 2.34 and later turn `nanosleep` into `__nanosleep64` and so on, for about 90 functions. The members have
   these names. docs/y2038.md has the rules in full; in short:

   - A running libc of 2.34 or later gets the call (COMPAT_64).
   - A value that a 32-bit time_t holds goes to the older function of libc. So waits stay cancellation points, and a
     library that is preloaded sees the call.
   - Any other value goes to the system call with 64-bit times (Linux 5.1), if there is one.
   - What neither can express fails with EOVERFLOW. Nothing is truncated.
   - A time that comes from the kernel is asked for with 64 bits first.

   Both architectures are little-endian; the fields of 64 bits are aligned to 4 bytes on i386 and to 8 on Arm, as in
   libc's structures. tests/compat/test_time64.py compares all layouts with the headers of both. */

#ifndef SYMVER_PIN_TIME64_H
#define SYMVER_PIN_TIME64_H

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "compat.h"
#include "running.h"
#include "time64_layouts.h"

_Static_assert(sizeof(time_t) == 4, "the members convert to a 32-bit time_t");

/* System calls with 64-bit times (Linux 5.1) have the same numbers on every 32-bit architecture. */
enum {
    CALL_CLOCK_GETTIME64 = 403,
    CALL_CLOCK_SETTIME64 = 404,
    CALL_CLOCK_ADJTIME64 = 405,
    CALL_CLOCK_GETRES64 = 406,
    CALL_CLOCK_NANOSLEEP64 = 407,
    CALL_TIMERFD_GETTIME64 = 410,
    CALL_TIMERFD_SETTIME64 = 411,
    CALL_UTIMENSAT64 = 412,
    CALL_PSELECT64 = 413,
    CALL_PPOLL64 = 414,
    CALL_RECVMMSG64 = 417,
    CALL_MQ_TIMEDSEND64 = 418,
    CALL_MQ_TIMEDRECEIVE64 = 419,
    CALL_SEMTIMEDOP64 = 420,
    CALL_SIGTIMEDWAIT64 = 421,
    CALL_SCHED_RR_GET_INTERVAL64 = 423,
    CALL_EPOLL_PWAIT2 = 441,
};

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, clock_gettime, (clockid_t, struct timespec *));
COMPAT_PLAIN(int, pthread_setcanceltype, (int, int *));

/* COMPAT_64(int, name, (int a), (a)) { ... } defines a member that calls the running libc's function if there is one,
   and else does what stands between the braces. */
#define COMPAT_64(type, symbol, parameters, arguments)                                                                 \
    static type older_##symbol parameters;                                                                             \
    COMPAT_DEFINE(type, symbol, parameters)                                                                            \
    {                                                                                                                  \
        COMPAT_PREFER_RUNNING(type, symbol, parameters, arguments);                                                    \
        return older_##symbol arguments;                                                                               \
    }                                                                                                                  \
    static type older_##symbol parameters

/* The result of a system call during which pthread_cancel may end the thread. */
#define CANCELLABLE(call)                                                                                              \
    __extension__({                                                                                                    \
        int type_, unused_;                                                                                            \
        plain_pthread_setcanceltype(1 /* PTHREAD_CANCEL_ASYNCHRONOUS */, &type_);                                      \
        long result_ = (call);                                                                                         \
        plain_pthread_setcanceltype(type_, &unused_);                                                                  \
        result_;                                                                                                       \
    })

static inline int fits_in_32(int64_t value)
{
    return value == (int32_t)value;
}

static inline struct timespec narrow_spec(const struct spec64 *from)
{
    return (struct timespec){(time_t)from->sec, from->nsec};
}

static inline struct spec64 widen_spec(const struct timespec *from)
{
    return (struct spec64){from->tv_sec, from->tv_nsec, 0};
}

static inline struct val64 widen_val(const struct timeval *from)
{
    return (struct val64){from->tv_sec, from->tv_usec};
}

/* Whether a kernel refused a system call that it does not know: ENOSYS, or EPERM from a filter that is older than the
   call (containers' before 2020). */
static inline int lacks_time64(void)
{
    return errno == ENOSYS || errno == EPERM;
}

/* The result of a system call for a value that 32 bits do not hold: without the call, EOVERFLOW. */
static inline long without_32(long result)
{
    if (result == -1 && errno == ENOSYS)
        errno = EOVERFLOW;
    return result;
}

static inline int overflow(void)
{
    errno = EOVERFLOW;
    return -1;
}

/* Before Linux 5.1 the clock has 32 bits, which from 2038 on are wrong. */
static inline int read_clock(clockid_t clock, struct spec64 *now)
{
    struct timespec old;
    if (plain_syscall(CALL_CLOCK_GETTIME64, clock, now) == 0)
        return 0;
    if (!lacks_time64() || plain_clock_gettime(clock, &old) != 0)
        return -1;
    *now = widen_spec(&old);
    return 0;
}

/* Microseconds as nanoseconds. Returns -1 with EINVAL if they are no part of a second. */
static inline int spec_of_val(const struct val64 *from, struct spec64 *to)
{
    if (from->usec < 0 || from->usec >= 1000000) {
        errno = EINVAL;
        return -1;
    }
    *to = (struct spec64){from->sec, (int32_t)from->usec * 1000, 0};
    return 0;
}

#endif
