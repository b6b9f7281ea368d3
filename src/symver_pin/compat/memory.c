/* Allocation: reallocarray (2.26) and the wide form of mallinfo (2.33). */

#include <errno.h>
#include <stddef.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(void *, realloc, (void *, size_t));

COMPAT_DEFINE(void *, reallocarray, (void *block, size_t count, size_t size))
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return 0;
    }
    return plain_realloc(block, bytes);
}

/* The ten fields of struct mallinfo and struct mallinfo2, in their documented order. */
struct narrow {
    unsigned field[10];
};
struct wide {
    size_t field[10];
};

COMPAT_PLAIN(struct narrow, mallinfo, (void));

/* The fields of the older function have 32 bits. */
COMPAT_DEFINE(struct wide, mallinfo2, (void))
{
    COMPAT_PREFER_RUNNING(struct wide, mallinfo2, (void), ());
    struct narrow from = plain_mallinfo();
    struct wide to;
    for (int i = 0; i < 10; ++i)
        to.field[i] = from.field[i];
    return to;
}
