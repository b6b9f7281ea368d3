/* Conversions between text and numbers of the format binary128 (_Float128): strfromf128, strtof128 and their relatives
   (2.26). If the running libc has the function, it is called.

   Otherwise, where long double has that format, they call the functions of long double. On x86 and PowerPC it has
   another format, no function of an old libc supports binary128, and the compiler's arithmetic on it rounds. So the numbers are taken apart into
   bits, and converted with integers of as many digits as needed. from_chars and to_chars of libstdc++, from gcc 14 on,
   need two of these functions.

   strtod finds the end of the number in a text: the syntax is the same, and it knows the decimal point of the
   locale. */

#include <errno.h>
#include <float.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "formats.h"
#include "running.h"

#if LDBL_MANT_DIG == 113

typedef long double binary128;

COMPAT_PLAIN(int, strfroml, (char *, size_t, const char *, long double));
COMPAT_PLAIN(long double, strtold, (const char *, char **));
COMPAT_PLAIN(long double, strtold_l, (const char *, char **, locale_t));
COMPAT_PLAIN(long double, wcstold, (const wchar_t *, wchar_t **));
COMPAT_PLAIN(long double, wcstold_l, (const wchar_t *, wchar_t **, locale_t));

#define WRITE plain_strfroml
#define READER(symbol, character, old, old_of_double, parameters, arguments, own)                                      \
    COMPAT_DEFINE(binary128, symbol, (const character *text, character **end parameters))                              \
    {                                                                                                                  \
        COMPAT_PREFER_RUNNING(binary128, symbol, (const character *text, character **end parameters),                  \
                              (text, end own));                                                                        \
        return plain_##old(text, end arguments);                                                                       \
    }

#elif defined HAS_QUAD_TYPE /* little-endian */

typedef __float128 binary128;

COMPAT_PLAIN(void, abort, (void)) __attribute__((noreturn));
COMPAT_PLAIN(int, isspace, (int));
COMPAT_PLAIN(int, iswspace, (unsigned));
COMPAT_PLAIN(double, strtod, (const char *, char **));
COMPAT_PLAIN(double, strtod_l, (const char *, char **, locale_t));
COMPAT_PLAIN(double, wcstod, (const wchar_t *, wchar_t **));
COMPAT_PLAIN(double, wcstod_l, (const wchar_t *, wchar_t **, locale_t));

#define BIAS 16383
#define LOWEST (-16382) /* exponent of the smallest normal number */
#define FRACTION 112    /* bits after the leading one */
#define TOP_FRACTION 48 /* those of them in the upper half */

union bits {
    binary128 value;
    struct {
        uint64_t low, high;
    } half;
};

static binary128 compose(int negative, unsigned exponent, uint64_t high, uint64_t low)
{
    union bits bits;
    bits.half.low = low;
    bits.half.high = (uint64_t)negative << 63 | (uint64_t)exponent << TOP_FRACTION | high;
    return bits.value;
}

/* Whole numbers in base 2^32, least significant digit first. */

#define ROOM 1300 /* 41,600 bits: the digits that can decide a rounding, about 11,600, and as many powers of five */

struct whole {
    int used;
    uint32_t digit[ROOM];
};

static void multiply_add(struct whole *number, uint32_t factor, uint32_t carry)
{
    uint64_t sum = carry;
    for (int i = 0; i < number->used; ++i) {
        sum += (uint64_t)number->digit[i] * factor;
        number->digit[i] = (uint32_t)sum;
        sum >>= 32;
    }
    if (sum)
        number->digit[number->used++] = (uint32_t)sum;
}

static void multiply_by_five_to_the(struct whole *number, int power)
{
    for (; power >= 13; power -= 13)
        multiply_add(number, 1220703125, 0);
    for (; power > 0; --power)
        multiply_add(number, 5, 0);
}

static int length_of(const struct whole *number)
{
    return number->used ? number->used * 32 - __builtin_clz(number->digit[number->used - 1]) : 0;
}

