/* Identity of the calling thread, straight from the kernel. */

#include <sys/syscall.h>

#include "compat.h"

COMPAT_PLAIN(long, syscall, (long, ...));

COMPAT_DEFINE(int, gettid, (void))
{
    return (int)plain_syscall(SYS_gettid);
}

COMPAT_DEFINE(int, getcpu, (unsigned *cpu, unsigned *node))
{
    return (int)plain_syscall(SYS_getcpu, cpu, node, (void *)0);
}
