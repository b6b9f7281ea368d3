/* Prints local times of the zones that are named, and the times that mktime makes of them again. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void print_date(const char *zone, time_t time)
{
    struct tm date, back;
    if (!localtime_r(&time, &date)) {
        printf("%s %lld: none\n", zone, (long long)time);
        return;
    }
    printf("%s %lld: %d-%d-%d %d:%d:%d %d %d %d %ld %s", zone, (long long)time, date.tm_year, date.tm_mon, date.tm_mday,
           date.tm_hour, date.tm_min, date.tm_sec, date.tm_wday, date.tm_yday, date.tm_isdst, date.tm_gmtoff,
           date.tm_zone);
    back = date;
    printf(" %lld", (long long)mktime(&back));
    back = date;
    back.tm_mon += 7;
    back.tm_mday -= 100;
    printf(" %lld\n", (long long)mktime(&back));
}

int main(int count, char **zones)
{
    for (int i = 1; i < count; ++i) {
        uint64_t state = 12345;
        setenv("TZ", zones[i], 1);
        tzset();
        for (int j = 0; j < 400; ++j) {
            state = state * 6364136223846793005 + 1442695040888963407;
            print_date(zones[i], 2147400000 + (time_t)(state >> 31));        /* up to 2310 */
            print_date(zones[i], -2200000000 - (time_t)(state >> 32));       /* down to 1764 */
            print_date(zones[i], (time_t)(state >> 16) - 140000000000000LL); /* millions of years */
        }
    }
    return 0;
}
