/* Clocks and sleeps with 64-bit times (time64.h). */

#include <sched.h>

#include "time64.h"

COMPAT_PLAIN(int, clock_getres, (clockid_t, struct timespec *));
COMPAT_PLAIN(int, clock_settime, (clockid_t, const struct timespec *));
COMPAT_PLAIN(int, clock_nanosleep, (clockid_t, int, const struct timespec *, struct timespec *));
COMPAT_PLAIN(int, nanosleep, (const struct timespec *, struct timespec *));
COMPAT_PLAIN(int, settimeofday, (const struct timeval *, const struct timezone *));
COMPAT_PLAIN(int, sched_rr_get_interval, (pid_t, struct timespec *));

static int read_resolution(clockid_t clock, struct spec64 *resolution)
{
    struct timespec old;
    if (plain_syscall(CALL_CLOCK_GETRES64, clock, resolution) == 0)
        return 0;
    if (!lacks_time64() || plain_clock_getres(clock, &old) != 0)
        return -1;
    if (resolution)
        *resolution = widen_spec(&old);
    return 0;
}

static int set_clock(clockid_t clock, const struct spec64 *time)
{
    if (!fits_in_32(time->sec))
        return (int)without_32(plain_syscall(CALL_CLOCK_SETTIME64, clock, time));
    struct timespec old = narrow_spec(time);
    return plain_clock_settime(clock, &old);
}

COMPAT_64(int, __clock_gettime64, (clockid_t clock, struct spec64 *time), (clock, time))
{
    return read_clock(clock, time);
}

COMPAT_64(int, __clock_getres64, (clockid_t clock, struct spec64 *resolution), (clock, resolution))
{
    return read_resolution(clock, resolution);
}

COMPAT_64(int, __clock_settime64, (clockid_t clock, const struct spec64 *time), (clock, time))
{
    return set_clock(clock, time);
}

COMPAT_64(int64_t, __time64, (int64_t *time), (time))
{
    struct spec64 now;
    if (read_clock(CLOCK_REALTIME_COARSE, &now) != 0 && read_clock(CLOCK_REALTIME, &now) != 0)
        return -1;
    if (time)
        *time = now.sec;
    return now.sec;
}

COMPAT_64(int, __gettimeofday64, (struct val64 *time, struct timezone *zone), (time, zone))
{
    struct spec64 now;
    if (zone)
        *zone = (struct timezone){0, 0};
    if (read_clock(CLOCK_REALTIME, &now) != 0)
        return -1;
    *time = (struct val64){now.sec, now.nsec / 1000};
    return 0;
}

COMPAT_64(int, __settimeofday64, (const struct val64 *time, const struct timezone *zone), (time, zone))
{
    struct spec64 spec;
    if (zone && !time)
        return plain_settimeofday(0, zone);
    if (zone) {
        errno = EINVAL;
        return -1;
    }
    return spec_of_val(time, &spec) == 0 ? set_clock(CLOCK_REALTIME, &spec) : -1;
}

static int clock_of_base64(int base, clockid_t *clock)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                       CLOCK_THREAD_CPUTIME_ID};
    if (base < 1 || base > 4)
        return 0;
    *clock = clocks[base - 1];
    return 1;
}

COMPAT_64(int, __timespec_get64, (struct spec64 * time, int base), (time, base))
{
    clockid_t clock;
    return clock_of_base64(base, &clock) && read_clock(clock, time) == 0 ? base : 0;
}

COMPAT_64(int, __timespec_getres64, (struct spec64 * time, int base), (time, base))
{
    clockid_t clock;
    return clock_of_base64(base, &clock) && read_resolution(clock, time) == 0 ? base : 0;
}

COMPAT_64(int, __sched_rr_get_interval64, (pid_t process, struct spec64 *interval), (process, interval))
{
    struct timespec old; /* a fraction of a second */
    if (plain_sched_rr_get_interval(process, &old) != 0)
        return -1;
    *interval = widen_spec(&old);
    return 0;
}

/* Sleeps. The result is 0 or an error number, and errno stays. */
static int sleep_on(clockid_t clock, int flags, const struct spec64 *time, struct spec64 *left)
{
    if (clock == CLOCK_THREAD_CPUTIME_ID)
        return EINVAL;
    if (!fits_in_32(time->sec)) {
        int before = errno, result = 0;
        struct spec64 copy = *time;
        copy.padding = 0;
        if (without_32(CANCELLABLE(plain_syscall(CALL_CLOCK_NANOSLEEP64, clock, flags, &copy, left))) != 0)
            result = errno;
        errno = before;
        return result;
    }
    struct timespec old = narrow_spec(time), rest;
    int result = plain_clock_nanosleep(clock, flags, &old, left ? &rest : 0);
    if (result == EINTR && left && !(flags & TIMER_ABSTIME))
        *left = widen_spec(&rest);
    return result;
}

COMPAT_64(int, __clock_nanosleep_time64,
          (clockid_t clock, int flags, const struct spec64 *time, struct spec64 *left), (clock, flags, time, left))
{
    return sleep_on(clock, flags, time, left);
}

COMPAT_64(int, __nanosleep64, (const struct spec64 *time, struct spec64 *left), (time, left))
{
    int error = sleep_on(CLOCK_REALTIME, 0, time, left);
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

/* -1 after a signal, another negative number for an error. */
COMPAT_64(int, __thrd_sleep64, (const struct spec64 *time, struct spec64 *left), (time, left))
{
    int error = sleep_on(CLOCK_REALTIME, 0, time, left);
    return error == 0 ? 0 : error == EINTR ? -1 : -2;
}
