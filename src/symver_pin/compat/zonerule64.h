/* The rule of a zone in the form of POSIX ("CET-1CEST,M3.5.0,M10.5.0/3"), and the names of zones. */

#ifndef SYMVER_PIN_ZONERULE64_H
#define SYMVER_PIN_ZONERULE64_H

#include <stddef.h>

#include "zone64.h"

#define NAME_BYTES 16
#define NAMES 64

/* Names of zones are kept for the life of the process, as tm_zone must stay valid. A place is free, being written, or
   complete. */
static char names[NAMES][NAME_BYTES];
static char name_states[NAMES];

static const char *keep_name(const char *text, size_t length)
{
    if (length >= NAME_BYTES)
        length = NAME_BYTES - 1;
    for (int i = 0; i < NAMES; ++i) {
        char is_free = 0;
        size_t j = 0;
        if (__atomic_compare_exchange_n(&name_states[i], &is_free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
            for (; j < length; ++j)
                names[i][j] = text[j];
            __atomic_store_n(&name_states[i], 2, __ATOMIC_RELEASE);
            return names[i];
        }
        while (__atomic_load_n(&name_states[i], __ATOMIC_ACQUIRE) != 2)
            continue;
        while (j < length && names[i][j] == text[j])
            ++j;
        if (j == length && names[i][j] == 0)
            return names[i];
    }
    return "";
}

struct change {
    char form; /* M, J or n */
    int month, week, day;
    int32_t time;
};

struct rule {
    const char *name[2];
    size_t length[2];
    int32_t offset[2];
    int has_dst;
    struct change change[2]; /* to summer time, and back */
};

static int read_count(const char **text, int *value)
{
    const char *at = *text;
    for (*value = 0; *at >= '0' && *at <= '9' && *value < 1000; ++at)
        *value = *value * 10 + *at - '0';
    int found = at != *text;
    *text = at;
    return found;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int read_duration(const char **text, int32_t *seconds)
{
    int parts[3] = {0, 0, 0}, sign = **text == '-' ? -1 : 1;
    if (**text == '-' || **text == '+')
        ++*text;
    for (int i = 0; i < 3; ++i) {
        if (!read_count(text, &parts[i]) || parts[i] > (i == 0 ? 167 : 59))
            return 0;
        if (i == 2 || **text != ':')
            break;
        ++*text;
    }
    *seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return 1;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int read_zone_name(const char **text, const char **name, size_t *length)
{
    int is_quoted = **text == '<';
    const char *at = *text + is_quoted;
    *name = at;
    while (is_letter(*at) || (is_quoted && ((*at >= '0' && *at <= '9') || *at == '+' || *at == '-')))
        ++at;
    *length = (size_t)(at - *name);
    if (is_quoted && *at++ != '>')
        return 0;
    *text = at;
    return *length >= 3;
}

static int read_change(const char **text, struct change *change)
{
    change->form = **text == 'M' || **text == 'J' ? *(*text)++ : 'n';
    if (!read_count(text, change->form == 'M' ? &change->month : &change->day))
        return 0;
    if (change->form == 'M') {
        if (*(*text)++ != '.' || !read_count(text, &change->week) || *(*text)++ != '.' ||
            !read_count(text, &change->day))
            return 0;
        if (change->month < 1 || change->month > 12 || change->week < 1 || change->week > 5 || change->day > 6)
            return 0;
    }
    change->time = 7200;
    if (**text != '/')
        return 1;
    ++*text;
    return read_duration(text, &change->time);
}

/* The parts of a rule that begins in summer time with `text`; `rule` has the name and the offset of standard time. */
static int read_summer_time(const char *text, struct rule *rule)
{
    if (!read_zone_name(&text, &rule->name[1], &rule->length[1]))
        return 0;
    rule->offset[1] = rule->offset[0] + 3600;
    if (*text != ',' && *text != 0 && *text != '\n') {
        if (!read_duration(&text, &rule->offset[1]))
            return 0;
        rule->offset[1] = -rule->offset[1];
    }
    if (*text != ',')
        text = ",M3.2.0,M11.1.0"; /* libc's rule where there is none */
    for (int i = 0; i < 2; ++i)
        if (*text++ != ',' || !read_change(&text, &rule->change[i]))
            return 0;
    return *text == 0 || *text == '\n';
}

/* Whether `text` is a rule. What stands before a fault is kept: "Nowhere/City" has the name "Nowhere" and the offset 0,
   "EST5,M3" is standard time all year. */
static int read_rule(const char *text, struct rule *rule)
{
    *rule = (struct rule){.name = {"", ""}};
    if (!read_zone_name(&text, &rule->name[0], &rule->length[0])) {
        rule->length[0] = 0;
        return 0;
    }
    if (!read_duration(&text, &rule->offset[0])) {
        rule->offset[0] = 0;
        return 0;
    }
    rule->offset[0] = -rule->offset[0]; /* POSIX counts to the west */
    if (*text == 0 || *text == '\n')
        return 1;
    rule->has_dst = read_summer_time(text, rule);
    return rule->has_dst;
}

/* The day of a change, which counts from 1970-01-01. */
static int64_t day_of_change(const struct change *change, int64_t year)
{
    int64_t start = days_of_date(year, 1, 1);
    if (change->form == 'n')
        return start + change->day;
    if (change->form == 'J') /* never counts a 29th of February */
        return start + change->day - 1 + (is_leap_year(year) && change->day > 59);
    int64_t first = days_of_date(year, change->month, 1);
    int64_t next = change->month == 12 ? days_of_date(year + 1, 1, 1) : days_of_date(year, change->month + 1, 1);
    int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    int64_t day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    return day < next ? day : day - 7;
}

static void apply_rule(const struct rule *rule, int64_t time, struct local_kind *kind)
{
    int is_dst = 0;
    if (rule->has_dst) {
        int64_t year = year_of_day(floor_division(time + rule->offset[0], DAY_SECONDS)), moment[2];
        if (year < 1970) /* libc takes the changes of 1970 for all years before */
            year = 1970;
        for (int i = 0; i < 2; ++i)
            moment[i] = day_of_change(&rule->change[i], year) * DAY_SECONDS + rule->change[i].time - rule->offset[i];
        is_dst = moment[0] < moment[1] ? time >= moment[0] && time < moment[1]
                                       : !(time >= moment[1] && time < moment[0]);
    }
    *kind = (struct local_kind){rule->offset[is_dst], is_dst, keep_name(rule->name[is_dst], rule->length[is_dst])};
}

static int apply_text(const char *text, int64_t time, struct local_kind *kind)
{
    struct rule rule;
    if (!read_rule(text, &rule))
        return 0;
    apply_rule(&rule, time, kind);
    return 1;
}

/* The kind that a value of TZ gives which is no zone's file. Where it is no whole rule, libc too takes what it has read. */
static void apply_variable(const char *text, int64_t time, struct local_kind *kind)
{
    struct rule rule;
    read_rule(text, &rule);
    apply_rule(&rule, time, kind);
}

#endif
