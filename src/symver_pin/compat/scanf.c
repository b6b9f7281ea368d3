/* The scanf family as C23 specifies it (2.38), implemented with the C99 family that every supported glibc has.

   If the running libc has the functions of the new names, they are called. Otherwise scanning.h describes what is new in
   formats. Most formats contain nothing new and are passed to the older function. */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

#include "compat.h"
#include "running.h"

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
#define NAME(name) name##_narrow
#define GET(stream) ((long)plain_getc(stream))
#define UNGET(c, stream) plain_ungetc((int)(c), stream)
#define IS_SPACE(c) plain_isspace((int)(c))
#define WHOLE(c) ((long)(unsigned char)(c))
#define OLD(name) plain___isoc99_##name
#define OF_STREAM "__isoc23_vfscanf"
#define OF_TEXT "__isoc23_vsscanf"
#include "scanning.h"

#define plain___isoc99_wide_sscanf plain___isoc99_swscanf
#define plain___isoc99_wide_vsscanf plain___isoc99_vswscanf
#define plain___isoc99_wide_fscanf plain___isoc99_fwscanf
#define plain___isoc99_wide_vfscanf plain___isoc99_vfwscanf

#define CHARACTER wchar_t
#define NAME(name) name##_wide
#define GET(stream) wide_or_end(plain_getwc(stream))
#define UNGET(c, stream) plain_ungetwc((wint_t)(c), stream)
#define IS_SPACE(c) plain_iswspace((unsigned)(c))
#define WHOLE(c) ((long)(c))
#define OLD(name) plain___isoc99_wide_##name
#define OF_STREAM "__isoc23_vfwscanf"
#define OF_TEXT "__isoc23_vswscanf"
#include "scanning.h"

/* `parameters` declares the source of the text; `stream` and `text` are the arguments of `scan` for it. */
#define MEMBERS(suffix, scan, character, parameters, stream, text)                                                     \
    COMPAT_DEFINE(int, __isoc23_v##suffix, (parameters const character *format, va_list arguments))                    \
    {                                                                                                                  \
        return scan(stream, text, format, arguments);                                                                  \
    }                                                                                                                  \
    COMPAT_DEFINE(int, __isoc23_##suffix, (parameters const character *format, ...))                                   \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        int count = scan(stream, text, format, arguments);                                                             \
        va_end(arguments);                                                                                             \
        return count;                                                                                                  \
    }
#define FROM(source) source,
#define NOTHING

MEMBERS(sscanf, scan_narrow, char, FROM(const char *source), 0, source)
MEMBERS(fscanf, scan_narrow, char, FROM(FILE *source), source, 0)
MEMBERS(scanf, scan_narrow, char, NOTHING, stdin, 0)
MEMBERS(swscanf, scan_wide, wchar_t, FROM(const wchar_t *source), 0, source)
MEMBERS(fwscanf, scan_wide, wchar_t, FROM(FILE *source), source, 0)
MEMBERS(wscanf, scan_wide, wchar_t, NOTHING, stdin, 0)
