/* The engine of formatted output with a long double of binary128: quadtext.h says what for.

   A format is read twice: for the types of its arguments, which may be numbered (%2$d), and for its output. The older
   snprintf writes each conversion but those of long double. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

#include <langinfo.h>
#include <stdint.h>

COMPAT_PLAIN(int, snprintf, (char *, size_t, const char *, ...));
COMPAT_PLAIN(int, strfromf128, (char *, size_t, const char *, __float128));
COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void *, realloc, (void *, size_t));
COMPAT_PLAIN(char *, nl_langinfo, (nl_item));
COMPAT_PLAIN(struct lconv *, localeconv, (void));

#define MOST 256 /* arguments of a format; more are an error */
#define ROOM 64  /* bytes of one conversion, without the argument */

enum quad_argument { NO_ARGUMENT, INTEGER, LONG_INTEGER, REAL, QUAD_REAL, ADDRESS };

union quad_value {
    int integer;
    long whole;
    double real;
    __float128 quad;
    void *address;
};

struct quad_directive {
    const char *flags, *end_of_flags;
    int has_width, width, width_from; /* _from: the number of the argument that has it, or 0 */
    int has_precision, precision, precision_from;
    char modifier[3], conversion;
    int from; /* the number of the argument, or 0 */
    enum quad_argument type;
};

struct quad_output {
    char *data;
    size_t used, room;
    int error;
};

static int has_flag(const struct quad_directive *directive, char flag)
{
    for (const char *at = directive->flags; at < directive->end_of_flags; ++at)
        if (*at == flag)
            return 1;
    return 0;
}

static int number_at(const char **at)
{
    int value = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (value < INT_MAX / 10 - 1)
            value = value * 10 + (**at - '0');
    return value;
}

/* The argument of a "*", which may have its number: "*2$". */
static int star_at(const char **at, int *next)
{
    const char *start = ++*at;
    int number = number_at(at);
    if (number && **at == '$') {
        ++*at;
        return number;
    }
    *at = start;
    return (*next)++;
}

static enum quad_argument type_of(const struct quad_directive *directive)
{
    char modifier = directive->modifier[0];
    switch (directive->conversion) {
    case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': case 'b': case 'B':
        return modifier == 'l' || modifier == 'j' || modifier == 'z' || modifier == 't' || modifier == 'q'
                       || modifier == 'L' || modifier == 'Z'
                   ? LONG_INTEGER
                   : INTEGER;
    case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        return modifier == 'L' ? QUAD_REAL : REAL;
    case 'c': case 'C':
        return INTEGER;
    case 's': case 'S': case 'p': case 'n':
        return ADDRESS;
    default: /* % and m, and what nobody knows */
        return NO_ARGUMENT;
    }
}

/* Reads one conversion, from behind its "%" on; returns where it ends. `next` is the number of the next argument. */
static const char *read_directive(const char *at, struct quad_directive *directive, int *next)
{
    *directive = (struct quad_directive){0};
    const char *start = at;
    int number = number_at(&at);
    if (number && *at == '$')
        directive->from = number, ++at;
    else
        at = start;
    directive->flags = at;
    while (*at == '-' || *at == '+' || *at == ' ' || *at == '#' || *at == '0' || *at == '\'' || *at == 'I')
        ++at;
    directive->end_of_flags = at;
    if (*at == '*')
        directive->has_width = 1, directive->width_from = star_at(&at, next);
    else if (*at >= '1' && *at <= '9')
        directive->has_width = 1, directive->width = number_at(&at);
    if (*at == '.') {
        directive->has_precision = 1;
        if (*++at == '*')
            directive->precision_from = star_at(&at, next);
        else
            directive->precision = number_at(&at);
    }
    for (int i = 0; i < 2 && (*at == 'h' || *at == 'l' || *at == 'j' || *at == 'z' || *at == 't' || *at == 'L'
                              || *at == 'q' || *at == 'Z');
         ++i)
        directive->modifier[i] = *at++;
    directive->conversion = *at;
    directive->type = type_of(directive);
    if (directive->type != NO_ARGUMENT && !directive->from)
        directive->from = (*next)++;
    return *at ? at + 1 : at;
}

static int note_type(enum quad_argument *types, int *count, int number, enum quad_argument type)
{
    if (number > MOST)
        return 0;
    if (number) {
        types[number - 1] = type;
        if (number > *count)
            *count = number;
    }
    return 1;
}

/* The types of the arguments; their count, or -1 if there are too many. A number that no conversion uses is an int. */
static int types_of(const char *format, enum quad_argument *types)
{
    int count = 0, next = 1;
    struct quad_directive directive;
    while (*format)
        if (*format++ == '%') {
            format = read_directive(format, &directive, &next);
            if (!note_type(types, &count, directive.width_from, INTEGER)
                || !note_type(types, &count, directive.precision_from, INTEGER)
                || !note_type(types, &count, directive.from, directive.type))
                return -1;
        }
    return count;
}

