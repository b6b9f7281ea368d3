/* Conversions between numbers and text with the names of TS 18661: strfromd and its variants (2.25), and for the types
   _FloatN (2.27) these and strtod's. _Float32 is float, _Float64 and _Float32x are double, _Float64x is long double.
   This file uses the latter names, which every compiler knows.

   A format is % with an optional precision and one of aAeEfFgG. Any other format is undefined. */

#include <float.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>

#include "compat.h"

COMPAT_PLAIN(int, snprintf, (char *, size_t, const char *, ...));
COMPAT_PLAIN(void, abort, (void)) __attribute__((noreturn));

/* The conversion with the precision as an argument (negative for none), and with an L for long double. */
static inline int read_format(const char *format, int wide, char conversion[6])
{
    int precision = -1;
    if (*format++ != '%')
        plain_abort();
    if (*format == '.')
        for (++format, precision = 0; *format >= '0' && *format <= '9'; ++format)
            precision = precision > (INT_MAX - 9) / 10 ? INT_MAX : precision * 10 + (*format - '0');
    *conversion++ = '%';
    *conversion++ = '.';
    *conversion++ = '*';
    if (wide)
        *conversion++ = 'L';
    switch (*format) {
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        break;
    default:
        plain_abort();
    }
    *conversion++ = *format;
    *conversion = 0;
    if (format[1] != 0)
        plain_abort();
    return precision;
}

#define WRITER(symbol, type, promoted)                                                                                 \
    COMPAT_DEFINE(int, symbol, (char *text, size_t size, const char *format, type value))                              \
    {                                                                                                                  \
        char conversion[6];                                                                                            \
        int precision = read_format(format, sizeof(promoted) > sizeof(double), conversion);                            \
        return plain_snprintf(text, size, conversion, precision, (promoted)value);                                     \
    }

WRITER(strfromd, double, double)
WRITER(strfromf, float, double)
WRITER(strfroml, long double, long double)
WRITER(strfromf32, float, double)
WRITER(strfromf64, double, double)
WRITER(strfromf32x, double, double)

#define READER(symbol, plain, type, character)                                                                         \
    COMPAT_PLAIN(type, plain, (const character *, character **));                                                      \
    COMPAT_PLAIN(type, plain##_l, (const character *, character **, locale_t));                                        \
    COMPAT_DEFINE(type, symbol, (const character *text, character **end))                                              \
    {                                                                                                                  \
        return plain_##plain(text, end);                                                                               \
    }                                                                                                                  \
    COMPAT_DEFINE(type, symbol##_l, (const character *text, character **end, locale_t locale))                         \
    {                                                                                                                  \
        return plain_##plain##_l(text, end, locale);                                                                   \
    }

READER(strtof32, strtof, float, char)
READER(strtof64, strtod, double, char)
READER(strtof32x, strtod, double, char)
READER(wcstof32, wcstof, float, wchar_t)
READER(wcstof64, wcstod, double, wchar_t)
READER(wcstof32x, wcstod, double, wchar_t)

/* PowerPC: other names of the functions of _Float128. 32-bit Arm has none of them. */
#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 113
WRITER(strfromf64x, long double, long double)
READER(strtof64x, strtold, long double, char)
READER(wcstof64x, wcstold, long double, wchar_t)
#endif
