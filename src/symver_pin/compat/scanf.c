/* The scanf family as C23 wants it (2.38), over the C99 one that every supported glibc has.

   They differ in one thing: %i accepts a binary prefix in C23.  That is not added here: %i reads "0b101" as 0. */

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "compat.h"

#define FORWARD(suffix, character, source_type)                                                                        \
    COMPAT_PLAIN(int, __isoc99_v##suffix, (source_type, const character *, va_list));                                  \
    COMPAT_DEFINE(int, __isoc23_v##suffix, (source_type source, const character *format, va_list arguments))           \
    {                                                                                                                  \
        return plain___isoc99_v##suffix(source, format, arguments);                                                    \
    }                                                                                                                  \
    COMPAT_DEFINE(int, __isoc23_##suffix, (source_type source, const character *format, ...))                          \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = plain___isoc99_v##suffix(source, format, arguments);                                               \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }

/* The same without a source: standard input. */
#define FORWARD_STDIN(suffix, character)                                                                               \
    COMPAT_PLAIN(int, __isoc99_v##suffix, (const character *, va_list));                                               \
    COMPAT_DEFINE(int, __isoc23_v##suffix, (const character *format, va_list arguments))                               \
    {                                                                                                                  \
        return plain___isoc99_v##suffix(format, arguments);                                                            \
    }                                                                                                                  \
    COMPAT_DEFINE(int, __isoc23_##suffix, (const character *format, ...))                                              \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = plain___isoc99_v##suffix(format, arguments);                                                       \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }

FORWARD(sscanf, char, const char *)
FORWARD(fscanf, char, FILE *)
FORWARD_STDIN(scanf, char)
FORWARD(swscanf, wchar_t, const wchar_t *)
FORWARD(fwscanf, wchar_t, FILE *)
FORWARD_STDIN(wscanf, wchar_t)