static char *more_room(struct quad_output *output, size_t size)
{
    if (output->used + size + 1 > output->room) {
        size_t room = (output->used + size + 1) * 3 / 2 + 100;
        char *data = output->error ? 0 : plain_realloc(output->data, room);
        if (!data) {
            output->error = output->error ? output->error : ENOMEM;
            return 0;
        }
        output->data = data;
        output->room = room;
    }
    return output->data + output->used;
}

static void put_text(struct quad_output *output, const char *text, size_t size)
{
    char *to = more_room(output, size);
    for (size_t i = 0; to && i < size; ++i)
        to[i] = text[i];
    output->used += to ? size : 0;
}

static void put_many(struct quad_output *output, char character, int count)
{
    for (; count > 0; --count)
        put_text(output, &character, 1);
}

static void put_number(char **to, int value)
{
    char digits[12];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        *(*to)++ = digits[--count];
}

/* A conversion of any other type, by the older snprintf. */
static void put_plain(struct quad_output *output, const struct quad_directive *directive, union quad_value value)
{
    char text[ROOM], *to = text;
    *to++ = '%';
    for (const char *flag = "-+ #0'I"; *flag; ++flag)
        if (has_flag(directive, *flag))
            *to++ = *flag;
    if (directive->has_width)
        put_number(&to, directive->width);
    if (directive->has_precision) {
        *to++ = '.';
        put_number(&to, directive->precision);
    }
    for (int i = 0; i < 2 && directive->modifier[i]; ++i)
        *to++ = directive->modifier[i];
    *to++ = directive->conversion;
    *to = 0;
    int before = errno;
    for (int try = 0; try < 2; ++try) {
        size_t room = try ? output->room - output->used : 0;
        char *place = try ? output->data + output->used : 0;
        int size = 0;
        errno = before; /* for %m */
        switch (directive->type) {
        case INTEGER: size = plain_snprintf(place, room, text, value.integer); break;
        case LONG_INTEGER: size = plain_snprintf(place, room, text, value.whole); break;
        case REAL: size = plain_snprintf(place, room, text, value.real); break;
        case ADDRESS: size = plain_snprintf(place, room, text, value.address); break;
        default: size = plain_snprintf(place, room, text);
        }
        if (size < 0) {
            output->error = errno ? errno : EINVAL;
            return;
        }
        if (try)
            output->used += (size_t)size;
        else if (!more_room(output, (size_t)size))
            return;
    }
    errno = before;
}

/* The digits of a number as strfromf128 writes them, in memory of malloc. */
static char *digits_of(__float128 value, int has_precision, int precision, char conversion)
{
    char format[20], *to = format;
    *to++ = '%';
    if (has_precision) {
        *to++ = '.';
        put_number(&to, precision);
    }
    *to++ = conversion;
    *to = 0;
    int size = plain_strfromf128(0, 0, format, value);
    char *text = plain_malloc((size_t)size + 1);
    if (text)
        plain_strfromf128(text, (size_t)size + 1, format, value);
    return text;
}

/* %#g keeps the zeros that %g removes: it is %e or %f with as many digits, by the exponent that %e gives. */
static char *digits_with_zeros(__float128 value, int precision, char conversion)
{
    int wanted = precision ? precision : 1, exponent = 0;
    char style = conversion == 'g' ? 'e' : 'E', *text = digits_of(value, 1, wanted - 1, style), *at = text;
    if (!text)
        return 0;
    while (*at != style)
        ++at;
    const char *digits = at + 2;
    exponent = at[1] == '-' ? -number_at(&digits) : number_at(&digits);
    if (exponent < -4 || exponent >= wanted)
        return text;
    plain_free(text);
    return digits_of(value, 1, wanted - 1 - exponent, conversion == 'g' ? 'f' : 'F');
}

static size_t length_of_text(const char *text)
{
    size_t length = 0;
    while (text[length])
        ++length;
    return length;
}

/* Writes digits before the decimal point, in groups as the locale has them. */
static void put_grouped(struct quad_output *output, const char *digits, int count)
{
    const struct lconv *locale = plain_localeconv();
    const char *separator = locale->thousands_sep, *sizes = locale->grouping;
    int marks[64], used = 0, left = count;
    while (*separator && *sizes > 0 && *sizes != CHAR_MAX && left > *sizes && used < 64) {
        left -= *sizes;
        marks[used++] = left;
        sizes += sizes[1] > 0;
    }
    for (int i = 0; i < count; ++i) {
        if (used && marks[used - 1] == i) {
            put_text(output, separator, length_of_text(separator));
            --used;
        }
        put_text(output, digits + i, 1);
    }
}

