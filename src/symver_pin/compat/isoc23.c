/* strtol and its family as C23 specifies them (2.38): with base 0 or 2 a number may begin with 0b or 0B.

   Headers of 2.38 and later rename strtol to __isoc23_strtol for every program in GNU mode. If the running libc has that
   function, it is called. Otherwise a text without the prefix is passed to the target's function unchanged. If a binary digit follows the prefix, the digits are converted here.
   "0b" alone is the number 0 followed by a "b", which the older function handles correctly. */

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdint.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(int, isspace, (int));
COMPAT_PLAIN(int, isspace_l, (int, locale_t));
COMPAT_PLAIN(int, iswspace, (unsigned));
COMPAT_PLAIN(int, iswspace_l, (unsigned, locale_t));

/* The address of the first digit after a binary prefix, or NULL if there is no such number. */
#define FIND_DIGITS(name, character, parameters, is_space)                                                             \
    __attribute__((noinline)) static const character *name parameters                                                  \
    {                                                                                                                  \
        if (base != 0 && base != 2)                                                                                    \
            return 0;                                                                                                  \
        while (is_space)                                                                                               \
            ++text;                                                                                                    \
        *negative = *text == '-';                                                                                      \
        if (*text == '-' || *text == '+')                                                                              \
            ++text;                                                                                                    \
        if (text[0] != '0' || (text[1] != 'b' && text[1] != 'B') || (text[2] != '0' && text[2] != '1'))                \
            return 0;                                                                                                  \
        return text + 2;                                                                                               \
    }

FIND_DIGITS(digits_of, char, (const char *text, int base, int *negative), plain_isspace((unsigned char)*text))
FIND_DIGITS(digits_of_l, char, (const char *text, int base, int *negative, locale_t locale),
            plain_isspace_l((unsigned char)*text, locale))
FIND_DIGITS(wide_digits_of, wchar_t, (const wchar_t *text, int base, int *negative), plain_iswspace((unsigned)*text))
FIND_DIGITS(wide_digits_of_l, wchar_t, (const wchar_t *text, int base, int *negative, locale_t locale),
            plain_iswspace_l((unsigned)*text, locale))

/* All digits are read even after an overflow. The result is then the limit, with ERANGE. */
#define READ_DIGITS(name, character)                                                                                   \
    __attribute__((noinline)) static uint64_t name(const character *digit, const character **end, uint64_t limit,      \
                                                   int *overflow)                                                      \
    {                                                                                                                  \
        uint64_t value = 0;                                                                                            \
        *overflow = 0;                                                                                                 \
        for (; *digit == '0' || *digit == '1'; ++digit) {                                                              \
            unsigned bit = *digit == '1';                                                                              \
            if (value > (limit - bit) / 2)                                                                             \
                *overflow = 1;                                                                                         \
            else                                                                                                       \
                value = value * 2 + bit;                                                                               \
        }                                                                                                              \
        *end = digit;                                                                                                  \
        if (*overflow) {                                                                                               \
            errno = ERANGE;                                                                                            \
            value = limit;                                                                                             \
        }                                                                                                              \
        return value;                                                                                                  \
    }

READ_DIGITS(read_digits, char)
READ_DIGITS(read_wide_digits, wchar_t)

/* A negative number may have a magnitude greater by one than a positive one. An unsigned number is negated modulo its
   type. */
#define SIGNED_LIMIT(type, negative) ((uint64_t)type##_MAX + ((negative) ? 1 : 0))
#define SIGNED_RESULT(type, value, negative, overflow) ((negative) ? 0 - (value) : (value))
#define UNSIGNED_LIMIT(type, negative) ((void)(negative), (uint64_t)U##type##_MAX)
#define UNSIGNED_RESULT(type, value, negative, overflow) ((negative) && !(overflow) ? 0 - (value) : (value))

