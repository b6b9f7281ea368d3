/* strlcpy and its variants (2.38, from POSIX 2024) and explicit_bzero (2.25), with their fortified entry points. */

#include <stddef.h>

#include "compat.h"

COMPAT_PLAIN(size_t, strlen, (const char *));
COMPAT_PLAIN(size_t, strnlen, (const char *, size_t));
COMPAT_PLAIN(size_t, wcslen, (const wchar_t *));
COMPAT_PLAIN(size_t, wcsnlen, (const wchar_t *, size_t));
COMPAT_PLAIN(void *, memcpy, (void *, const void *, size_t));
COMPAT_PLAIN(void *, memset, (void *, int, size_t));
COMPAT_PLAIN(void, __chk_fail, (void)) __attribute__((noreturn));

/* Copy as much of `source` as fits, with a terminator, into `size` characters. Returns the length of `source`. */
#define COPY(name, character, length)                                                                                  \
    static inline size_t name(character *target, const character *source, size_t size)                                 \
    {                                                                                                                  \
        size_t needed = length(source);                                                                                \
        if (size != 0) {                                                                                               \
            size_t copied = needed < size ? needed : size - 1;                                                         \
            plain_memcpy(target, source, copied * sizeof(character));                                                  \
            target[copied] = 0;                                                                                        \
        }                                                                                                              \
        return needed;                                                                                                 \
    }

/* Append `source` to the string in `target`. If that has no terminator within `size`, it is not changed. */
#define APPEND(name, character, bounded_length, copy)                                                                  \
    static inline size_t name(character *target, const character *source, size_t size)                                 \
    {                                                                                                                  \
        size_t used = bounded_length(target, size);                                                                    \
        return used + copy(target + used, source, size - used);                                                        \
    }

COPY(copy_bytes, char, plain_strlen)
COPY(copy_wide, wchar_t, plain_wcslen)
APPEND(append_bytes, char, plain_strnlen, copy_bytes)
APPEND(append_wide, wchar_t, plain_wcsnlen, copy_wide)

#define MEMBER(symbol, character, body)                                                                                \
    COMPAT_DEFINE(size_t, symbol, (character * target, const character *source, size_t size))                          \
    {                                                                                                                  \
        return body(target, source, size);                                                                             \
    }

/* `room` is the size of the object at `target` in characters, as the compiler knows it. */
#define CHECKED(symbol, character, body)                                                                               \
    COMPAT_DEFINE(size_t, symbol, (character * target, const character *source, size_t size, size_t room))             \
    {                                                                                                                  \
        if (size > room)                                                                                               \
            plain___chk_fail();                                                                                        \
        return body(target, source, size);                                                                             \
    }

MEMBER(strlcpy, char, copy_bytes)
MEMBER(strlcat, char, append_bytes)
MEMBER(wcslcpy, wchar_t, copy_wide)
MEMBER(wcslcat, wchar_t, append_wide)
CHECKED(__strlcpy_chk, char, copy_bytes)
CHECKED(__strlcat_chk, char, append_bytes)
CHECKED(__wcslcpy_chk, wchar_t, copy_wide)
CHECKED(__wcslcat_chk, wchar_t, append_wide)

static inline void erase(void *bytes, size_t size)
{
    plain_memset(bytes, 0, size);
    __asm__ volatile("" : : "r"(bytes) : "memory"); /* the bytes count as read, so the store stays */
}

COMPAT_DEFINE(void, explicit_bzero, (void *bytes, size_t size))
{
    erase(bytes, size);
}

COMPAT_DEFINE(void, __explicit_bzero_chk, (void *bytes, size_t size, size_t room))
{
    if (size > room)
        plain___chk_fail();
    erase(bytes, size);
}
