/* The clocks of ISO C: TIME_UTC, and in C23 TIME_MONOTONIC, TIME_ACTIVE and TIME_THREAD_ACTIVE. */

#include <time.h>

#include "compat.h"

COMPAT_PLAIN(int, clock_gettime, (clockid_t, struct timespec *));
COMPAT_PLAIN(int, clock_getres, (clockid_t, struct timespec *));

static int clock_of_base(int base, clockid_t *clock)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                       CLOCK_THREAD_CPUTIME_ID};
    if (base < 1 || base > 4)
        return 0;
    *clock = clocks[base - 1];
    return 1;
}

COMPAT_DEFINE(int, timespec_get, (struct timespec *time, int base))
{
    clockid_t clock;
    return clock_of_base(base, &clock) && plain_clock_gettime(clock, time) == 0 ? base : 0;
}

COMPAT_DEFINE(int, timespec_getres, (struct timespec *time, int base))
{
    clockid_t clock;
    return clock_of_base(base, &clock) && plain_clock_getres(clock, time) == 0 ? base : 0;
}