static void shift_up(struct whole *number, int bits)
{
    int digits = bits / 32;
    multiply_add(number, 1u << bits % 32, 0);
    if (digits && number->used) {
        for (int i = number->used - 1; i >= 0; --i)
            number->digit[i + digits] = number->digit[i];
        for (int i = 0; i < digits; ++i)
            number->digit[i] = 0;
        number->used += digits;
    }
}

static int at_least(const struct whole *a, const struct whole *b)
{
    if (a->used != b->used)
        return a->used > b->used;
    for (int i = a->used - 1; i >= 0; --i)
        if (a->digit[i] != b->digit[i])
            return a->digit[i] > b->digit[i];
    return 1;
}

static void subtract(struct whole *a, const struct whole *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < a->used; ++i) {
        uint64_t difference = (uint64_t)a->digit[i] - (i < b->used ? b->digit[i] : 0) - borrow;
        a->digit[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    while (a->used && a->digit[a->used - 1] == 0)
        --a->used;
}

/* Round a number to the nearest binary128, ties to even. Its leading bits are the lower 116 bits of high:low, the first
   of which has the value 2^exponent. `more` is 1 if nonzero bits follow. */
#define KEPT 116
static binary128 rounded(int negative, long exponent, uint64_t high, uint64_t low, int more)
{
    int drop = KEPT - FRACTION - 1;
    if (exponent < LOWEST)
        drop = LOWEST - exponent > KEPT ? KEPT + 2 : drop + (int)(LOWEST - exponent);
    int half = 0, inexact;
    for (int i = 0; i < drop; ++i) {
        more |= half;
        half = (int)(low & 1);
        low = low >> 1 | high << 63;
        high >>= 1;
    }
    inexact = more | half;
    if (half && (more || (low & 1)) && ++low == 0)
        ++high;
    /* A carry out of the fraction increases the exponent by one. */
    uint64_t biased = exponent < LOWEST ? 0 : (uint64_t)(exponent + BIAS - 1);
    high += biased << TOP_FRACTION;
    if (exponent > BIAS || high >= (uint64_t)0x7fff << TOP_FRACTION) {
        errno = ERANGE;
        return compose(negative, 0x7fff, 0, 0);
    }
    if (inexact && high >> TOP_FRACTION == 0)
        errno = ERANGE;
    return compose(negative, 0, high, low);
}

/* The value of number * 10^power. */
static binary128 from_decimal(int negative, struct whole *number, long power)
{
    struct whole divisor = {1, {1}};
    uint64_t high = 0, low = 0;
    if (power > 0)
        multiply_by_five_to_the(number, (int)power);
    else
        multiply_by_five_to_the(&divisor, (int)-power);
    int shift = length_of(number) - length_of(&divisor);
    shift_up(shift > 0 ? &divisor : number, shift > 0 ? shift : -shift);
    if (!at_least(number, &divisor)) {
        multiply_add(number, 2, 0);
        --shift;
    }
    for (int i = 0; i < KEPT; ++i) {
        high = high << 1 | low >> 63;
        low <<= 1;
        if (at_least(number, &divisor)) {
            subtract(number, &divisor);
            low |= 1;
        }
        multiply_add(number, 2, 0);
    }
    return rounded(negative, shift + power, high, low, number->used != 0);
}

/* The characters of a number whose end strtod or wcstod has found. */
struct text {
    const char *at, *end;
    int width; /* bytes in a character */
};

static int consume(struct text *text)
{
    if (text->at >= text->end)
        return 0;
    unsigned character = text->width == 1 ? (unsigned char)*text->at : *(const unsigned *)(const void *)text->at;
    text->at += text->width;
    return character < 0x80 ? (int)character : '.'; /* any other character is the decimal point of the locale */
}

static int digit_value(int character)
{
    return character >= '0' && character <= '9'   ? character - '0'
           : character >= 'a' && character <= 'f' ? character - 'a' + 10
           : character >= 'A' && character <= 'F' ? character - 'A' + 10
                                                  : 99;
}

static long exponent_in(struct text *text)
{
    long value = 0;
    int character = consume(text), negative = character == '-';
    if (character == '-' || character == '+')
        character = consume(text);
    for (; character >= '0' && character <= '9'; character = consume(text))
        if (value < 100000000)
            value = value * 10 + (character - '0');
    return negative ? -value : value;
}

static binary128 read_hexadecimal(int negative, struct text *text)
{
    uint64_t high = 0, low = 0;
    long exponent = 127; /* of the highest bit */
    int character, behind_point = 0, more = 0;
    while ((character = consume(text)) && character != 'p' && character != 'P') {
        int digit = digit_value(character);
        if (digit > 15) {
            behind_point = 1;
            continue;
        }
        if (high >> 60) {
            more |= digit != 0;
            exponent += 4;
        } else {
            high = high << 4 | low >> 60;
            low = low << 4 | (unsigned)digit;
        }
        exponent -= behind_point ? 4 : 0;
    }
    if (character)
        exponent += exponent_in(text);
    if (!(high | low))
        return compose(negative, 0, 0, 0);
    while (!(high >> 63)) {
        high = high << 1 | low >> 63;
        low <<= 1;
        --exponent;
    }
    const int spare = 128 - KEPT;
    more |= (low & ((1u << spare) - 1)) != 0;
    return rounded(negative, exponent, high >> spare, low >> spare | high << (64 - spare), more);
}

/* Digits beyond this number can change the result only by being nonzero. */
#define DIGITS 11600
#define HIGHEST_POWER 4933
#define LOWEST_POWER (-4966)

static binary128 read_decimal(int negative, struct text *text, int character)
{
    struct whole number = {0, {0}};
    long power = 0, digits = 0;
    int behind_point = 0, more = 0;
    for (; character && character != 'e' && character != 'E'; character = consume(text)) {
        int digit = digit_value(character);
        if (digit > 9) {
            behind_point = 1;
            continue;
        }
        power -= behind_point;
        if (digits == 0 && digit == 0)
            continue;
        if (digits < DIGITS) {
            multiply_add(&number, 10, (uint32_t)digit);
            ++digits;
        } else {
            more |= digit;
            ++power;
        }
    }
    if (character)
        power += exponent_in(text);
    if (digits == 0)
        return compose(negative, 0, 0, 0);
    if (digits + power > HIGHEST_POWER || digits + power < LOWEST_POWER) {
        errno = ERANGE;
        return compose(negative, digits + power > 0 ? 0x7fff : 0, 0, 0);
    }
    if (more) {
        multiply_add(&number, 10, 1);
        --power;
    }
    return from_decimal(negative, &number, power);
}

/* nan(DIGITS) stores the number, read as C reads one, in the fraction. Anything else in the brackets is ignored. */
static binary128 read_nan(int negative, struct text *text)
{
    uint64_t payload = 0;
    int base = 10, character;
    consume(text), consume(text); /* "an" */
    if (consume(text) == '(') {
        character = consume(text);
        if (character == '0') {
            base = 8;
            character = consume(text);
            if (character == 'x' || character == 'X') {
                base = 16;
                character = consume(text);
            }
        }
        for (; character && character != ')'; character = consume(text)) {
            if (digit_value(character) >= base)
                return compose(negative, 0x7fff, (uint64_t)1 << (TOP_FRACTION - 1), 0);
            payload = payload * (unsigned)base + (unsigned)digit_value(character);
        }
    }
    return compose(negative, 0x7fff, (uint64_t)1 << (TOP_FRACTION - 1), payload);
}

static int at_space(const struct text *text)
{
    return text->width == 1 ? plain_isspace((unsigned char)*text->at)
                            : plain_iswspace(*(const unsigned *)(const void *)text->at);
}

static binary128 read_number(const void *from, const void *end, int width)
{
    struct text text = {from, end, width};
    if (from == end)
        return compose(0, 0, 0, 0);
    while (at_space(&text))
        text.at += width;
    int character = consume(&text), negative = character == '-';
    if (character == '-' || character == '+')
        character = consume(&text);
    if (character == 'i' || character == 'I')
        return compose(negative, 0x7fff, 0, 0);
    if (character == 'n' || character == 'N')
        return read_nan(negative, &text);
    if (character == '0') {
        struct text ahead = text;
        int second = consume(&ahead);
        if (second == 'x' || second == 'X')
            return read_hexadecimal(negative, &ahead);
    }
    return read_decimal(negative, &text, character);
}

/* Conversion from numbers to text. */

struct output {
    char *to;
    size_t size, written;
};

static void put(struct output *output, char character)
{
    if (output->written + 1 < output->size)
        output->to[output->written] = character;
    ++output->written;
}

static void put_all(struct output *output, const char *text, int upper)
{
    for (; *text; ++text)
        put(output, upper && *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text);
}

static void put_exponent(struct output *output, char letter, int exponent, int least_digits)
{
    char reversed[8];
    int count = 0;
    unsigned left = exponent < 0 ? -(unsigned)exponent : (unsigned)exponent;
    put(output, letter);
    put(output, exponent < 0 ? '-' : '+');
    do
        reversed[count++] = (char)('0' + left % 10);
    while ((left /= 10) != 0 || count < least_digits);
    while (count)
        put(output, reversed[--count]);
}

static void put_point(struct output *output)
{
    put_all(output, nl_langinfo(RADIXCHAR), 0);
}

static void put_hexadecimal(struct output *output, uint64_t high, uint64_t low, int exponent, int precision, int upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    int count = FRACTION / 4;
    if (precision >= 0 && precision < count) {
        int drop = (count - precision) * 4, half = 0, more = 0;
        for (int i = 0; i < drop; ++i) {
            more |= half;
            half = (int)(low & 1);
            low = low >> 1 | high << 63;
            high >>= 1;
        }
        if (half && (more || (low & 1)) && ++low == 0)
            ++high;
        for (int i = 0; i < drop; ++i) {
            high = high << 1 | low >> 63;
            low <<= 1;
        }
        count = precision;
    }
    if (precision < 0)
        while (count && !((count > 12 ? low >> (FRACTION - 4 * count) : high >> (TOP_FRACTION - 4 * count)) & 15))
            --count;
    put(output, '0');
    put(output, upper ? 'X' : 'x');
    put(output, digits[high >> TOP_FRACTION]);
    if (count || precision > 0)
        put_point(output);
    for (int i = 1; i <= count; ++i)
        put(output, digits[(i > 12 ? low >> (FRACTION - 4 * i) : high >> (TOP_FRACTION - 4 * i)) & 15]);
    for (int i = count; i < precision; ++i)
        put(output, '0');
    put_exponent(output, upper ? 'P' : 'p', exponent, 1);
}

/* All digits of a number; there are never more. The first one is not zero, except for the number zero. */
#define MOST_DIGITS 11700
struct decimal {
    int count, exponent; /* the power of ten of the first digit */
    char digit[MOST_DIGITS];
};

static uint32_t divide_by_billion(struct whole *number)
{
    uint64_t rest = 0;
    for (int i = number->used - 1; i >= 0; --i) {
        rest = rest << 32 | number->digit[i];
        number->digit[i] = (uint32_t)(rest / 1000000000);
        rest %= 1000000000;
    }
    while (number->used && number->digit[number->used - 1] == 0)
        --number->used;
    return (uint32_t)rest;
}

/* high:low * 2^power. A binary fraction is an integer divided by a power of ten with as many factors five as it has
   factors two. */
static void expand(struct decimal *decimal, uint64_t high, uint64_t low, int power)
{
    struct whole number = {4, {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high, (uint32_t)(high >> 32)}};
    int count = 0;
    while (number.used && number.digit[number.used - 1] == 0)
        --number.used;
    if (power >= 0)
        shift_up(&number, power);
    else
        multiply_by_five_to_the(&number, -power);
    while (number.used) {
        uint32_t nine = divide_by_billion(&number);
        for (int i = 0; i < 9; ++i, nine /= 10)
            decimal->digit[count++] = (char)(nine % 10);
    }
    while (count && decimal->digit[count - 1] == 0)
        --count;
    for (int i = 0; i < count / 2; ++i) {
        char first = decimal->digit[i];
        decimal->digit[i] = decimal->digit[count - 1 - i];
        decimal->digit[count - 1 - i] = first;
    }
    decimal->exponent = count ? count - 1 + (power < 0 ? power : 0) : 0;
    decimal->count = count;
}

/* Keep `count` digits, which may be zero or negative. Rounds to the nearest, ties to even. */
static void keep(struct decimal *decimal, long count)
{
    if (count >= decimal->count)
        return;
    int up = 0;
    if (count >= 0) {
        int first = decimal->digit[count], more = 0;
        for (long i = count + 1; i < decimal->count; ++i)
            more |= decimal->digit[i];
        up = first > 5 || (first == 5 && (more || (count > 0 && (decimal->digit[count - 1] & 1))));
    }
    decimal->count = count > 0 ? (int)count : 0;
    if (!up)
        return;
    int i = decimal->count - 1;
    while (i >= 0 && decimal->digit[i] == 9)
        decimal->digit[i--] = 0;
    if (i >= 0)
        ++decimal->digit[i];
    else { /* 9.99 became 10, or 0.6 became 1 */
        decimal->digit[0] = 1;
        decimal->count = decimal->count ? decimal->count : 1;
        ++decimal->exponent;
    }
}

static void put_digit(struct output *output, const struct decimal *decimal, long index)
{
    put(output, (char)('0' + (index >= 0 && index < decimal->count ? decimal->digit[index] : 0)));
}

static void put_fixed(struct output *output, const struct decimal *decimal, int precision)
{
    int whole = decimal->exponent >= 0 && decimal->count ? decimal->exponent : 0;
    for (int i = whole; i >= 0; --i)
        put_digit(output, decimal, (long)decimal->exponent - i);
    if (precision > 0)
        put_point(output);
    for (int i = 1; i <= precision; ++i)
        put_digit(output, decimal, (long)decimal->exponent + i);
}

static void put_scientific(struct output *output, const struct decimal *decimal, int precision, int upper)
{
    put_digit(output, decimal, 0);
    if (precision > 0)
        put_point(output);
    for (int i = 1; i <= precision; ++i)
        put_digit(output, decimal, i);
    put_exponent(output, upper ? 'E' : 'e', decimal->exponent, 2);
}

static void put_decimal(struct output *output, char conversion, int precision, int upper, uint64_t high, uint64_t low,
                        int power)
{
    struct decimal decimal;
    expand(&decimal, high, low, power);
    if (precision < 0)
        precision = 6;
    if (conversion == 'f') {
        keep(&decimal, (long)decimal.exponent + 1 + precision);
        put_fixed(output, &decimal, precision);
    } else if (conversion == 'e') {
        keep(&decimal, (long)precision + 1);
        put_scientific(output, &decimal, precision, upper);
    } else { /* g: as many digits as requested, without zeros at the end */
        int digits = precision ? precision : 1;
        keep(&decimal, digits);
        while (decimal.count > 1 && decimal.digit[decimal.count - 1] == 0)
            --decimal.count;
        if (decimal.exponent < -4 || decimal.exponent >= digits)
            put_scientific(output, &decimal, decimal.count ? decimal.count - 1 : 0, upper);
        else
            put_fixed(output, &decimal,
                      decimal.count - 1 > decimal.exponent ? decimal.count - 1 - decimal.exponent : 0);
    }
}

/* A format is % with an optional precision and one of aAeEfFgG. Any other format is undefined. */
static int write_number(char *to, size_t size, const char *format, binary128 value)
{
    struct output output = {to, size, 0};
    union bits bits = {value};
    int precision = -1;
    if (*format++ != '%')
        plain_abort();
    if (*format == '.')
        for (++format, precision = 0; *format >= '0' && *format <= '9'; ++format)
            precision = precision > (INT_MAX - 9) / 10 ? INT_MAX / 2 : precision * 10 + (*format - '0');
    int upper = *format >= 'A' && *format <= 'Z';
    char conversion = (char)(upper ? *format + 32 : *format);
    if (format[0] == 0 || format[1] != 0)
        plain_abort();
    unsigned exponent = (unsigned)(bits.half.high >> TOP_FRACTION) & 0x7fff;
    uint64_t high = bits.half.high & (((uint64_t)1 << TOP_FRACTION) - 1), low = bits.half.low;
    if (bits.half.high >> 63)
        put(&output, '-');
    if (exponent == 0x7fff)
        put_all(&output, high | low ? "nan" : "inf", upper);
    else {
        int two = exponent ? (int)exponent - BIAS : LOWEST;
        high |= exponent ? (uint64_t)1 << TOP_FRACTION : 0;
        switch (conversion) {
        case 'a':
            put_hexadecimal(&output, high, low, high | low ? two : 0, precision, upper);
            break;
        case 'e':
        case 'f':
        case 'g':
            put_decimal(&output, conversion, precision, upper, high, low, two - FRACTION);
            break;
        default:
            plain_abort();
        }
    }
    if (size)
        to[output.written < size ? output.written : size - 1] = 0;
    return (int)output.written;
}

/* strtod sets errno for the range of double, which does not apply here. */
#define WRITE write_number
#define READER(symbol, character, old, old_of_double, parameters, arguments, own)                                      \
    COMPAT_DEFINE(binary128, symbol, (const character *text, character **end parameters))                              \
    {                                                                                                                  \
        COMPAT_PREFER_RUNNING(binary128, symbol, (const character *text, character **end parameters),                  \
                              (text, end own));                                                                        \
        int before = errno;                                                                                            \
        character *last;                                                                                               \
        (void)plain_##old_of_double(text, &last arguments);                                                            \
        errno = before;                                                                                                \
        if (end)                                                                                                       \
            *end = last;                                                                                               \
        return read_number(text, last, (int)sizeof(character));                                                        \
    }

#endif

#ifdef WRITE /* 32-bit Arm has no such type, and none of the functions */

COMPAT_DEFINE(int, strfromf128, (char *to, size_t size, const char *format, binary128 value))
{
    COMPAT_PREFER_RUNNING(int, strfromf128, (char *, size_t, const char *, binary128), (to, size, format, value));
    return WRITE(to, size, format, value);
}

#define NOTHING
#define ONE_MORE(what) , what

READER(strtof128, char, strtold, strtod, NOTHING, NOTHING, NOTHING)
READER(strtof128_l, char, strtold_l, strtod_l, ONE_MORE(locale_t locale), ONE_MORE(locale), ONE_MORE(locale))
READER(wcstof128, wchar_t, wcstold, wcstod, NOTHING, NOTHING, NOTHING)
READER(wcstof128_l, wchar_t, wcstold_l, wcstod_l, ONE_MORE(locale_t locale), ONE_MORE(locale), ONE_MORE(locale))
READER(__strtof128_internal, char, strtold, strtod, ONE_MORE(int group), NOTHING, ONE_MORE(group))
READER(__wcstof128_internal, wchar_t, wcstold, wcstod, ONE_MORE(int group), NOTHING, ONE_MORE(group))

#endif
