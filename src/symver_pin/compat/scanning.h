/* scanf for one kind of character, with the additions of C23 and 2.39: %i with a binary prefix, %b, the lengths w8 ...
   wf64.

   scanf.c includes this file once for each kind of character, with these names defined:

       CHARACTER       char or wchar_t
       NAME(name)      the name of the function for this kind
       GET, UNGET      read a character from a stream (END for WEOF or EOF), and put it back
       IS_SPACE(c)     true if a character is white space
       WHOLE(c)        a CHARACTER as GET returns it
       OLD(name)       the C99 function for this kind: sscanf, vsscanf, fscanf, vfscanf

   A format without any of the additions is passed to the older function. Any other format is processed here, one
   directive at a time. Integers are read by this code. Other directives are passed one by one to the older function,
   followed by %n, which is reached only if the directive matched. Putting back one character is enough: a prefix that
   no digit follows is not a number, and it stays consumed. */

struct NAME(directive) {
    const CHARACTER *end, *length, *after_length; /* the length modifier and its end */
    const CHARACTER *after_position;              /* after "%", or after "%N$" */
    int position, width, skipped, localised, bytes;
    CHARACTER conversion;
};

static int NAME(number_at)(const CHARACTER **at)
{
    int value = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (value < 100000000)
            value = value * 10 + (int)(**at - '0');
    return value;
}

/* Read the directive; `at` is the character after "%". */
static struct NAME(directive) NAME(read_directive)(const CHARACTER *at)
{
    struct NAME(directive) found = {.after_position = at, .bytes = sizeof(int)};
    const CHARACTER *start = at;
    int number = NAME(number_at)(&at);
    if (at > start && *at == '$') {
        found.position = number;
        found.after_position = ++at;
    } else
        at = start;
    for (; *at == '*' || *at == '\'' || *at == 'I'; ++at) {
        found.skipped |= *at == '*';
        found.localised |= *at != '*';
    }
    found.width = NAME(number_at)(&at);
    at += *at == 'm'; /* allocates memory for the text */
    found.length = at;
    if (*at == 'w') {
        int fast = *++at == 'f';
        at += fast;
        found.bytes = NAME(number_at)(&at) / 8;
        if (fast && (found.bytes == 2 || found.bytes == 4))
            found.bytes = sizeof(long); /* int_fast16_t, int_fast32_t */
        if (found.bytes != 1 && found.bytes != 2 && found.bytes != 4 && found.bytes != 8)
            at = found.length; /* an invalid length: the older function reports the error */
        found.after_length = at;
    } else {
        for (; *at == 'h' || *at == 'l' || *at == 'L' || *at == 'q' || *at == 'j' || *at == 'z' || *at == 't'; ++at)
            found.bytes = *at == 'h' ? (found.bytes == sizeof(short) ? 1 : (int)sizeof(short))
                          : *at == 'l' && at[1] != 'l' && at == found.length ? (int)sizeof(long)
                          : *at == 'z' || *at == 't'                         ? (int)sizeof(size_t)
                                                                             : (int)sizeof(long long);
        found.after_length = at;
    }
    found.conversion = *at;
    if (*at == '[') { /* a "]" at the start of the set is a member of the set */
        at += at[1] == '^' ? 2 : 1;
        if (*at == ']')
            ++at;
        while (*at && *at != ']')
            ++at;
    }
    found.end = *at ? at + 1 : at;
    return found;
}

static int NAME(is_newer)(const struct NAME(directive) *found)
{
    return found->conversion == 'b' || (found->conversion == 'i' && !found->localised)
           || (found->after_length > found->length && *found->length == 'w');
}

struct NAME(input) {
    FILE *stream; /* NULL if the source is a text */
    const CHARACTER *text;
    long taken; /* the number of characters read, for %n */
};

static long NAME(take)(struct NAME(input) *input)
{
    long character = input->stream ? GET(input->stream) : *input->text ? WHOLE(*input->text++) : END;
    input->taken += character != END;
    return character;
}

static void NAME(give_back)(struct NAME(input) *input, long character)
{
    if (character == END)
        return;
    if (input->stream)
        UNGET(character, input->stream);
    else
        --input->text;
    --input->taken;
}

/* Read the first character that is not white space. */
static long NAME(take_word)(struct NAME(input) *input)
{
    long character;
    do
        character = NAME(take)(input);
    while (character != END && IS_SPACE(character));
    return character;
}

/* Read an integer. Returns MATCHED and stores it in *to, or returns NO_MATCH or NO_INPUT. */
static int NAME(take_integer)(struct NAME(input) *input, const struct NAME(directive) *parsed, uint64_t *to)
{
    int is_signed = parsed->conversion == 'i', base = is_signed ? 10 : 2;
    int left = parsed->width ? parsed->width : INT_MAX, digits = 0, overflow = 0;
    int wide = parsed->bytes > (int)sizeof(long);
    long character = NAME(take_word)(input);
    if (character == END)
        return NO_INPUT;
    int negative = character == '-';
    if (character == '-' || character == '+')
        character = --left ? NAME(take)(input) : END;
    if (character == '0' && left) {
        digits = 1;
        character = --left ? NAME(take)(input) : END;
        int prefix = character == 'b' || character == 'B'                   ? 2
                     : is_signed && (character == 'x' || character == 'X') ? 16
                                                                            : 0;
        if (prefix) {
            digits = 0;
            character = --left ? NAME(take)(input) : END;
        }
        base = prefix ? prefix : is_signed ? 8 : base;
    }
    uint64_t value = 0, limit = !is_signed ? (wide ? ULLONG_MAX : ULONG_MAX)
                                           : (wide ? (uint64_t)LLONG_MAX : (uint64_t)LONG_MAX) + (uint64_t)negative;
    for (;;) {
        int digit = character >= '0' && character <= '9'   ? (int)(character - '0')
                    : character >= 'a' && character <= 'f' ? (int)(character - 'a') + 10
                    : character >= 'A' && character <= 'F' ? (int)(character - 'A') + 10
                                                           : 16;
        if (digit >= base)
            break;
        digits = 1;
        if (value > (limit - (unsigned)digit) / (unsigned)base)
            overflow = 1;
        else
            value = value * (unsigned)base + (unsigned)digit;
        character = --left ? NAME(take)(input) : END;
    }
    NAME(give_back)(input, character);
    if (!digits)
        return NO_MATCH;
    if (overflow) {
        errno = ERANGE;
        value = limit;
    }
    *to = negative && (is_signed || !overflow) ? 0 - value : value;
    return MATCHED;
}

