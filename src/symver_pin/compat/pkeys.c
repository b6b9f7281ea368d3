/* Memory protection keys (Linux 4.9). The rights of the keys are in a register of the processor, two bits for each
   key. */

#include <stddef.h>

#include "compat.h"
#include "failed.h"
#include "numbers.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, mprotect, (void *, size_t, int));

COMPAT_DEFINE(int, pkey_alloc, (unsigned flags, unsigned rights))
{
    return (int)plain_syscall(SYS_pkey_alloc, (unsigned long)flags, (unsigned long)rights);
}

COMPAT_DEFINE(int, pkey_free, (int key))
{
    return (int)plain_syscall(SYS_pkey_free, key);
}

/* Without a key this is mprotect, which every kernel has. */
COMPAT_DEFINE(int, pkey_mprotect, (void *address, size_t length, int protection, int key))
{
    if (key == -1)
        return plain_mprotect(address, length, protection);
    return (int)plain_syscall(SYS_pkey_mprotect, address, length, (long)protection, key);
}

#if defined __x86_64__ || defined __i386__

#define KEYS 16
#define RIGHTS 3u /* PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE */

static unsigned read_register(void)
{
    unsigned low, high;
    __asm__ volatile(".byte 0x0f, 0x01, 0xee" /* rdpkru */ : "=a"(low), "=d"(high) : "c"(0) : "memory");
    (void)high;
    return low;
}

COMPAT_DEFINE(int, pkey_get, (int key))
{
    if (key < 0 || key >= KEYS)
        return failed(EINVAL);
    return (int)(read_register() >> (2 * key) & RIGHTS);
}

COMPAT_DEFINE(int, pkey_set, (int key, unsigned rights))
{
    if (key < 0 || key >= KEYS || rights > RIGHTS)
        return failed(EINVAL);
    unsigned value = (read_register() & ~(RIGHTS << (2 * key))) | rights << (2 * key);
    /* "memory": memory accesses must not be moved across the change of rights. */
    __asm__ volatile(".byte 0x0f, 0x01, 0xef" /* wrpkru */ : : "a"(value), "c"(0), "d"(0) : "memory");
    return 0;
}

#else

COMPAT_DEFINE(int, pkey_get, (int key))
{
    COMPAT_PREFER_RUNNING(int, pkey_get, (int), (key));
    return failed(ENOSYS);
}

COMPAT_DEFINE(int, pkey_set, (int key, unsigned rights))
{
    COMPAT_PREFER_RUNNING(int, pkey_set, (int, unsigned), (key, rights));
    return failed(ENOSYS);
}

#endif
