/* The calendar with a time_t of 64 bits (time64.h).

   gmtime and timegm are computed here for every time. Local time that 32 bits hold is libc's own; any other one is
   computed with the zone of time64_zone.c. A year that an int does not hold is EOVERFLOW, as in libc. */

#include <string.h>

#include "time64.h"
#include "zone64.h"

COMPAT_PLAIN(struct tm *, localtime_r, (const time_t *, struct tm *));
COMPAT_PLAIN(struct tm *, gmtime, (const time_t *));
COMPAT_PLAIN(time_t, mktime, (struct tm *));
COMPAT_PLAIN(char *, asctime, (const struct tm *));
COMPAT_PLAIN(char *, asctime_r, (const struct tm *, char *));
COMPAT_PLAIN(void, tzset, (void));

static struct tm *fill_date(int64_t time, const struct local_kind *kind, struct tm *date)
{
    int64_t local;
    if (__builtin_add_overflow(time, (int64_t)kind->offset, &local)) {
        overflow();
        return 0;
    }
    int64_t day = floor_division(local, DAY_SECONDS), year = year_of_day(day);
    int second = (int)(local % DAY_SECONDS), month = 12; /* the first day of all begins before INT64_MIN seconds */
    if (second < 0)
        second += DAY_SECONDS;
    if (!fits_in_32(year - 1900)) {
        overflow();
        return 0;
    }
    while (days_of_date(year, month, 1) > day)
        --month;
    date->tm_sec = second % 60;
    date->tm_min = second / 60 % 60;
    date->tm_hour = second / 3600;
    date->tm_mday = (int)(day - days_of_date(year, month, 1)) + 1;
    date->tm_mon = month - 1;
    date->tm_year = (int)(year - 1900);
    date->tm_wday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    date->tm_yday = (int)(day - days_of_date(year, 1, 1));
    date->tm_isdst = kind->is_dst;
    date->tm_gmtoff = kind->offset;
    date->tm_zone = kind->name;
    return date;
}

static struct tm *date_in_greenwich(int64_t time, struct tm *date)
{
    static const struct local_kind greenwich = {0, 0, "GMT"};
    return fill_date(time, &greenwich, date);
}

/* Seconds from 1970-01-01 to a date, as if it were one of Greenwich. Its fields may have any values. */
static int64_t seconds_of_date(const struct tm *date)
{
    int64_t year = (int64_t)date->tm_year + 1900 + floor_division(date->tm_mon, 12);
    int month = (int)(date->tm_mon - 12 * floor_division(date->tm_mon, 12)) + 1;
    int64_t day = days_of_date(year, month, 1) + date->tm_mday - 1;
    return ((day * 24 + date->tm_hour) * 60 + date->tm_min) * 60 + date->tm_sec;
}

static struct tm *local_date(int64_t time, struct tm *date)
{
    struct local_kind kind;
    if (fits_in_32(time)) {
        time_t old = (time_t)time;
        return plain_localtime_r(&old, date);
    }
    if (symver_pin_local_kind(time, &kind) != 0) {
        overflow();
        return 0;
    }
    return fill_date(time, &kind, date);
}

/* The structure that libc's gmtime and localtime return. */
static struct tm *shared_date(void)
{
    time_t zero = 0;
    return plain_gmtime(&zero);
}

COMPAT_64(struct tm *, __gmtime64_r, (const int64_t *time, struct tm *date), (time, date))
{
    return date_in_greenwich(*time, date);
}

COMPAT_64(struct tm *, __gmtime64, (const int64_t *time), (time))
{
    return date_in_greenwich(*time, shared_date());
}

COMPAT_64(struct tm *, __localtime64_r, (const int64_t *time, struct tm *date), (time, date))
{
    return local_date(*time, date);
}

COMPAT_64(struct tm *, __localtime64, (const int64_t *time), (time))
{
    plain_tzset();
    return local_date(*time, shared_date());
}

COMPAT_64(char *, __ctime64, (const int64_t *time), (time))
{
    plain_tzset();
    struct tm *date = local_date(*time, shared_date());
    return date ? plain_asctime(date) : 0;
}

COMPAT_64(char *, __ctime64_r, (const int64_t *time, char *text), (time, text))
{
    struct tm date;
    return local_date(*time, &date) ? plain_asctime_r(&date, text) : 0;
}

COMPAT_64(int64_t, __timegm64, (struct tm * date), (date))
{
    struct tm result;
    int64_t time = seconds_of_date(date);
    if (!date_in_greenwich(time, &result))
        return -1;
    *date = result;
    return time;
}

/* The offset of the nearest time with, or without, summer time, up to a year away; `otherwise` if there is none. */
static int32_t offset_of_dst(int64_t near, int is_dst, int32_t otherwise)
{
    struct local_kind kind;
    for (int64_t distance = 0; distance < 366 * DAY_SECONDS; distance += 7 * DAY_SECONDS)
        for (int sign = -1; sign <= 1; sign += 2)
            if (symver_pin_local_kind(near + sign * distance, &kind) == 0 && !kind.is_dst == !is_dst)
                return kind.offset;
    return otherwise;
}

/* A local time that exists twice, or not at all, is taken as one before the change of the clock. */
static int find_offset(int64_t local, int is_dst, int32_t *offset)
{
    struct local_kind before, after, kind;
    if (symver_pin_local_kind(local - 2 * DAY_SECONDS, &before) != 0 ||
        symver_pin_local_kind(local + 2 * DAY_SECONDS, &after) != 0)
        return -1;
    *offset = before.offset;
    if (symver_pin_local_kind(local - before.offset, &kind) == 0 && kind.offset != before.offset &&
        symver_pin_local_kind(local - after.offset, &kind) == 0 && kind.offset == after.offset)
        *offset = after.offset;
    if (is_dst >= 0 && symver_pin_local_kind(local - *offset, &kind) == 0 && !kind.is_dst != !is_dst)
        *offset = offset_of_dst(local - *offset, is_dst, *offset);
    return 0;
}

COMPAT_64(int64_t, __mktime64, (struct tm * date), (date))
{
    struct tm result = *date;
    int64_t local = seconds_of_date(date), margin = 2 * DAY_SECONDS;
    int32_t offset;
    if (local > INT32_MIN + margin && local < INT32_MAX - margin)
        return plain_mktime(date);
    plain_tzset();
    if (find_offset(local, date->tm_isdst, &offset) != 0)
        return overflow();
    if (!local_date(local - offset, &result))
        return -1;
    *date = result;
    return local - offset;
}

/* Rounded once: the difference may have 65 bits. */
COMPAT_64(double, __difftime64, (int64_t later, int64_t earlier), (later, earlier))
{
    int is_negative = later < earlier;
    uint64_t distance = is_negative ? (uint64_t)earlier - (uint64_t)later : (uint64_t)later - (uint64_t)earlier;
    volatile double rounded = (double)distance; /* i386 would return more digits */
    return is_negative ? -rounded : rounded;
}
