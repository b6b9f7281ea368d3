/* scanf of one kind of character with what C23 and 2.39 added: %i with a binary prefix, %b, the lengths w8 ... wf64.

   Included by scanf.c once for each kind of character, with these names defined:

       CHARACTER       char or wchar_t
       NAME(name)      the name of this kind's function
       GET, UNGET      a character from a stream, WEOF or EOF as END; and back
       IS_SPACE(c)     whether a character is white space
       WHOLE(c)        a CHARACTER as GET gives it
       OLD(name)       the function of C99 for this kind: sscanf, vsscanf, fscanf, vfscanf

   A format without any of the three goes to the older function as it is.  Any other is worked off here, one directive
   at a time: the integers by hand, the rest by the older function, with the directive alone and %n behind it, which is
   reached only if the directive matched.  That one character can be put back is enough: a prefix without a digit
   behind it is no number, and stays consumed. */

struct NAME(directive) {
    const CHARACTER *end, *length, *after_length; /* what the length modifier is, and where it ends */
    const CHARACTER *after_position;              /* behind "%", or behind "%N$" */
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

/* Reads the directive whose "%" stands before `at`. */
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
    at += *at == 'm'; /* to allocate */
    found.length = at;
    if (*at == 'w') {
        int fast = *++at == 'f';
        at += fast;
        found.bytes = NAME(number_at)(&at) / 8;
        if (fast && (found.bytes == 2 || found.bytes == 4))
            found.bytes = sizeof(long); /* int_fast16_t, int_fast32_t */
        if (found.bytes != 1 && found.bytes != 2 && found.bytes != 4 && found.bytes != 8)
            at = found.length; /* no length that there is: the older function refuses it */
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
    if (*at == '[') { /* a "]" at the start of the set belongs to it */
        at += at[1] == '^' ? 2 : 1;
        if (*at == ']')
            ++at;
        while (*at && *at != ']')
            ++at;
    }
    found.end = *at ? at + 1 : at;
    return found;
}

static int NAME(is_young)(const struct NAME(directive) *found)
{
    return found->conversion == 'b' || (found->conversion == 'i' && !found->localised)
           || (found->after_length > found->length && *found->length == 'w');
}

struct NAME(input) {
    FILE *stream; /* or NULL, and what is left of a text */
    const CHARACTER *text;
    long taken; /* characters so far, for %n */
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

/* The first character that is no white space; it stays taken. */
static long NAME(take_word)(struct NAME(input) *input)
{
    long character;
    do
        character = NAME(take)(input);
    while (character != END && IS_SPACE(character));
    return character;
}

/* MATCHED with the number in *to, NO_MATCH, or NO_INPUT. */
static int NAME(take_integer)(struct NAME(input) *input, const struct NAME(directive) *wanted, uint64_t *to)
{
    int is_signed = wanted->conversion == 'i', base = is_signed ? 10 : 2;
    int left = wanted->width ? wanted->width : INT_MAX, digits = 0, overflow = 0;
    int wide = wanted->bytes > (int)sizeof(long);
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

/* Hands one directive to the older function, a young length made an old one, the position left out. */
static int NAME(take_by_old)(struct NAME(input) *input, const struct NAME(directive) *wanted, CHARACTER *text, void *to)
{
    CHARACTER *out = text;
    int taken = -1;
    *out++ = '%';
    for (const CHARACTER *at = wanted->after_position; at < wanted->end;) {
        if (at == wanted->length && *at == 'w' && wanted->after_length > at) {
            const char *length = wanted->bytes == 1                ? "hh"
                                 : wanted->bytes == 2              ? "h"
                                 : wanted->bytes == 4              ? ""
                                 : wanted->bytes == (int)sizeof(long) ? "l"
                                                                   : "ll";
            while (*length)
                *out++ = (CHARACTER)*length++;
            at = wanted->after_length;
        } else
            *out++ = *at++;
    }
    *out++ = '%';
    *out++ = 'n';
    *out = 0;
    void *first = wanted->skipped ? (void *)&taken : to; /* a last argument too many does no harm */
    int matched = input->stream ? OLD(fscanf)(input->stream, text, first, &taken)
                                : OLD(sscanf)(input->text, text, first, &taken);
    if (taken < 0)
        return matched == EOF ? NO_INPUT : NO_MATCH;
    input->taken += taken;
    if (!input->stream)
        input->text += taken;
    return MATCHED;
}

/* The argument at a position; all are pointers. */
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
    size_t length = 0, young = 0;
    int assigned = 0, position = 0, outcome = MATCHED;
    for (const CHARACTER *at = format; *at; ++length, ++at)
        if (*at == '%') {
            struct NAME(directive) found = NAME(read_directive)(at + 1);
            young += (size_t)NAME(is_young)(&found);
            length += (size_t)(found.end - at - 1);
            at = found.end - 1;
        }
    if (!young)
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
        struct NAME(directive) wanted = NAME(read_directive)(format + 1);
        int integer = wanted.conversion == 'b' || (wanted.conversion == 'i' && !wanted.localised);
        uint64_t value = (uint64_t)input.taken;
        void *to = 0;
        format = wanted.end;
        if (!wanted.skipped)
            to = NAME(argument)(arguments, wanted.position ? wanted.position : ++position);
        if (integer)
            outcome = NAME(take_integer)(&input, &wanted, &value);
        else if (wanted.conversion != 'n')
            outcome = NAME(take_by_old)(&input, &wanted, text, to);
        if (outcome == MATCHED && to) {
            if (integer || wanted.conversion == 'n')
                store(to, wanted.bytes, value);
            assigned += wanted.conversion != 'n';
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
