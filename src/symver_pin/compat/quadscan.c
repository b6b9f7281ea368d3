/* The engine of formatted input with a long double of binary128: quadtext.h says what for.

   All arguments of scanf are pointers. So the part of a format in front of a conversion of long double goes to the
   older function as it is, with as many pointers as it needs, and with "%n" behind it: that is stored only if all of
   the part was read. The number itself is what glibc's own functions read: "1.5e" before "x" is 1.5, and "nan(1)" is read up to
   the parenthesis. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

#include <langinfo.h>

COMPAT_PLAIN(int, getc, (FILE *));
COMPAT_PLAIN(int, ungetc, (int, FILE *));
COMPAT_PLAIN(int, isspace, (int));
COMPAT_PLAIN(void *, realloc, (void *, size_t));
COMPAT_PLAIN(char *, nl_langinfo, (nl_item));
COMPAT_PLAIN(__float128, strtof128, (const char *, char **));

#define MOST 24      /* pointers of the part of a format between two conversions of long double */
#define PART 512     /* bytes of such a part */
#define NO_WIDTH INT_MAX

static int peek(struct quad_source *source)
{
    if (source->text)
        return *source->text ? (unsigned char)*source->text : EOF;
    int next = plain_getc(source->stream);
    if (next != EOF)
        plain_ungetc(next, source->stream);
    return next;
}

static void skip(struct quad_source *source)
{
    ++source->read;
    if (source->text)
        ++source->text;
    else
        plain_getc(source->stream);
}

struct quad_input {
    struct quad_source *source;
    char *data;
    int used, room, width, no_memory;
};

/* Takes the next character if it is one of two. */
static int take(struct quad_input *input, int one, int other)
{
    int next = input->used < input->width ? peek(input->source) : EOF;
    if (next == EOF || (next != one && next != other) || input->no_memory)
        return 0;
    if (input->used + 1 >= input->room) {
        int room = input->room * 2 + 100;
        char *data = plain_realloc(input->data, (size_t)room);
        if (!data) {
            input->no_memory = 1;
            return 0;
        }
        input->data = data;
        input->room = room;
    }
    input->data[input->used++] = (char)next;
    input->data[input->used] = 0;
    skip(input->source);
    return 1;
}

static int take_word(struct quad_input *input, const char *word)
{
    for (; *word; ++word)
        if (!take(input, *word, *word - 32))
            return 0;
    return 1;
}

static int take_digits(struct quad_input *input, int hexadecimal)
{
    int count = 0;
    for (;; ++count) {
        int next = peek(input->source), letter = next | 32;
        int is_digit = (next >= '0' && next <= '9') || (hexadecimal && letter >= 'a' && letter <= 'f');
        if (!is_digit || !take(input, next, next))
            return count;
    }
}

static int take_point(struct quad_input *input)
{
    const char *point = plain_nl_langinfo(RADIXCHAR);
    if (!take(input, (unsigned char)*point, (unsigned char)*point))
        return 0;
    while (*++point)
        if (!take(input, (unsigned char)*point, (unsigned char)*point))
            return 0;
    return 1;
}

/* Takes the characters of a number; whether they are one. */
static int take_number(struct quad_input *input)
{
    take(input, '-', '+');
    if (take(input, 'i', 'I')) {
        if (!take_word(input, "nf"))
            return 0;
        return !take(input, 'i', 'I') || take_word(input, "nity");
    }
    if (take(input, 'n', 'N')) {
        return take_word(input, "an");
    }
    int hexadecimal = 0, digits = 0;
    if (take(input, '0', '0')) {
        hexadecimal = take(input, 'x', 'X');
        digits = !hexadecimal;
    }
    digits += take_digits(input, hexadecimal);
    if (take_point(input))
        digits += take_digits(input, hexadecimal);
    if (!digits)
        return 0;
    if (hexadecimal ? take(input, 'p', 'P') : take(input, 'e', 'E')) {
        take(input, '-', '+');
        take_digits(input, 0);
    }
    return 1;
}

static void skip_space(struct quad_source *source)
{
    for (int next; next = peek(source), next != EOF && plain_isspace(next);)
        skip(source);
}

/* Reads a number to `to`, or away; 1, 0 if there is none, EOF at the end of the input. */
static int scan_quad(struct quad_source *source, int width, __float128 *to)
{
    struct quad_input input = {.source = source, .width = width};
    skip_space(source);
    if (peek(source) == EOF)
        return EOF;
    int good = take_number(&input) && !input.no_memory;
    if (good && to)
        *to = plain_strtof128(input.data, 0);
    plain_free(input.data);
    return good;
}

struct quad_part {
    char format[PART];
    int size, pointers, assigned;
    void *pointer[MOST];
    int is_count[MOST];  /* of a %n: 1 + the width of its type in bytes; counts from the start of the part */
    int error;
};

