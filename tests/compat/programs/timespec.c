/* timespec_get reads the clock that its base names, timespec_getres tells how fine that is. */

#include <time.h>

#include "check.h"

extern int timespec_getres(struct timespec *, int);

static long long nanoseconds(struct timespec time)
{
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void)
{
    const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (int base = 1; base <= 4; ++base) {
        struct timespec before, now, after, fine, known;
        clock_gettime(clocks[base - 1], &before);
        EXPECT(timespec_get(&now, base), base);
        clock_gettime(clocks[base - 1], &after);
        EXPECT_TRUE(nanoseconds(before) <= nanoseconds(now) && nanoseconds(now) <= nanoseconds(after));
        clock_getres(clocks[base - 1], &known);
        EXPECT(timespec_getres(&fine, base), base);
        EXPECT(nanoseconds(fine), nanoseconds(known));
        EXPECT(timespec_getres(0, base), base);
    }
    struct timespec untouched = {7, 8};
    EXPECT(timespec_get(&untouched, 0), 0);
    EXPECT(timespec_get(&untouched, 100), 0);
    EXPECT(timespec_getres(&untouched, 100), 0);
    EXPECT(untouched.tv_sec, 7);
    EXPECT(untouched.tv_nsec, 8);
    return faults;
}
