/* strptime as it is since 2.27.

   What older functions do not read: Z, +hh:mm and offsets above 12 hours for %z (2.23); a zone's name for %Z, and the
   flags and widths of strftime, which are passed over (2.19); %OB, %Ob and %Oh (2.27). The format and the text are
   rewritten so that an older function can read them: flags, widths and the O are left out, and a zone is read here and
   replaced in both by one byte that stands for itself. The text in front of a zone says where the zone begins: the
   older function reads it with the part of the format in front. */

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "compat.h"
#include "runningrelease.h"

COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(size_t, strlen, (const char *));
COMPAT_PLAIN(void *, memcpy, (void *, const void *, size_t));
COMPAT_PLAIN(void *, memmove, (void *, const void *, size_t));

#define ZONE '\1'

/* The older function: strptime, or strptime_l with a locale. */
struct older_reader {
    char *(*read)(const char *, const char *, struct tm *);
    char *(*read_in_locale)(const char *, const char *, struct tm *, void *);
    void *locale;
};

static char *read_older(const struct older_reader *older, const char *text, const char *format, struct tm *time)
{
    return older->read ? older->read(text, format, time) : older->read_in_locale(text, format, time, older->locale);
}

static int is_any_of(char byte, const char *set)
{
    for (; *set; ++set)
        if (byte == *set)
            return 1;
    return 0;
}

static int is_digit_of_zone(char byte)
{
    return byte >= '0' && byte <= '9';
}

static const char *after_spaces(const char *text)
{
    while (is_any_of(*text, " \t\n\v\f\r"))
        ++text;
    return text;
}

/* The end of an offset from UTC, with its seconds; 0 if there is none: Z, +hh, +hhmm or +hh:mm. */
static const char *read_offset(const char *text, long *seconds)
{
    int number = 0, digits = 0;
    text = after_spaces(text);
    if (*text == 'Z') {
        *seconds = 0;
        return text + 1;
    }
    if (*text != '+' && *text != '-')
        return 0;
    int is_west = *text++ == '-';
    while (digits < 4 && is_digit_of_zone(*text)) {
        number = number * 10 + (*text++ - '0');
        if (++digits == 2 && *text == ':' && is_digit_of_zone(text[1]))
            ++text;
    }
    if (digits == 2)
        number *= 100;
    else if (digits != 4 || number % 100 >= 60)
        return 0;
    *seconds = number / 100 * 3600L + number % 100 * 60L;
    if (is_west)
        *seconds = -*seconds;
    return text;
}

static const char *after_name(const char *text)
{
    text = after_spaces(text);
    while (*text && !is_any_of(*text, " \t\n\v\f\r"))
        ++text;
    return text;
}

/* Copy a format without what older functions do not know. Gives the number of zones; *plain is 0 if the copy differs. */
static size_t copy_format(char *to, const char *from, int *plain)
{
    size_t zones = 0;
    *plain = 1;
    while (*from) {
        if (*from != '%') {
            *to++ = *from++;
            continue;
        }
        *to++ = *from++;
        while (*from && is_any_of(*from, "-_0^#123456789")) {
            ++from;
            *plain = 0;
        }
        if (*from == 'O' && is_any_of(from[1], "Bbh") && from[1]) {
            ++from;
            *plain = 0;
        } else if ((*from == 'O' || *from == 'E') && from[1])
            *to++ = *from++;
        else if (*from == 'z' || *from == 'Z')
            ++zones;
        if (*from)
            *to++ = *from++;
    }
    *to = 0;
    return zones;
}

static char *first_zone(char *format)
{
    for (; *format; ++format)
        if (*format == '%') {
            ++format;
            if (*format == 'z' || *format == 'Z')
                return format - 1;
            if ((*format == 'O' || *format == 'E') && format[1])
                ++format;
            if (!*format)
                return 0;
        }
    return 0;
}

/* Read with zones: `format` is a copy, which is changed. The result is an offset in the text, -1 without a match. */
static ptrdiff_t read_zones(const struct older_reader *older, const char *text, char *format, size_t zones,
                            struct tm *time)
{
    size_t length = plain_strlen(text);
    char *copy = plain_malloc(length + zones + 1), *zone;
    ptrdiff_t removed = 0, result = -1;
    long seconds = 0;
    int has_offset = 0;
    if (!copy)
        return -1;
    plain_memcpy(copy, text, length + 1);
    while ((zone = first_zone(format)) != 0) {
        struct tm scratch = *time;
        int is_offset = zone[1] == 'z';
        *zone = 0;
        char *start = read_older(older, copy, format, &scratch);
        const char *end = !start ? 0 : is_offset ? read_offset(start, &seconds) : after_name(start);
        if (!end)
            goto done;
        has_offset |= is_offset;
        removed += end - start - 1;
        plain_memmove(start + 1, end, plain_strlen(end) + 1);
        *start = ZONE;
        *zone = ZONE;
        plain_memmove(zone + 1, zone + 2, plain_strlen(zone + 2) + 1);
    }
    char *stop = read_older(older, copy, format, time);
    if (stop) {
        result = stop - copy + removed;
        if (has_offset)
            time->tm_gmtoff = seconds;
    }
done:;
    int before = errno;
    plain_free(copy);
    errno = before;
    return result;
}

static char *read_time(const struct older_reader *older, const char *text, const char *format, struct tm *time)
{
    char few[128], *copy = few, *result;
    size_t size = plain_strlen(format) + 1;
    int plain;
    if (running_minor() >= 27)
        return read_older(older, text, format, time);
    if (size > sizeof few && !(copy = plain_malloc(size)))
        return 0;
    size_t zones = copy_format(copy, format, &plain);
    if (zones == 0)
        result = read_older(older, text, plain ? format : copy, time);
    else {
        ptrdiff_t offset = read_zones(older, text, copy, zones, time);
        result = offset < 0 ? 0 : (char *)text + offset;
    }
    if (copy != few) {
        int before = errno;
        plain_free(copy);
        errno = before;
    }
    return result;
}

#ifdef SYMVER_PIN_OLD_strptime

COMPAT_OLD(char *, strptime, SYMVER_PIN_OLD_strptime, (const char *, const char *, struct tm *));

COMPAT_DEFINE(char *, strptime, (const char *text, const char *format, struct tm *time))
{
    struct older_reader older = {old_strptime, 0, 0};
    return read_time(&older, text, format, time);
}

#endif
#ifdef SYMVER_PIN_OLD_strptime_l

COMPAT_OLD(char *, strptime_l, SYMVER_PIN_OLD_strptime_l, (const char *, const char *, struct tm *, void *));

COMPAT_DEFINE(char *, strptime_l, (const char *text, const char *format, struct tm *time, void *locale))
{
    struct older_reader older = {0, old_strptime_l, locale};
    return read_time(&older, text, format, time);
}

#endif
