/* aligned_alloc of ISO C, with the check that glibc makes since 2.38: an alignment that is not a power of two is an
   error. */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "compat.h"

COMPAT_PLAIN(int, posix_memalign, (void **, size_t, size_t));

/* posix_memalign requires an alignment of at least the size of a pointer, and every replacement of malloc has it.
   Before 2.18 its sums overflow for sizes near the end of the address space. */
COMPAT_DEFINE(void *, aligned_alloc, (size_t alignment, size_t size))
{
    void *block = 0;
    int error = EINVAL;
    if (alignment != 0 && (alignment & (alignment - 1)) == 0)
        error = size > PTRDIFF_MAX || alignment > PTRDIFF_MAX - size
                    ? ENOMEM
                    : plain_posix_memalign(&block, alignment < sizeof block ? sizeof block : alignment, size);
    if (error == 0)
        return block;
    errno = error;
    return 0;
}
