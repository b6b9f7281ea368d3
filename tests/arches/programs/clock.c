/* strftime, strptime, TZ, timegm, mktime, gmtime and the clocks. */
#define _GNU_SOURCE
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include "expect.h"

int main(void)
{
    char text[100];
    struct tm parts = {0};
    struct timespec first, second, resolution;
    time_t moment = 1234567890;
    SAME(setenv("TZ", "XST-3XDT,M3.2.0,M11.1.0", 1), 0);
    tzset();
    TEXT(tzname[0], "XST");
    TEXT(tzname[1], "XDT");
    SAME(timezone, -10800);
    SAME(daylight, 1);
    CHECK(gmtime_r(&moment, &parts) != NULL);
    SAME(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j %a %b %Z", &parts), 35);
    TEXT(text, "2009-02-13 23:31:30 044 Fri Feb GMT");
    SAME(timegm(&parts), 1234567890);
    CHECK(localtime_r(&moment, &parts) != NULL);
    SAME(parts.tm_hour, 2);
    SAME(parts.tm_gmtoff, 10800);
    SAME(parts.tm_isdst, 0);
    SAME(mktime(&parts), 1234567890);
    moment = 1246000000;
    localtime_r(&moment, &parts);
    SAME(parts.tm_isdst, 1);
    TEXT(parts.tm_zone, "XDT");
    memset(&parts, 0, sizeof parts);
    char *rest = strptime("2024-02-29 12:34:56 rest", "%Y-%m-%d %H:%M:%S", &parts);
    TEXT(rest, " rest");
    SAME(timegm(&parts), 1709210096);
    SAME(parts.tm_wday, 4);
    TEXT(asctime_r(&parts, text), "Thu Feb 29 12:34:56 2024\n");
    SAME(clock_gettime(CLOCK_REALTIME, &first), 0);
    SAME(time(NULL) - first.tv_sec <= 1, 1);
    CHECK(first.tv_sec > 1600000000 && first.tv_nsec >= 0 && first.tv_nsec < 1000000000);
    SAME(clock_getres(CLOCK_MONOTONIC, &resolution), 0);
    SAME(clock_gettime(CLOCK_MONOTONIC, &first), 0);
    SAME(clock_gettime(CLOCK_MONOTONIC, &second), 0);
    CHECK(second.tv_sec > first.tv_sec || second.tv_nsec >= first.tv_nsec);
    SAME(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &first), 0);
    clockid_t own;
    SAME(clock_getcpuclockid(0, &own), 0);
    struct timeval day;
    SAME(gettimeofday(&day, NULL), 0);
    CHECK(day.tv_sec > 1600000000);
    CHECK(clock() != (clock_t)-1 && times(NULL) != (clock_t)-1);
    CHECK(difftime(5, 3) == 2);
    SAME(timespec_get(&first, TIME_UTC), TIME_UTC);
    return faults;
}
