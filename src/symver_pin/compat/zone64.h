/* The local time of a moment that 32 bits do not hold: the function of time64_zone.c, and days of the calendar. */

#ifndef SYMVER_PIN_ZONE64_H
#define SYMVER_PIN_ZONE64_H

#include <stdint.h>

#include "compat.h"

struct local_kind {
    int32_t offset; /* seconds east of Greenwich */
    int is_dst;
    const char *name; /* stays valid */
};

/* 0, or -1 if the zone cannot be computed. `time` counts seconds since 1970. */
extern COMPAT_HIDDEN int symver_pin_local_kind(int64_t time, struct local_kind *kind);

#define DAY_SECONDS 86400
#define DAYS_OF_400_YEARS 146097

static inline int64_t floor_division(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; `month` counts from 1 to 12. The year is taken to begin in
   March, so that a leap day is its last one. */
static inline int64_t days_of_date(int64_t year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t cycle = floor_division(y, 400);
    int of_cycle = (int)(y - cycle * 400), since_march = (month + 9) % 12;
    int of_year = (153 * since_march + 2) / 5 + day - 1;
    return cycle * DAYS_OF_400_YEARS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719468;
}

static inline int is_leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The year in which a day lies, which counts from 1970-01-01. */
static inline int64_t year_of_day(int64_t day)
{
    int64_t cycle = floor_division(day, DAYS_OF_400_YEARS), year = 1970 + cycle * 400;
    year += (day - cycle * DAYS_OF_400_YEARS) / 366;
    while (days_of_date(year + 1, 1, 1) <= day)
        ++year;
    return year;
}

#endif
