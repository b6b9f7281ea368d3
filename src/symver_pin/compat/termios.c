/* Terminal speeds. Headers of 2.42 and later define B9600 as 9600, older ones as the code 13.

   The functions of 2.42 use plain rates, the older ones of the same names use codes. The headers of the build host,
   with which this file is compiled, decide which of the two a program uses. An object compiled elsewhere (a Rust crate
   has its own constants) may still use codes, so the setters accept both. This is unambiguous: no rate in use is as
   small as a code, and none is among the codes of the fast speeds. */

#include <errno.h>
#include <termios.h>

#include "compat.h"

/* The shared library exports these functions under the version of 2.42 only. */
#if B9600 == 9600 || defined SYMVER_PIN_SHARED
#define PLAIN_RATES 1
#else
#define PLAIN_RATES 0
#endif

#ifdef SYMVER_PIN_OLD_cfsetspeed

#ifdef __powerpc__
#define FAST 16u /* the code of 57600 baud */
#else
#define FAST 0x1001u
#endif
#define SLOW_SPEEDS 16u

static const unsigned rates[] = {0,      50,     75,      110,     134,     150,     200,     300,
                                 600,    1200,   1800,    2400,    4800,    9600,    19200,   38400,
                                 57600,  115200, 230400,  460800,  500000,  576000,  921600,  1000000,
                                 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};
#define SPEEDS (sizeof rates / sizeof *rates)

static unsigned code_at(unsigned index)
{
    return index < SLOW_SPEEDS ? index : FAST + index - SLOW_SPEEDS;
}

/* The code for a code or a rate. For any other number *known is 0 and the result is zero. */
static unsigned code_for(unsigned speed, int *known)
{
    *known = 1;
    for (unsigned i = 0; i < SPEEDS; ++i)
        if (code_at(i) == speed)
            return speed;
    for (unsigned i = 0; i < SPEEDS; ++i)
        if (rates[i] == speed)
            return code_at(i);
    *known = 0;
    return 0;
}

static unsigned as_headers_say(unsigned code)
{
    if (PLAIN_RATES)
        for (unsigned i = 0; i < SPEEDS; ++i)
            if (code_at(i) == code)
                return rates[i];
    return code;
}

#define SETTER(symbol, version)                                                                                        \
    COMPAT_OLD(int, symbol, version, (struct termios *, unsigned));                                                    \
    COMPAT_DEFINE(int, symbol, (struct termios * terminal, unsigned speed))                                            \
    {                                                                                                                  \
        int known;                                                                                                     \
        unsigned code = code_for(speed, &known);                                                                       \
        if (!known) {                                                                                                  \
            errno = EINVAL;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
        return old_##symbol(terminal, code);                                                                           \
    }

#define GETTER(symbol, version)                                                                                        \
    COMPAT_OLD(unsigned, symbol, version, (const struct termios *));                                                   \
    COMPAT_DEFINE(unsigned, symbol, (const struct termios *terminal))                                                  \
    {                                                                                                                  \
        return as_headers_say(old_##symbol(terminal));                                                                 \
    }

/* The functions of 2.42 that use plain rates only; its cfsetbaud sets both directions. */
#define BAUD_SETTER(symbol, old)                                                                                       \
    COMPAT_DEFINE(int, symbol, (struct termios * terminal, unsigned baud))                                             \
    {                                                                                                                  \
        for (unsigned i = 0; i < SPEEDS; ++i)                                                                          \
            if (rates[i] == baud)                                                                                      \
                return old(terminal, code_at(i));                                                                      \
        errno = EINVAL;                                                                                                \
        return -1;                                                                                                     \
    }

#define BAUD_GETTER(symbol, old)                                                                                       \
    COMPAT_DEFINE(unsigned, symbol, (const struct termios *terminal))                                                  \
    {                                                                                                                  \
        unsigned code = old(terminal);                                                                                 \
        for (unsigned i = 0; i < SPEEDS; ++i)                                                                          \
            if (code_at(i) == code)                                                                                    \
                return rates[i];                                                                                       \
        return 0;                                                                                                      \
    }

SETTER(cfsetspeed, SYMVER_PIN_OLD_cfsetspeed)
SETTER(cfsetispeed, SYMVER_PIN_OLD_cfsetispeed)
SETTER(cfsetospeed, SYMVER_PIN_OLD_cfsetospeed)
GETTER(cfgetispeed, SYMVER_PIN_OLD_cfgetispeed)
GETTER(cfgetospeed, SYMVER_PIN_OLD_cfgetospeed)

BAUD_SETTER(cfsetbaud, old_cfsetspeed)
BAUD_SETTER(cfsetibaud, old_cfsetispeed)
BAUD_SETTER(cfsetobaud, old_cfsetospeed)
BAUD_GETTER(cfgetibaud, old_cfgetispeed)
BAUD_GETTER(cfgetobaud, old_cfgetospeed)

#endif
