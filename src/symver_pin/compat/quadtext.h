/* Formatted output and input with a long double of binary128, on PowerPC.

   With -mabi=ieeelongdouble the headers give each function of the printf and scanf families another name (2.32):
   printf becomes __printfieee128. The older functions know IBM's long double only. So output is formatted here, and
   written by an older function as it is. Input is read by the older functions up to a conversion of long double, which
   is read here. */

#ifndef SYMVER_PIN_QUADTEXT_H
#define SYMVER_PIN_QUADTEXT_H

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "formats.h"

COMPAT_PLAIN(void, free, (void *));

/* The text in memory of malloc, and its length. NULL with errno if there is none, or if it is too long for an int. */
extern COMPAT_HIDDEN char *symver_pin_quad_print(const char *format, va_list arguments, int *length);

/* Reads from a stream, or from a text if that is not NULL. `scan_stream` or `scan_text` is the older function of the
   same dialect, which reads all conversions but those of long double. */
struct quad_source {
    FILE *stream;
    const char *text;
    long read; /* characters so far */
    int (*scan_stream)(FILE *, const char *, ...);
    int (*scan_text)(const char *, const char *, ...);
};
extern COMPAT_HIDDEN int symver_pin_quad_scan(struct quad_source *source, const char *format, va_list arguments);

/* QUAD_VARIADIC(name, (parameters, ...), last, call) and QUAD_LIST(name, (parameters, va_list arguments), call) define
   the two forms of a function. `call` uses `arguments`; `last` is the last named parameter. */
#define QUAD_VARIADIC(symbol, parameters, last, call)                                                                  \
    COMPAT_DEFINE(int, symbol, parameters)                                                                             \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, last);                                                                                     \
        int count = call;                                                                                              \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }
#define QUAD_LIST(symbol, parameters, call)                                                                            \
    COMPAT_DEFINE(int, symbol, parameters)                                                                             \
    {                                                                                                                  \
        return call;                                                                                                   \
    }
#define P(...) (__VA_ARGS__)

#endif
