/* The calendar with 64-bit times: before 1901, after 2038, and up to the end of the year that an int holds. */

#include <stdint.h>

#include "time64.h"

static void date_is(const struct tm *date, long long year, int month, int day, int hour, int minute, int second,
                    int weekday, int yearday)
{
    EXPECT_TRUE(date != 0);
    if (!date)
        return;
    EXPECT(date->tm_year, year - 1900);
    EXPECT(date->tm_mon, month - 1);
    EXPECT(date->tm_mday, day);
    EXPECT(date->tm_hour, hour);
    EXPECT(date->tm_min, minute);
    EXPECT(date->tm_sec, second);
    EXPECT(date->tm_wday, weekday);
    EXPECT(date->tm_yday, yearday);
}

static void in_greenwich(void)
{
    struct tm date;
    time_t time = BEYOND;
    date_is(gmtime_r(&time, &date), 2128, 6, 11, 8, 53, 20, 5, 162);
    EXPECT(date.tm_isdst, 0);
    EXPECT(date.tm_gmtoff, 0);
    EXPECT(strcmp(date.tm_zone, "GMT"), 0);
    EXPECT(timegm(&date), BEYOND);
    time = 0;
    date_is(gmtime(&time), 1970, 1, 1, 0, 0, 0, 4, 0);
    time = -1;
    date_is(gmtime(&time), 1969, 12, 31, 23, 59, 59, 3, 364);
    time = 2147483648;
    date_is(gmtime(&time), 2038, 1, 19, 3, 14, 8, 2, 18);
    time = 4107542400; /* 2100 is no leap year, 2000 and 2400 are */
    date_is(gmtime(&time), 2100, 3, 1, 0, 0, 0, 1, 59);
    time = 951782400;
    date_is(gmtime(&time), 2000, 2, 29, 0, 0, 0, 2, 59);
    time = 13574563200;
    date_is(gmtime(&time), 2400, 2, 29, 0, 0, 0, 2, 59);
    time = -62135596800;
    date_is(gmtime(&time), 1, 1, 1, 0, 0, 0, 1, 0);
    time = -62198755200;
    date_is(gmtime(&time), -1, 1, 1, 0, 0, 0, 5, 0);
    time = 67768036191676799; /* the last second of the largest year */
    date_is(gmtime(&time), 2147485547LL, 12, 31, 23, 59, 59, 3, 364);
    ++time;
    errno = 0;
    EXPECT_TRUE(gmtime_r(&time, &date) == 0);
    EXPECT(errno, EOVERFLOW);
    time = INT64_MAX;
    errno = 0;
    EXPECT_TRUE(gmtime_r(&time, &date) == 0);
    EXPECT(errno, EOVERFLOW);
    time = INT64_MIN;
    errno = 0;
    EXPECT_TRUE(gmtime_r(&time, &date) == 0);
    EXPECT(errno, EOVERFLOW);
    /* every 1,234,567,891 seconds over 10,000 years, there and back */
    for (time = -100000000000; time < 250000000000; time += 1234567891) {
        gmtime_r(&time, &date);
        EXPECT(timegm(&date), time);
    }
    struct tm odd = {.tm_year = 300, .tm_mon = 25, .tm_mday = -40, .tm_hour = 100, .tm_min = -200, .tm_sec = 100000};
    time = timegm(&odd);
    EXPECT(time, 7320774400);
    date_is(&odd, 2201, 12, 27, 4, 26, 40, 0, 360);
    struct tm huge = {.tm_year = 2147483647, .tm_mon = 12, .tm_mday = 1};
    errno = 0;
    EXPECT(timegm(&huge), -1);
    EXPECT(errno, EOVERFLOW);
}

static void zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void local_is(time_t time, int year, int month, int day, int hour, int minute, int second, int is_dst,
                     long offset, const char *name)
{
    struct tm date, back;
    EXPECT_TRUE(localtime_r(&time, &date) != 0);
    date_is(&date, year, month, day, hour, minute, second, date.tm_wday, date.tm_yday);
    EXPECT(date.tm_isdst, is_dst);
    EXPECT(date.tm_gmtoff, offset);
    if (strcmp(date.tm_zone, name) != 0) {
        printf("%s, not %s\n", date.tm_zone, name);
        faults = 1;
    }
    const struct tm *shared = localtime(&time);
    EXPECT(shared->tm_hour, hour);
    back = date;
    EXPECT(mktime(&back), time);
    EXPECT(back.tm_wday, date.tm_wday);
    back = date;
    back.tm_isdst = -1;
    EXPECT(mktime(&back), time);
}

