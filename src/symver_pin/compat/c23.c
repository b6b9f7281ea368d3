/* Small functions of C23 and 2.42 to 2.43: free with a size, memory that is cleared even if it is not read again
   (2.43), alignment of an address, unsigned magnitudes (2.42). Also the equality function that compilers use instead of
   memcmp (2.35). */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "compat.h"

COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(void *, memset, (void *, int, size_t));
COMPAT_PLAIN(int, memcmp, (const void *, const void *, size_t));
COMPAT_PLAIN(void, __chk_fail, (void)) __attribute__((noreturn));

/* free preserves errno only since 2.33. */
static inline void release(void *block)
{
    int before = errno;
    plain_free(block);
    errno = before;
}

COMPAT_DEFINE(void, free_sized, (void *block, size_t size))
{
    (void)size;
    release(block);
}

COMPAT_DEFINE(void, free_aligned_sized, (void *block, size_t alignment, size_t size))
{
    (void)alignment, (void)size;
    release(block);
}

/* The barrier tells the compiler that the stored bytes are read, so it cannot remove the stores. */
static inline void *fill(void *memory, int value, size_t size)
{
    plain_memset(memory, value, size);
    __asm__ volatile("" : : "r"(memory) : "memory");
    return memory;
}

COMPAT_DEFINE(void *, memset_explicit, (void *memory, int value, size_t size))
{
    return fill(memory, value, size);
}

COMPAT_DEFINE(void *, __memset_explicit_chk, (void *memory, int value, size_t size, size_t room))
{
    if (size > room)
        plain___chk_fail();
    return fill(memory, value, size);
}

/* The largest power of two that divides the address; 0 for NULL. */
COMPAT_DEFINE(size_t, memalignment, (const void *address))
{
    return (uintptr_t)address & -(uintptr_t)address;
}

#define MAGNITUDE(symbol, type)                                                                                        \
    COMPAT_DEFINE(unsigned type, symbol, (type number))                                                                \
    {                                                                                                                  \
        return number < 0 ? -(unsigned type)number : (unsigned type)number;                                            \
    }

MAGNITUDE(uabs, int)
MAGNITUDE(ulabs, long)
MAGNITUDE(ullabs, long long)

COMPAT_DEFINE(uintmax_t, umaxabs, (intmax_t number))
{
    return number < 0 ? -(uintmax_t)number : (uintmax_t)number;
}

COMPAT_DEFINE(int, __memcmpeq, (const void *one, const void *other, size_t size))
{
    return plain_memcmp(one, other, size);
}