static void keep(struct quad_part *part, const char *from, const char *to)
{
    if (to - from > PART - 4 - part->size) {
        part->error = EOVERFLOW;
        return;
    }
    while (from < to)
        part->format[part->size++] = *from++;
}

/* Gives the part to the older function. 1 if all of it was read; `total` counts what is assigned. */
static int scan_part(struct quad_source *source, struct quad_part *part, int *total, int *result)
{
    if (part->size == 0)
        return 1;
    void *p[MOST + 1];
    int consumed = -1;
    for (int i = 0; i <= MOST; ++i)
        p[i] = i < part->pointers ? part->pointer[i] : &consumed;
    part->format[part->size] = '%';
    part->format[part->size + 1] = 'n';
    part->format[part->size + 2] = 0;
#define POINTERS p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], p[12], p[13], p[14], p[15], \
                 p[16], p[17], p[18], p[19], p[20], p[21], p[22], p[23], p[24]
    int got = source->text ? source->scan_text(source->text, part->format, POINTERS)
                           : source->scan_stream(source->stream, part->format, POINTERS);
    for (int i = 0; i < part->pointers && consumed >= 0; ++i)
        switch (part->is_count[i]) {
        case 1 + sizeof(char): *(signed char *)p[i] += (signed char)source->read; break;
        case 1 + sizeof(short): *(short *)p[i] += (short)source->read; break;
        case 1 + sizeof(int): *(int *)p[i] += (int)source->read; break;
        case 1 + sizeof(long): *(long *)p[i] += source->read; break;
        default: break;
        }
    *total += got > 0 ? got : 0;
    if (consumed < 0) {
        *result = got == EOF && *total == 0 ? EOF : *total;
        return 0;
    }
    if (source->text)
        source->text += consumed;
    source->read += consumed;
    part->size = part->pointers = 0;
    return 1;
}

/* A set "[...]" ends at the first "]" that is not its first character. */
static const char *end_of_set(const char *at)
{
    at += *at == '^';
    at += *at == ']';
    while (*at && *at != ']')
        ++at;
    return at + (*at != 0);
}

COMPAT_DEFINE(int, symver_pin_quad_scan, (struct quad_source * source, const char *format, va_list arguments))
{
    struct quad_part part = {.size = 0};
    int total = 0, result = 0;
    while (*format) {
        const char *start = format, *at;
        if (*format != '%' || format[1] == '%') {
            format += 1 + (*format == '%');
            keep(&part, start, format);
            continue;
        }
        at = format + 1;
        int is_kept = *at == '*', width = 0, has_width = 0;
        at += is_kept;
        for (; *at >= '0' && *at <= '9'; ++at, has_width = 1)
            width = width < INT_MAX / 10 - 1 ? width * 10 + (*at - '0') : width;
        if (*at == '$') { /* numbered arguments: X/Open; nobody can mix them with others */
            errno = ENOTSUP;
            return total ? total : EOF;
        }
        int allocates = *at == 'm', short_type = 0, long_type = 0, quad = 0;
        at += allocates;
        for (;; ++at) {
            if (*at == 'h')
                ++short_type;
            else if (*at == 'L')
                quad = 1;
            else if (*at == 'l' || *at == 'j' || *at == 'z' || *at == 't' || *at == 'q')
                long_type = 1;
            else if (*at != '\'' && *at != 'I')
                break;
        }
        char conversion = *at, low = conversion | 32;
        format = conversion == '[' ? end_of_set(at + 1) : at + (conversion != 0);
        if (quad && (low == 'a' || low == 'e' || low == 'f' || low == 'g')) {
            __float128 *to = is_kept ? 0 : va_arg(arguments, __float128 *);
            if (part.error) {
                errno = part.error;
                return total ? total : EOF;
            }
            if (!scan_part(source, &part, &total, &result))
                return result;
            int got = scan_quad(source, has_width && width ? width : NO_WIDTH, to);
            if (got != 1)
                return got == EOF && total == 0 ? EOF : total;
            total += !is_kept;
            continue;
        }
        if (!is_kept) {
            if (part.pointers == MOST)
                part.error = EOVERFLOW;
            else {
                int size = short_type > 1 ? sizeof(char) : short_type ? sizeof(short) : sizeof(int);
                size = long_type || quad ? (int)sizeof(long) : size;
                part.is_count[part.pointers] = conversion == 'n' ? 1 + size : 0;
                part.pointer[part.pointers++] = va_arg(arguments, void *);
            }
        }
        keep(&part, start, format);
    }
    if (part.error) {
        errno = part.error;
        return total ? total : EOF;
    }
    return scan_part(source, &part, &total, &result) ? total : result;
}

#endif
