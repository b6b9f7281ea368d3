/* How most functions of libc fail. */

#ifndef SYMVER_PIN_FAILED_H
#define SYMVER_PIN_FAILED_H

#include <errno.h>

static inline int failed(int error)
{
    errno = error;
    return -1;
}

#endif
