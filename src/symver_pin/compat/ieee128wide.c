/* The printf and scanf families of wide characters for a long double of binary128 (quadtext.h). A format without a
   conversion of long double goes to the older function. With one, the call fails with ENOTSUP. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

#include <stdint.h>
#include <wchar.h>



static int has_long_double(const wchar_t *format)
{
    while (*format) {
        if (*format++ != L'%')
            continue;
        int quad = 0;
        while ((*format >= L'0' && *format <= L'9') || *format == L'$' || *format == L'*' || *format == L'.'
               || *format == L'-' || *format == L'+' || *format == L' ' || *format == L'#' || *format == L'\''
               || *format == L'I' || *format == L'L')
            quad |= *format++ == L'L';
        wchar_t low = *format | 32;
        if (quad && (low == L'a' || low == L'e' || low == L'f' || low == L'g'))
            return 1;
        format += *format != 0;
    }
    return 0;
}

static int refuse_long_double(const wchar_t *format)
{
    if (!has_long_double(format))
        return 0;
    errno = ENOTSUP;
    return 1;
}

/* PAIR: the function with "..." and the one with a va_list, which both call the older one with a va_list. */
#define PAIR(symbol, list_symbol, old, types, parameters, values)                                                      \
    COMPAT_PLAIN(int, old, types);                                                                                     \
    QUAD_VARIADIC(symbol, (parameters const wchar_t *format, ...), format,                                             \
                  refuse_long_double(format) ? -1 : plain_##old(values format, arguments))                             \
    QUAD_LIST(list_symbol, (parameters const wchar_t *format, va_list arguments),                                      \
              refuse_long_double(format) ? -1 : plain_##old(values format, arguments))
#define WITH(...) __VA_ARGS__,

PAIR(__wprintfieee128, __vwprintfieee128, vwprintf, P(const wchar_t *, va_list), , )
PAIR(__fwprintfieee128, __vfwprintfieee128, vfwprintf, P(FILE *, const wchar_t *, va_list), WITH(FILE *stream),
     WITH(stream))
PAIR(__swprintfieee128, __vswprintfieee128, vswprintf, P(wchar_t *, size_t, const wchar_t *, va_list),
     WITH(wchar_t *to, size_t room), WITH(to, room))
PAIR(__wprintf_chkieee128, __vwprintf_chkieee128, __vwprintf_chk, P(int, const wchar_t *, va_list), WITH(int flag),
     WITH(flag))
PAIR(__fwprintf_chkieee128, __vfwprintf_chkieee128, __vfwprintf_chk, P(FILE *, int, const wchar_t *, va_list),
     WITH(FILE *stream, int flag), WITH(stream, flag))
PAIR(__swprintf_chkieee128, __vswprintf_chkieee128, __vswprintf_chk,
     P(wchar_t *, size_t, int, size_t, const wchar_t *, va_list),
     WITH(wchar_t *to, size_t room, int flag, size_t known), WITH(to, room, flag, known))

#define SCANS(prefix, old)                                                                                             \
    PAIR(prefix##wscanfieee128, prefix##vwscanfieee128, old##vwscanf, P(const wchar_t *, va_list), , )                 \
    PAIR(prefix##fwscanfieee128, prefix##vfwscanfieee128, old##vfwscanf, P(FILE *, const wchar_t *, va_list),          \
         WITH(FILE *stream), WITH(stream))                                                                             \
    PAIR(prefix##swscanfieee128, prefix##vswscanfieee128, old##vswscanf, P(const wchar_t *, const wchar_t *, va_list), \
         WITH(const wchar_t *text), WITH(text))

SCANS(__, )
SCANS(__isoc99_, __isoc99_)
SCANS(__isoc23_, __isoc23_)

#endif
