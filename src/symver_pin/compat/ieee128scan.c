/* The scanf family for a long double of binary128 (quadtext.h), in its three dialects: GNU's, where %as allocates;
   C99's; and C23's, which reads binary integers. Each reads all but long double with the older function of its
   dialect. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

extern FILE *plain_stdin __asm__("stdin");

#define DIALECT(old)                                                                                                   \
    COMPAT_PLAIN(int, old##fscanf, (FILE *, const char *, ...));                                                       \
    COMPAT_PLAIN(int, old##sscanf, (const char *, const char *, ...));                                                 \
    static int old##from_stream(FILE *stream, const char *format, va_list arguments)                                   \
    {                                                                                                                  \
        struct quad_source source = {stream, 0, 0, plain_##old##fscanf, plain_##old##sscanf};                          \
        return symver_pin_quad_scan(&source, format, arguments);                                                       \
    }                                                                                                                  \
    static int old##from_text(const char *text, const char *format, va_list arguments)                                 \
    {                                                                                                                  \
        struct quad_source source = {0, text, 0, plain_##old##fscanf, plain_##old##sscanf};                            \
        return symver_pin_quad_scan(&source, format, arguments);                                                       \
    }

#define FAMILY(prefix, old)                                                                                            \
    DIALECT(old)                                                                                                       \
    QUAD_VARIADIC(prefix##scanfieee128, P(const char *format, ...), format,                                            \
                  old##from_stream(plain_stdin, format, arguments))                                                    \
    QUAD_LIST(prefix##vscanfieee128, P(const char *format, va_list arguments),                                         \
              old##from_stream(plain_stdin, format, arguments))                                                        \
    QUAD_VARIADIC(prefix##fscanfieee128, P(FILE *stream, const char *format, ...), format,                             \
                  old##from_stream(stream, format, arguments))                                                         \
    QUAD_LIST(prefix##vfscanfieee128, P(FILE *stream, const char *format, va_list arguments),                          \
              old##from_stream(stream, format, arguments))                                                             \
    QUAD_VARIADIC(prefix##sscanfieee128, P(const char *text, const char *format, ...), format,                         \
                  old##from_text(text, format, arguments))                                                             \
    QUAD_LIST(prefix##vsscanfieee128, P(const char *text, const char *format, va_list arguments),                      \
              old##from_text(text, format, arguments))

FAMILY(__, )
FAMILY(__isoc99_, __isoc99_)
FAMILY(__isoc23_, __isoc23_)

#endif
