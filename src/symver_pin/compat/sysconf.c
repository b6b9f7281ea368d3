/* sysconf supports _SC_MINSIGSTKSZ and _SC_SIGSTKSZ since 2.34.

   Headers of 2.34 and later define SIGSTKSZ, which was a number before, as sysconf(_SC_SIGSTKSZ). An older sysconf
   returns -1 for it, and a program then tries to get a stack of (size_t)-1 bytes. So every name is passed to libc's
   function first, and the member answers these two where that does not. */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#if defined __x86_64__ || defined __i386__
#include <cpuid.h>
#endif

#include "compat.h"

#ifdef SYMVER_PIN_OLD_sysconf

#define SC_MINSIGSTKSZ 249
#define SC_SIGSTKSZ 250
#define AUX_MINSIGSTKSZ 51 /* AT_MINSIGSTKSZ: the size of a signal frame according to the kernel (on x86 since 5.14) */

/* MINSIGSTKSZ in the headers that defined it as a number. */
#if defined __aarch64__
#define CLASSIC_MINSIGSTKSZ 5120
#elif defined __powerpc64__ || defined __sparc__ || defined __alpha__
#define CLASSIC_MINSIGSTKSZ 4096
#else
#define CLASSIC_MINSIGSTKSZ 2048
#endif

COMPAT_OLD(long, sysconf, SYMVER_PIN_OLD_sysconf, (int));
COMPAT_PLAIN(long, syscall, (long, ...));

/* Direct system calls, because open, read and close of libc are cancellation points. */
static unsigned long from_kernel(void)
{
    unsigned long entry[2], value = 0;
    int before = errno;
    int file = (int)plain_syscall(SYS_openat, AT_FDCWD, "/proc/self/auxv", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        while (plain_syscall(SYS_read, file, entry, sizeof entry) == (long)sizeof entry)
            if (entry[0] == AUX_MINSIGSTKSZ)
                value = entry[1];
        plain_syscall(SYS_close, file);
    }
    errno = before;
    return value;
}

/* For a kernel that does not pass the size: the size of the processor's extended state, plus the rest of a frame. */
static unsigned long from_processor(void)
{
#if defined __x86_64__ || defined __i386__
    unsigned size, b, c, d;
    if (__get_cpuid(1, &b, &b, &c, &d) && (c & bit_OSXSAVE) && __get_cpuid_count(0xd, 0, &b, &size, &c, &d))
        return size + 1024;
#endif
    return 0;
}

static long smallest_stack(void)
{
    unsigned long size = from_kernel();
    if (size == 0)
        size = from_processor();
    return size > CLASSIC_MINSIGSTKSZ ? (long)size : CLASSIC_MINSIGSTKSZ;
}

COMPAT_DEFINE(long, sysconf, (int name))
{
    int before = errno;
    long value = old_sysconf(name);
    if (value != -1 || (name != SC_MINSIGSTKSZ && name != SC_SIGSTKSZ))
        return value;
    errno = before;
    return name == SC_SIGSTKSZ ? 4 * smallest_stack() : smallest_stack();
}

#endif