/* Process one directive with the older function. A new length is replaced by an old one, and the position is left
   out. */
static int NAME(take_by_old)(struct NAME(input) *input, const struct NAME(directive) *parsed, CHARACTER *text, void *to)
{
    CHARACTER *out = text;
    int taken = -1;
    *out++ = '%';
    for (const CHARACTER *at = parsed->after_position; at < parsed->end;) {
        if (at == parsed->length && *at == 'w' && parsed->after_length > at) {
            const char *length = parsed->bytes == 1                ? "hh"
                                 : parsed->bytes == 2              ? "h"
                                 : parsed->bytes == 4              ? ""
                                 : parsed->bytes == (int)sizeof(long) ? "l"
                                                                   : "ll";
            while (*length)
                *out++ = (CHARACTER)*length++;
            at = parsed->after_length;
        } else
            *out++ = *at++;
    }
    *out++ = '%';
    *out++ = 'n';
    *out = 0;
    void *first = parsed->skipped ? (void *)&taken : to; /* an additional argument at the end does no harm */
    int matched = input->stream ? OLD(fscanf)(input->stream, text, first, &taken)
                                : OLD(sscanf)(input->text, text, first, &taken);
    if (taken < 0)
        return matched == EOF ? NO_INPUT : NO_MATCH;
    input->taken += taken;
    if (!input->stream)
        input->text += taken;
    return MATCHED;
}

/* The argument at a position. All arguments are pointers. */
static void *NAME(argument)(va_list all, int position)
{
    va_list copy;
    void *argument = 0;
    va_copy(copy, all);
    for (int i = 0; i < position; ++i)
        argument = va_arg(copy, void *);
    va_end(copy);
    return argument;
}

static int NAME(scan)(FILE *stream, const CHARACTER *source, const CHARACTER *format, va_list arguments)
{
    struct NAME(input) input = {stream, source, 0};
    size_t length = 0, newer = 0;
    int assigned = 0, position = 0, outcome = MATCHED;
    static void *of_stream, *of_text;
    void *running = stream ? COMPAT_RUNNING(of_stream, OF_STREAM) : COMPAT_RUNNING(of_text, OF_TEXT);
    if (running)
        return stream ? ((int (*)(FILE *, const CHARACTER *, va_list))running)(stream, format, arguments)
                      : ((int (*)(const CHARACTER *, const CHARACTER *, va_list))running)(source, format, arguments);
    for (const CHARACTER *at = format; *at; ++length, ++at)
        if (*at == '%') {
            struct NAME(directive) found = NAME(read_directive)(at + 1);
            newer += (size_t)NAME(is_newer)(&found);
            length += (size_t)(found.end - at - 1);
            at = found.end - 1;
        }
    if (!newer)
        return stream ? OLD(vfscanf)(stream, format, arguments) : OLD(vsscanf)(source, format, arguments);
    CHARACTER text[length + 8];
    while (*format && outcome == MATCHED) {
        if (IS_SPACE(WHOLE(*format))) {
            ++format;
            NAME(give_back)(&input, NAME(take_word)(&input));
            continue;
        }
        if (*format != '%' || format[1] == '%') {
            long character = *format == '%' ? NAME(take_word)(&input) : NAME(take)(&input);
            format += *format == '%' ? 1 : 0;
            if (character != WHOLE(*format++)) {
                NAME(give_back)(&input, character);
                outcome = character == END ? NO_INPUT : NO_MATCH;
            }
            continue;
        }
        struct NAME(directive) parsed = NAME(read_directive)(format + 1);
        int integer = parsed.conversion == 'b' || (parsed.conversion == 'i' && !parsed.localised);
        uint64_t value = (uint64_t)input.taken;
        void *to = 0;
        format = parsed.end;
        if (!parsed.skipped)
            to = NAME(argument)(arguments, parsed.position ? parsed.position : ++position);
        if (integer)
            outcome = NAME(take_integer)(&input, &parsed, &value);
        else if (parsed.conversion != 'n')
            outcome = NAME(take_by_old)(&input, &parsed, text, to);
        if (outcome == MATCHED && to) {
            if (integer || parsed.conversion == 'n')
                store(to, parsed.bytes, value);
            assigned += parsed.conversion != 'n';
        }
    }
    return outcome == NO_INPUT && assigned == 0 ? EOF : assigned;
}

#undef CHARACTER
#undef NAME
#undef GET
#undef UNGET
#undef IS_SPACE
#undef WHOLE
#undef OLD
#undef OF_STREAM
#undef OF_TEXT
