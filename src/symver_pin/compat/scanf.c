/* The scanf family as C23 wants it (2.38), over the C99 one that every supported glibc has.

   What is new in the formats stands in scanning.h; most formats have none of it and go to the older function. */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

#include "compat.h"

COMPAT_PLAIN(int, isspace, (int));
COMPAT_PLAIN(int, iswspace, (unsigned));
COMPAT_PLAIN(int, getc, (FILE *));
COMPAT_PLAIN(int, ungetc, (int, FILE *));
COMPAT_PLAIN(wint_t, getwc, (FILE *));
COMPAT_PLAIN(wint_t, ungetwc, (wint_t, FILE *));
COMPAT_PLAIN(int, __isoc99_sscanf, (const char *, const char *, ...));
COMPAT_PLAIN(int, __isoc99_vsscanf, (const char *, const char *, va_list));
COMPAT_PLAIN(int, __isoc99_fscanf, (FILE *, const char *, ...));
COMPAT_PLAIN(int, __isoc99_vfscanf, (FILE *, const char *, va_list));
COMPAT_PLAIN(int, __isoc99_swscanf, (const wchar_t *, const wchar_t *, ...));
COMPAT_PLAIN(int, __isoc99_vswscanf, (const wchar_t *, const wchar_t *, va_list));
COMPAT_PLAIN(int, __isoc99_fwscanf, (FILE *, const wchar_t *, ...));
COMPAT_PLAIN(int, __isoc99_vfwscanf, (FILE *, const wchar_t *, va_list));

#define END (-1L)
enum outcome { MATCHED, NO_MATCH, NO_INPUT };

static void store(void *to, int bytes, uint64_t value)
{
    if (bytes == 1)
        *(uint8_t *)to = (uint8_t)value;
    else if (bytes == 2)
        *(uint16_t *)to = (uint16_t)value;
    else if (bytes == 4)
        *(uint32_t *)to = (uint32_t)value;
    else
        *(uint64_t *)to = value;
}

static long wide_or_end(wint_t character)
{
    return character == WEOF ? END : (long)character;
}

#define CHARACTER char
#define SOURCE const char *
#define NAME(name) name##_of_text
#define OLD_SCANF plain___isoc99_sscanf
#define OLD_VSCANF plain___isoc99_vsscanf
#define PEEK_SPACE(c) plain_isspace((int)(c))
#define AS_CHARACTER(c) ((long)(unsigned char)(c))
#define TAKE(source) (*(source) ? (long)(unsigned char)*(source)++ : END)
#define GIVE_BACK(source, c) ((void)(c), --(source))
#define ADVANCE(source, count) ((source) += (count))
#include "scanning.h"

#define CHARACTER char
#define SOURCE FILE *
#define NAME(name) name##_of_stream
#define OLD_SCANF plain___isoc99_fscanf
#define OLD_VSCANF plain___isoc99_vfscanf
#define PEEK_SPACE(c) plain_isspace((int)(c))
#define AS_CHARACTER(c) ((long)(unsigned char)(c))
#define TAKE(source) ((long)plain_getc(source))
#define GIVE_BACK(source, c) plain_ungetc((int)(c), source)
#define ADVANCE(source, count) ((void)(source), (void)(count))
#include "scanning.h"

#define CHARACTER wchar_t
#define SOURCE const wchar_t *
#define NAME(name) name##_of_wide_text
#define OLD_SCANF plain___isoc99_swscanf
#define OLD_VSCANF plain___isoc99_vswscanf
#define PEEK_SPACE(c) plain_iswspace((unsigned)(c))
#define AS_CHARACTER(c) ((long)(c))
#define TAKE(source) (*(source) ? (long)*(source)++ : END)
#define GIVE_BACK(source, c) ((void)(c), --(source))
#define ADVANCE(source, count) ((source) += (count))
#include "scanning.h"

#define CHARACTER wchar_t
#define SOURCE FILE *
#define NAME(name) name##_of_wide_stream
#define OLD_SCANF plain___isoc99_fwscanf
#define OLD_VSCANF plain___isoc99_vfwscanf
#define PEEK_SPACE(c) plain_iswspace((unsigned)(c))
#define AS_CHARACTER(c) ((long)(c))
#define TAKE(source) wide_or_end(plain_getwc(source))
#define GIVE_BACK(source, c) plain_ungetwc((wint_t)(c), source)
#define ADVANCE(source, count) ((void)(source), (void)(count))
#include "scanning.h"

#define MEMBERS(suffix, character, source_type, scan)                                                                  \
    COMPAT_DEFINE(int, __isoc23_v##suffix, (source_type source, const character *format, va_list arguments))           \
    {                                                                                                                  \
        return scan(source, format, arguments);                                                                        \
    }                                                                                                                  \
    COMPAT_DEFINE(int, __isoc23_##suffix, (source_type source, const character *format, ...))                          \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = scan(source, format, arguments);                                                                   \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }

/* The same without a source: standard input. */
#define MEMBERS_STDIN(suffix, character, scan)                                                                         \
    COMPAT_DEFINE(int, __isoc23_v##suffix, (const character *format, va_list arguments))                               \
    {                                                                                                                  \
        return scan(stdin, format, arguments);                                                                         \
    }                                                                                                                  \
    COMPAT_DEFINE(int, __isoc23_##suffix, (const character *format, ...))                                              \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = scan(stdin, format, arguments);                                                                    \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }

MEMBERS(sscanf, char, const char *, scan_of_text)
MEMBERS(fscanf, char, FILE *, scan_of_stream)
MEMBERS_STDIN(scanf, char, scan_of_stream)
MEMBERS(swscanf, wchar_t, const wchar_t *, scan_of_wide_text)
MEMBERS(fwscanf, wchar_t, FILE *, scan_of_wide_stream)
MEMBERS_STDIN(wscanf, wchar_t, scan_of_wide_stream)
