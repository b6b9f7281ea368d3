/* Conversion of the characters of <uchar.h> to and from the locale's multibyte encoding: UTF-8 (2.36), UTF-16 and
   UTF-32 (2.16). mbrtoc8 and c8rtomb of the running libc are called if it has them. Its functions for UTF-16 and UTF-32
   are not: for years they did not join surrogates, and took an empty input for a null character.

   wchar_t is UTF-32 in glibc, so libc's mbrtowc and wcrtomb do the conversion and keep their state in the mbstate_t. If
   a character has several units of UTF-8 or UTF-16, the units that are still to be returned, or have already been read,
   are stored in the mbstate_t too. It has room for them, because it contains no incomplete byte sequence then. A bit in
   its counter that libc does not use marks this. With that bit, mbsinit correctly reports that the state is not an
   initial one. */

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(size_t, mbrtowc, (wchar_t *, const char *, size_t, mbstate_t *));
COMPAT_PLAIN(size_t, wcrtomb, (char *, wchar_t, mbstate_t *));

#define KEPT INT_MIN /* the bit in the counter */
#define FROM_STATE ((size_t)-3)
#define ILLEGAL ((size_t)-1)
#define INCOMPLETE ((size_t)-2)

__attribute__((unused)) static size_t illegal(void)
{
    errno = EILSEQ;
    return ILLEGAL;
}

static void keep_half(mbstate_t *state, unsigned what)
{
    state->__count |= KEPT;
    state->__value.__wch = what;
}

static unsigned take(mbstate_t *state)
{
    unsigned what = state->__value.__wch;
    state->__count &= ~KEPT;
    state->__value.__wch = 0;
    return what;
}

/* Up to 2.17 at least, libc's function returns the null character for an empty input. */
static size_t convert(wchar_t *to, const char *from, size_t size, mbstate_t *state)
{
    return size ? plain_mbrtowc(to, from, size, state) : INCOMPLETE;
}

COMPAT_DEFINE(size_t, mbrtoc32, (uint32_t * to, const char *from, size_t size, mbstate_t *state))
{
    return from ? convert((wchar_t *)to, from, size, state) : plain_mbrtowc(0, "", 1, state);
}

COMPAT_DEFINE(size_t, c32rtomb, (char *to, uint32_t character, mbstate_t *state))
{
    return plain_wcrtomb(to, (wchar_t)character, state);
}

/* UTF-16: the second unit of a pair is stored. */

COMPAT_DEFINE(size_t, mbrtoc16, (uint16_t * to, const char *from, size_t size, mbstate_t *state))
{
    static mbstate_t own;
    wchar_t wide;
    if (!state)
        state = &own;
    if (!from) {
        to = 0;
        from = "";
        size = 1;
    }
    if (state->__count & KEPT) {
        uint16_t second = (uint16_t)take(state);
        if (to)
            *to = second;
        return FROM_STATE;
    }
    size_t used = convert(&wide, from, size, state);
    if (used == ILLEGAL || used == INCOMPLETE)
        return used;
    if (wide > 0xffff) {
        keep_half(state, 0xdc00u + ((unsigned)wide & 0x3ff));
        wide = (wchar_t)(0xd7c0u + ((unsigned)wide >> 10));
    }
    if (to)
        *to = (uint16_t)wide;
    return used;
}

COMPAT_DEFINE(size_t, c16rtomb, (char *to, uint16_t unit, mbstate_t *state))
{
    static mbstate_t own;
    char unused[MB_LEN_MAX];
    if (!state)
        state = &own;
    if (!to) {
        to = unused;
        unit = 0;
    }
    wchar_t wide = unit;
    int second = unit >= 0xdc00 && unit <= 0xdfff;
    if (state->__count & KEPT) {
        unsigned first = take(state);
        if (!second)
            return illegal();
        wide = (wchar_t)(((first - 0xd7c0u) << 10) + (unit - 0xdc00u));
    } else if (second)
        return illegal();
    else if (unit >= 0xd800 && unit <= 0xdbff) {
        keep_half(state, unit);
        return 0;
    }
    return plain_wcrtomb(to, wide, state);
}

