/* strptime reads zones, alternative names of months, flags and widths. */

#include <locale.h>
#include <time.h>

#include "check.h"

static void reads(int line, const char *text, const char *format, long end, int hour, int month, long offset)
{
    struct tm time = {.tm_gmtoff = 7, .tm_hour = -1, .tm_mon = -1}, other = time;
    locale_t c = newlocale(LC_ALL_MASK, "C", 0);
    const char *stop = strptime(text, format, &time), *stop_in_locale = strptime_l(text, format, &other, c);
    freelocale(c);
    long found = stop ? stop - text : -1;
    if (found != end || (stop && (time.tm_hour != hour || time.tm_mon != month || time.tm_gmtoff != offset)) ||
        stop != stop_in_locale || (stop && memcmp(&time, &other, sizeof time) != 0)) {
        printf("line %d: \"%s\" by \"%s\": end %ld hour %d month %d offset %ld\n", line, text, format, found,
               time.tm_hour, time.tm_mon, time.tm_gmtoff);
        faults = 1;
    }
}

#define READS(...) reads(__LINE__, __VA_ARGS__)
#define REFUSES(text, format) reads(__LINE__, text, format, -1, 0, 0, 0)

int main(void)
{
    READS("12 +0130", "%H %z", 8, 12, -1, 5400);
    READS("12 -08", "%H %z", 6, 12, -1, -28800);
    READS("12Z", "%H%z", 3, 12, -1, 0);
    READS("12+05:30", "%H%z", 8, 12, -1, 19800);
    READS("12+1400", "%H%z", 7, 12, -1, 50400);
    READS("12-99:59.", "%H%z.", 9, 12, -1, -359940);
    READS("12   +0100", "%H%z", 10, 12, -1, 3600);
    READS("+01002:30", "%z%H:%M", 9, 2, -1, 3600);
    READS("Z11 x", "%z%I x", 5, 11, -1, 0);
    REFUSES("12+0160", "%H%z");
    REFUSES("12+1", "%H%z");
    REFUSES("12+012", "%H%z");
    REFUSES("12+01:", "%H%z:%M");
    REFUSES("12 east", "%H %z");
    /* what is read before a zone holds behind it */
    READS("10 +0100 PM", "%I %z %p", 11, 22, -1, 3600);
    READS("2024-02-29T23:59:60+01:00 rest", "%Y-%m-%dT%H:%M:%S%z", 25, 23, 1, 3600);
    READS("+0100 Z 5", "%z %z %H", 9, 5, -1, 0);
    READS("1+01005", "%m%z%H", 7, 5, 0, 3600);
    READS("%z 12", "%%z %H", 5, 12, -1, 7);
    /* a zone's name is passed over */
    READS("12 CEST", "%H %Z", 7, 12, -1, 7);
    READS("12 GMT+1 May", "%H %Z %b", 12, 12, 4, 7);
    READS("12", "%H%Z", 2, 12, -1, 7);
    READS("12 UTC +0200", "%H %Z %z", 12, 12, -1, 7200);
    /* months by either name */
    READS("March", "%OB", 5, -1, 2, 7);
    READS("Apr 7", "%Ob %H", 5, 7, 3, 7);
    READS("December", "%Oh", 8, -1, 11, 7);
    READS("07", "%OH", 2, 7, -1, 7);
    READS("7 8", "%-H %_m", 3, 7, 7, 7);
    READS("07 08", "%02H %2m", 5, 7, 7, 7);
    READS("  x", " x", 3, -1, -1, 7);
    READS("", "", 0, -1, -1, 7);
    REFUSES("x", "%H");
    return faults;
}
