/* What the processor can do.

   On PowerPC, two marks of newer loaders. What uses __builtin_cpu_supports refers to them (libstdc++'s random_device), and
   reads what such a loader writes in front of each thread's block. Before 2.23 the end of libc's own record of a thread
   is there, the state of its resolver: zeros, which say that the processor has no extra, until the thread looks up a
   name. The second mark stands for two more words, of 2.39.

   On RISC-V, the kernel's answer (Linux 6.4). Errors are returned. */

#include <errno.h>
#include <sys/syscall.h>

#include "compat.h"

#ifdef __powerpc64__

COMPAT_DEFINE(void, __parse_hwcap_and_convert_at_platform, (void))
{
}

COMPAT_DEFINE(void, __parse_hwcap_3_4_and_convert_at_platform, (void))
{
}

#elif defined __riscv

#define SYS_RISCV_HWPROBE 258

COMPAT_PLAIN(long, syscall, (long, ...));

COMPAT_DEFINE(int, __riscv_hwprobe,
              (void *pairs, unsigned long count, unsigned long size, unsigned long *processors, unsigned flags))
{
    int before = errno, error = 0;
    if (plain_syscall(SYS_RISCV_HWPROBE, pairs, count, size, processors, flags) != 0)
        error = errno;
    errno = before;
    return error;
}

#endif