static void put_quad(struct quad_output *output, const struct quad_directive *directive, __float128 value)
{
    char conversion = directive->conversion, low = conversion | 32;
    int has_precision = directive->has_precision && directive->precision >= 0;
    int finite = value - value == 0;
    int keeps = has_flag(directive, '#') && finite;
    char *text = keeps && low == 'g' ? digits_with_zeros(value, has_precision ? directive->precision : 6, conversion)
                                     : digits_of(value, has_precision, directive->precision, conversion);
    if (!text) {
        output->error = ENOMEM;
        return;
    }
    const char *at = text, *point = plain_nl_langinfo(RADIXCHAR);
    struct quad_output body = {0};
    char sign = *at == '-' ? '-' : has_flag(directive, '+') ? '+' : has_flag(directive, ' ') ? ' ' : 0;
    at += *at == '-';
    const char *prefix = at;
    int prefix_size = low == 'a' && finite ? 2 : 0, whole = 0; /* 0x */
    at += prefix_size;
    while ((at[whole] >= '0' && at[whole] <= '9') || (prefix_size && whole == 0))
        ++whole;
    if (has_flag(directive, '\'') && finite && (low == 'f' || low == 'g'))
        put_grouped(&body, at, whole);
    else
        put_text(&body, at, (size_t)whole);
    at += whole;
    if (keeps && *at != *point)
        put_text(&body, point, length_of_text(point));
    put_text(&body, at, length_of_text(at));
    int fill = directive->has_width ? directive->width - (int)body.used - prefix_size - (sign != 0) : 0;
    int left = has_flag(directive, '-'), zeros = has_flag(directive, '0') && !left && finite;
    put_many(output, ' ', left || zeros ? 0 : fill);
    put_many(output, sign, sign != 0);
    put_text(output, prefix, (size_t)prefix_size);
    put_many(output, '0', zeros ? fill : 0);
    put_text(output, body.data ? body.data : "", body.used);
    put_many(output, ' ', left ? fill : 0);
    output->error = output->error ? output->error : body.error;
    plain_free(body.data);
    plain_free(text);
}

/* %n: the length so far, in the type that the modifier names. */
static void store_length(const struct quad_directive *directive, void *place, size_t length)
{
    const char *modifier = directive->modifier;
    if (modifier[0] == 'h' && modifier[1] == 'h')
        *(signed char *)place = (signed char)length;
    else if (modifier[0] == 'h')
        *(short *)place = (short)length;
    else if (modifier[0])
        *(long *)place = (long)length;
    else
        *(int *)place = (int)length;
}

static void put_directive(struct quad_output *output, struct quad_directive *directive, const union quad_value *values)
{
    if (directive->width_from)
        directive->width = values[directive->width_from - 1].integer;
    if (directive->width < 0) { /* a negative width is a "-" and a width */
        static const char minus[] = "-+ #0'I";
        char flags[sizeof minus + 1];
        int used = 0;
        flags[used++] = '-';
        for (const char *flag = minus + 1; *flag; ++flag)
            if (has_flag(directive, *flag))
                flags[used++] = *flag;
        struct quad_directive other = *directive;
        other.flags = flags;
        other.end_of_flags = flags + used;
        other.width = directive->width == INT_MIN ? INT_MAX : -directive->width;
        other.width_from = 0;
        put_directive(output, &other, values);
        return;
    }
    if (directive->precision_from) {
        directive->precision = values[directive->precision_from - 1].integer;
        directive->has_precision = directive->precision >= 0;
    }
    union quad_value value = {0};
    if (directive->from)
        value = values[directive->from - 1];
    if (directive->type == QUAD_REAL)
        put_quad(output, directive, value.quad);
    else if (directive->conversion == 'n')
        store_length(directive, value.address, output->used);
    else if (directive->conversion == '%')
        put_text(output, "%", 1);
    else
        put_plain(output, directive, value);
}

COMPAT_DEFINE(char *, symver_pin_quad_print, (const char *format, va_list arguments, int *length))
{
    enum quad_argument types[MOST] = {NO_ARGUMENT};
    union quad_value values[MOST];
    struct quad_output output = {0};
    struct quad_directive directive;
    int count = types_of(format, types), next = 1, before = errno;
    if (count < 0)
        output.error = EOVERFLOW;
    for (int i = 0; i < count; ++i)
        switch (types[i]) {
        case LONG_INTEGER: values[i].whole = va_arg(arguments, long); break;
        case REAL: values[i].real = va_arg(arguments, double); break;
        case QUAD_REAL: values[i].quad = va_arg(arguments, __float128); break;
        case ADDRESS: values[i].address = va_arg(arguments, void *); break;
        default: values[i].integer = va_arg(arguments, int);
        }
    more_room(&output, 0);
    while (*format && !output.error) {
        const char *end = format;
        while (*end && *end != '%')
            ++end;
        put_text(&output, format, (size_t)(end - format));
        if (*end) {
            end = read_directive(end + 1, &directive, &next);
            errno = before;
            put_directive(&output, &directive, values);
        }
        format = end;
    }
    if (!output.error && output.used > INT_MAX)
        output.error = EOVERFLOW;
    if (output.error) {
        plain_free(output.data);
        errno = output.error;
        return 0;
    }
    output.data[output.used] = 0;
    *length = (int)output.used;
    return output.data;
}

#endif