#define BODY(plain_call, find_call, read, character, c_type, sign, limits)                                             \
    {                                                                                                                  \
        int negative, overflow;                                                                                        \
        const character *end, *digits = find_call;                                                                     \
        if (!digits)                                                                                                   \
            return plain_call;                                                                                         \
        uint64_t value = read(digits, &end, sign##_LIMIT(limits, negative), &overflow);                                \
        if (end_of_number)                                                                                             \
            *end_of_number = (character *)end;                                                                         \
        return (c_type)sign##_RESULT(limits, value, negative, overflow);                                               \
    }

/* A member: the running libc's function, else `plain_call` for a text without the prefix. */
#define MEMBER(function, c_type, parameters, arguments, plain_call, find_call, read, character, sign, limits)          \
    COMPAT_PLAIN(c_type, function, parameters);                                                                        \
    COMPAT_DEFINE(c_type, __isoc23_##function, parameters)                                                             \
    {                                                                                                                  \
        COMPAT_PREFER_RUNNING(c_type, __isoc23_##function, parameters, arguments);                                     \
        BODY(plain_call, find_call, read, character, c_type, sign, limits)                                             \
    }

#define PARAMETERS(character) (const character *text, character **end_of_number, int base)
#define PARAMETERS_L(character) (const character *text, character **end_of_number, int base, locale_t locale)
#define ARGUMENTS (text, end_of_number, base)
#define ARGUMENTS_L (text, end_of_number, base, locale)

#define NARROW(function, c_type, sign, limits)                                                                         \
    MEMBER(function, c_type, PARAMETERS(char), ARGUMENTS, plain_##function ARGUMENTS,                                  \
           digits_of(text, base, &negative), read_digits, char, sign, limits)

#define NARROW_L(function, c_type, sign, limits)                                                                       \
    MEMBER(function, c_type, PARAMETERS_L(char), ARGUMENTS_L, plain_##function ARGUMENTS_L,                            \
           digits_of_l(text, base, &negative, locale), read_digits, char, sign, limits)

#define WIDE(function, c_type, sign, limits)                                                                           \
    MEMBER(function, c_type, PARAMETERS(wchar_t), ARGUMENTS, plain_##function ARGUMENTS,                               \
           wide_digits_of(text, base, &negative), read_wide_digits, wchar_t, sign, limits)

#define WIDE_L(function, c_type, sign, limits)                                                                         \
    MEMBER(function, c_type, PARAMETERS_L(wchar_t), ARGUMENTS_L, plain_##function ARGUMENTS_L,                         \
           wide_digits_of_l(text, base, &negative, locale), read_wide_digits, wchar_t, sign, limits)

NARROW(strtol, long, SIGNED, LONG)
NARROW(strtoul, unsigned long, UNSIGNED, LONG)
NARROW(strtoll, long long, SIGNED, LLONG)
NARROW(strtoull, unsigned long long, UNSIGNED, LLONG)
NARROW(strtoimax, intmax_t, SIGNED, LLONG)
NARROW(strtoumax, uintmax_t, UNSIGNED, LLONG)
NARROW_L(strtol_l, long, SIGNED, LONG)
NARROW_L(strtoul_l, unsigned long, UNSIGNED, LONG)
NARROW_L(strtoll_l, long long, SIGNED, LLONG)
NARROW_L(strtoull_l, unsigned long long, UNSIGNED, LLONG)
WIDE(wcstol, long, SIGNED, LONG)
WIDE(wcstoul, unsigned long, UNSIGNED, LONG)
WIDE(wcstoll, long long, SIGNED, LLONG)
WIDE(wcstoull, unsigned long long, UNSIGNED, LLONG)
WIDE(wcstoimax, intmax_t, SIGNED, LLONG)
WIDE(wcstoumax, uintmax_t, UNSIGNED, LLONG)
WIDE_L(wcstol_l, long, SIGNED, LONG)
WIDE_L(wcstoul_l, unsigned long, UNSIGNED, LONG)
WIDE_L(wcstoll_l, long long, SIGNED, LLONG)
WIDE_L(wcstoull_l, unsigned long long, UNSIGNED, LLONG)
