/* The release of the libc on which the program runs: the N of 2.N. */

#ifndef SYMVER_PIN_RUNNINGRELEASE_H
#define SYMVER_PIN_RUNNINGRELEASE_H

#include "compat.h"

COMPAT_PLAIN(const char *, gnu_get_libc_version, (void));

static int running_minor(void)
{
    const char *text = plain_gnu_get_libc_version() + 2; /* "2." */
    int minor = 0;
    for (; *text >= '0' && *text <= '9'; ++text)
        minor = minor * 10 + (*text - '0');
    return minor;
}

#endif
