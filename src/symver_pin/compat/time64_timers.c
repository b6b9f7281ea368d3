/* Timers with 64-bit times (time64.h). */

#include "time64.h"

COMPAT_PLAIN(int, timer_gettime, (timer_t, struct itimerspec *));
COMPAT_PLAIN(int, timer_settime, (timer_t, int, const struct itimerspec *, struct itimerspec *));
COMPAT_PLAIN(int, timerfd_gettime, (int, struct itimerspec *));
COMPAT_PLAIN(int, timerfd_settime, (int, int, const struct itimerspec *, struct itimerspec *));
COMPAT_PLAIN(int, getitimer, (int, struct itimerval *));
COMPAT_PLAIN(int, setitimer, (int, const struct itimerval *, struct itimerval *));

static int narrow_timer(const struct timer_spec64 *from, struct itimerspec *to)
{
    if (!fits_in_32(from->value.sec) || !fits_in_32(from->interval.sec))
        return overflow();
    *to = (struct itimerspec){narrow_spec(&from->interval), narrow_spec(&from->value)};
    return 0;
}

static void widen_timer(const struct itimerspec *from, struct timer_spec64 *to)
{
    if (to)
        *to = (struct timer_spec64){widen_spec(&from->it_interval), widen_spec(&from->it_value)};
}

/* Only libc knows which timer of the kernel a timer_t is, so there is no system call to make. The time that is left
   always fits, because no more was set. */
COMPAT_64(int, __timer_gettime64, (timer_t timer, struct timer_spec64 *left), (timer, left))
{
    struct itimerspec old;
    int result = plain_timer_gettime(timer, &old);
    if (result == 0)
        widen_timer(&old, left);
    return result;
}

COMPAT_64(int, __timer_settime64,
          (timer_t timer, int flags, const struct timer_spec64 *time, struct timer_spec64 *before),
          (timer, flags, time, before))
{
    struct itimerspec old, last;
    if (narrow_timer(time, &old) != 0)
        return -1;
    int result = plain_timer_settime(timer, flags, &old, before ? &last : 0);
    if (result == 0)
        widen_timer(&last, before);
    return result;
}

COMPAT_64(int, __timerfd_gettime64, (int fd, struct timer_spec64 *left), (fd, left))
{
    struct itimerspec old;
    int result = (int)plain_syscall(CALL_TIMERFD_GETTIME64, fd, left);
    if (result == 0 || !lacks_time64())
        return result;
    result = plain_timerfd_gettime(fd, &old);
    if (result == 0)
        widen_timer(&old, left);
    return result;
}

COMPAT_64(int, __timerfd_settime64,
          (int fd, int flags, const struct timer_spec64 *time, struct timer_spec64 *before), (fd, flags, time, before))
{
    struct itimerspec old, last;
    int result = (int)plain_syscall(CALL_TIMERFD_SETTIME64, fd, flags, time, before);
    if (result == 0 || !lacks_time64())
        return result;
    if (narrow_timer(time, &old) != 0)
        return -1;
    result = plain_timerfd_settime(fd, flags, &old, before ? &last : 0);
    if (result == 0)
        widen_timer(&last, before);
    return result;
}

static void widen_interval(const struct itimerval *from, struct timer_val64 *to)
{
    if (to)
        *to = (struct timer_val64){widen_val(&from->it_interval), widen_val(&from->it_value)};
}

/* The kernel has no such call with 64-bit times. */
COMPAT_64(int, __getitimer64, (int which, struct timer_val64 *left), (which, left))
{
    struct itimerval old;
    int result = plain_getitimer(which, &old);
    if (result == 0)
        widen_interval(&old, left);
    return result;
}

COMPAT_64(int, __setitimer64, (int which, const struct timer_val64 *time, struct timer_val64 *before),
          (which, time, before))
{
    struct itimerval old = {{0, 0}, {0, 0}}, last;
    if (time) { /* Linux takes a null pointer for no timer */
        if (!fits_in_32(time->value.sec) || !fits_in_32(time->interval.sec))
            return overflow();
        if (!fits_in_32(time->value.usec) || !fits_in_32(time->interval.usec)) {
            errno = EINVAL;
            return -1;
        }
        old.it_value = (struct timeval){(time_t)time->value.sec, (suseconds_t)time->value.usec};
        old.it_interval = (struct timeval){(time_t)time->interval.sec, (suseconds_t)time->interval.usec};
    }
    int result = plain_setitimer(which, time ? &old : 0, before ? &last : 0);
    if (result == 0)
        widen_interval(&last, before);
    return result;
}