/* UTF-8 output: up to three bytes are stored, the next one in the lowest byte, their number in the highest. */

COMPAT_DEFINE(size_t, mbrtoc8, (unsigned char *to, const char *from, size_t size, mbstate_t *state))
{
    COMPAT_PREFER_RUNNING(size_t, mbrtoc8, (unsigned char *, const char *, size_t, mbstate_t *),
                          (to, from, size, state));
    static mbstate_t own;
    wchar_t wide;
    if (!state)
        state = &own;
    if (!from) {
        to = 0;
        from = "";
        size = 1;
    }
    if (state->__count & KEPT) {
        unsigned kept = take(state), left = (kept >> 24) - 1;
        if (to)
            *to = (unsigned char)kept;
        if (left)
            keep_half(state, left << 24 | (kept & 0xffff00) >> 8);
        return FROM_STATE;
    }
    size_t used = convert(&wide, from, size, state);
    if (used == ILLEGAL || used == INCOMPLETE)
        return used;
    unsigned code = (unsigned)wide, first = code;
    if (code >= 0x80) {
        unsigned last = 0x80 | (code & 0x3f), middle = 0x80 | (code >> 6 & 0x3f);
        if (code < 0x800) {
            first = 0xc0 | code >> 6;
            keep_half(state, 1u << 24 | last);
        } else if (code < 0x10000) {
            first = 0xe0 | code >> 12;
            keep_half(state, 2u << 24 | last << 8 | middle);
        } else {
            first = 0xf0 | code >> 18;
            keep_half(state, 3u << 24 | last << 16 | middle << 8 | (0x80 | (code >> 12 & 0x3f)));
        }
    }
    if (to)
        *to = (unsigned char)first;
    return used;
}

/* UTF-8 input: the bits so far are stored. The higher bits hold the number of missing bytes, and whether the next byte
   is the second one, which alone shows an overlong form, a surrogate, or a number that is too large. */

#define SECOND (1u << 27)
#define TO_COME 28

static int fits(unsigned kept, unsigned byte)
{
    unsigned bits = kept & 0xffff, to_come = kept >> TO_COME, low = 0x80, high = 0xbf;
    if ((kept & SECOND) && to_come == 2) {
        low = bits == 0 ? 0xa0 : low;
        high = bits == 0xd ? 0x9f : high;
    }
    if ((kept & SECOND) && to_come == 3) {
        low = bits == 0 ? 0x90 : low;
        high = bits == 4 ? 0x8f : high;
    }
    return byte >= low && byte <= high;
}

COMPAT_DEFINE(size_t, c8rtomb, (char *to, unsigned char byte, mbstate_t *state))
{
    COMPAT_PREFER_RUNNING(size_t, c8rtomb, (char *, unsigned char, mbstate_t *), (to, byte, state));
    static mbstate_t own;
    char unused[MB_LEN_MAX];
    if (!state)
        state = &own;
    if (!to) {
        to = unused;
        byte = 0;
    }
    if (state->__count & KEPT) {
        unsigned kept = take(state), to_come = (kept >> TO_COME) - 1;
        if (!fits(kept, byte))
            return illegal();
        unsigned bits = (kept & 0xffff) << 6 | (byte & 0x3f);
        if (!to_come)
            return plain_wcrtomb(to, (wchar_t)bits, state);
        keep_half(state, to_come << TO_COME | bits);
        return 0;
    }
    if (byte < 0x80)
        return plain_wcrtomb(to, byte, state);
    if (byte < 0xc2 || byte > 0xf4)
        return illegal();
    if (byte < 0xe0)
        keep_half(state, 1u << TO_COME | SECOND | (byte & 0x1f));
    else if (byte < 0xf0)
        keep_half(state, 2u << TO_COME | SECOND | (byte & 0xf));
    else
        keep_half(state, 3u << TO_COME | SECOND | (byte & 7));
    return 0;
}