static void in_zones(void)
{
    /* 2128-06-11 08:53:20 and 2128-12-11 08:53:20, summer and winter */
    const time_t summer = BEYOND, winter = BEYOND + 183 * 86400;
    zone("UTC0");
    local_is(summer, 2128, 6, 11, 8, 53, 20, 0, 0, "UTC");
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    local_is(1700000000, 2023, 11, 14, 23, 13, 20, 0, 3600, "CET");
    local_is(summer, 2128, 6, 11, 10, 53, 20, 1, 7200, "CEST");
    local_is(winter, 2128, 12, 11, 9, 53, 20, 0, 3600, "CET");
    local_is(-5000000000, 1811, 7, 23, 16, 6, 40, 0, 3600, "CET"); /* the rule begins in 1970 */
    /* the changes of 2128: Sunday, March 28 and October 31, 01:00 UTC */
    local_is(4993491599, 2128, 3, 28, 1, 59, 59, 0, 3600, "CET");
    local_is(4993491600, 2128, 3, 28, 3, 0, 0, 1, 7200, "CEST");
    zone("NZST-12NZDT,M9.5.0,M4.1.0/3"); /* the year begins in summer time */
    local_is(winter, 2128, 12, 11, 21, 53, 20, 1, 46800, "NZDT");
    local_is(summer, 2128, 6, 11, 20, 53, 20, 0, 43200, "NZST");
    zone("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1"); /* hours before midnight */
    local_is(summer, 2128, 6, 11, 6, 53, 20, 1, -7200, "-02");
    zone("XST5XDT4,J60/2,J300/2");
    local_is(summer, 2128, 6, 11, 4, 53, 20, 1, -14400, "XDT");
    zone("IST-5:30");
    local_is(summer, 2128, 6, 11, 14, 23, 20, 0, 19800, "IST");
    zone("EST5EDT4,M3.2.0,M11.1.0");
    struct tm gap = {.tm_year = 228, .tm_mon = 2, .tm_mday = 14, .tm_hour = 2, .tm_min = 30, .tm_isdst = -1};
    struct tm asked = {.tm_year = 228, .tm_mon = 5, .tm_mday = 11, .tm_hour = 12, .tm_isdst = 0};
    EXPECT_TRUE(mktime(&gap) > 0); /* 2128-03-14 02:30 does not exist */
    EXPECT_TRUE(gap.tm_hour == 1 || gap.tm_hour == 3);
    time_t noon = mktime(&asked); /* noon of winter time, in summer */
    EXPECT(asked.tm_hour, 13);
    EXPECT(asked.tm_isdst, 1);
    EXPECT(noon, 5000029200);
    struct tm edge = {.tm_year = 138, .tm_mon = 0, .tm_mday = 18, .tm_hour = 22, .tm_min = 14, .tm_sec = 8,
                      .tm_isdst = -1};
    EXPECT(mktime(&edge), 2147483648);
}

static void put_number(FILE *file, int64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; --i)
        putc((int)(value >> 8 * i) & 0xff, file);
}

/* The header of a block in a zone's file (RFC 9636), with its counts. */
static void put_header(FILE *file, int times, int types, int letters)
{
    fputs("TZif2", file);
    for (int i = 0; i < 15; ++i)
        putc(0, file);
    for (int i = 0; i < 3; ++i)
        put_number(file, 0, 4);
    put_number(file, times, 4);
    put_number(file, types, 4);
    put_number(file, letters, 4);
}

/* A zone with single changes beyond 2038. The system's zones are no measure for these: laws change them. */
static void write_changing_zone(FILE *file)
{
    static const int64_t changes[] = {2950000000, 2990000000, 3100000000, 3200000000};
    put_header(file, 0, 1, 4); /* for readers of 32-bit times, one type */
    put_number(file, 3600, 4);
    put_number(file, 0, 2);
    fwrite("+01", 1, 4, file);
    put_header(file, 4, 2, 8);
    for (int i = 0; i < 4; ++i)
        put_number(file, changes[i], 8);
    for (int i = 0; i < 4; ++i)
        putc(i % 2, file);
    put_number(file, 0, 4); /* the first type: +00, and that is summer time */
    putc(1, file);
    putc(0, file);
    put_number(file, 3600, 4);
    putc(0, file);
    putc(4, file);
    fwrite("+00\0+01", 1, 8, file);
    fputs("\n<+01>-1\n", file);
}

static void in_files(void)
{
    char path[] = "/tmp/zone-XXXXXX";
    const time_t summer = BEYOND, winter = BEYOND + 183 * 86400;
    zone("Europe/Berlin");
    local_is(summer, 2128, 6, 11, 10, 53, 20, 1, 7200, "CEST");
    local_is(winter, 2128, 12, 11, 9, 53, 20, 0, 3600, "CET");
    zone(":America/New_York");
    local_is(summer, 2128, 6, 11, 4, 53, 20, 1, -14400, "EDT");
    local_is(winter, 2128, 12, 11, 3, 53, 20, 0, -18000, "EST");
    zone("Asia/Tokyo");
    local_is(summer, 2128, 6, 11, 17, 53, 20, 0, 32400, "JST");
    FILE *changing = fdopen(mkstemp(path), "w");
    write_changing_zone(changing);
    fclose(changing);
    zone(path);
    local_is(3000000000, 2065, 1, 24, 6, 20, 0, 0, 3600, "+01");
    local_is(3150000000, 2069, 10, 26, 8, 0, 0, 1, 0, "+00");
    local_is(3200000000, 2071, 5, 28, 1, 53, 20, 0, 3600, "+01");
    remove(path);
    zone("/usr/share/zoneinfo/Australia/Sydney");
    local_is(winter, 2128, 12, 11, 19, 53, 20, 1, 39600, "AEDT");
    local_is(-10000000000, 1653, 2, 10, 16, 18, 12, 0, 36292, "LMT");
}

static void texts(void)
{
    time_t time = BEYOND;
    char text[26];
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT(strcmp(ctime(&time), "Fri Jun 11 10:53:20 2128\n"), 0);
    EXPECT(strcmp(ctime_r(&time, text), "Fri Jun 11 10:53:20 2128\n"), 0);
    time = 1000000000000000;
    errno = 0;
    EXPECT_TRUE(ctime_r(&time, text) == 0); /* the year has eight digits */
    EXPECT(errno, EOVERFLOW);
    EXPECT_TRUE(difftime(BEYOND, 1) == 4999999999.0);
    EXPECT_TRUE(difftime(1, BEYOND) == -4999999999.0);
    EXPECT_TRUE(difftime(INT64_MAX, INT64_MIN) == 18446744073709551616.0);
    EXPECT_TRUE(difftime(9007199254740993, 0) == 9007199254740992.0);
}

int main(int count, char **arguments)
{
    in_greenwich();
    in_zones();
    if (count > 1 && strcmp(arguments[1], "zones") == 0)
        in_files();
    texts();
    return faults;
}
