/* The stat and mknod families.  Until 2.33 these were inline wrappers in <sys/stat.h> around __xstat() and friends,
   whose first argument names the layout of struct stat that the caller was compiled with; libc.so exported only those.

   Calling __xstat (and not the system call) keeps what interposes it working: fakeroot, libfaketime.  An architecture
   that is not listed here makes the system call, which on 64-bit fills the same structure. */

#include <errno.h>
#include <sys/syscall.h>

#include "compat.h"

#if defined __x86_64__
#define STAT_LAYOUT 1
#define MKNOD_LAYOUT 0
#elif defined __i386__
#define STAT_LAYOUT 3
#define MKNOD_LAYOUT 1
#elif defined __aarch64__
#define STAT_LAYOUT 0
#define MKNOD_LAYOUT 0
#elif defined __riscv && __riscv_xlen == 64
#define STAT_LAYOUT 0
#define MKNOD_LAYOUT 0
#elif defined __arm__
#define STAT_LAYOUT 3
#elif defined __s390x__ || defined __powerpc64__
#define STAT_LAYOUT 1
#endif

#define CURRENT_DIRECTORY (-100) /* AT_FDCWD */
#define NO_FOLLOW 0x100          /* AT_SYMLINK_NOFOLLOW */

COMPAT_PLAIN(long, syscall, (long, ...));

#ifdef STAT_LAYOUT

COMPAT_PLAIN(int, __xstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat, (int, int, void *));
COMPAT_PLAIN(int, __lxstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat, (int, int, const char *, void *, int));
COMPAT_PLAIN(int, __xstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat64, (int, int, void *));
COMPAT_PLAIN(int, __lxstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat64, (int, int, const char *, void *, int));

#define STAT(name, path, status) plain___x##name(STAT_LAYOUT, path, status)
#define FSTAT(name, fd, status) plain___fx##name(STAT_LAYOUT, fd, status)
#define LSTAT(name, path, status) plain___lx##name(STAT_LAYOUT, path, status)
#define FSTATAT(name, fd, path, status, flags) plain___fx##name(STAT_LAYOUT, fd, path, status, flags)

#elif defined SYS_newfstatat

#define FSTATAT(name, fd, path, status, flags) ((int)plain_syscall(SYS_newfstatat, fd, path, status, flags))
#define STAT(name, path, status) FSTATAT(name, CURRENT_DIRECTORY, path, status, 0)
#define FSTAT(name, fd, status) ((int)plain_syscall(SYS_fstat, fd, status))
#define LSTAT(name, path, status) FSTATAT(name, CURRENT_DIRECTORY, path, status, NO_FOLLOW)

#endif

#ifdef FSTATAT

COMPAT_DEFINE(int, stat, (const char *path, void *status))
{
    return STAT(stat, path, status);
}

COMPAT_DEFINE(int, fstat, (int fd, void *status))
{
    return FSTAT(stat, fd, status);
}

COMPAT_DEFINE(int, lstat, (const char *path, void *status))
{
    return LSTAT(stat, path, status);
}

COMPAT_DEFINE(int, fstatat, (int fd, const char *path, void *status, int flags))
{
    return FSTATAT(statat, fd, path, status, flags);
}

COMPAT_DEFINE(int, stat64, (const char *path, void *status))
{
    return STAT(stat64, path, status);
}

COMPAT_DEFINE(int, fstat64, (int fd, void *status))
{
    return FSTAT(stat64, fd, status);
}

COMPAT_DEFINE(int, lstat64, (const char *path, void *status))
{
    return LSTAT(stat64, path, status);
}

COMPAT_DEFINE(int, fstatat64, (int fd, const char *path, void *status, int flags))
{
    return FSTATAT(statat64, fd, path, status, flags);
}

#endif

#ifdef MKNOD_LAYOUT

COMPAT_PLAIN(int, __xmknod, (int, const char *, unsigned, unsigned long long *));
COMPAT_PLAIN(int, __xmknodat, (int, int, const char *, unsigned, unsigned long long *));

#define MKNOD(path, mode, device) plain___xmknod(MKNOD_LAYOUT, path, mode, &device)
#define MKNODAT(fd, path, mode, device) plain___xmknodat(MKNOD_LAYOUT, fd, path, mode, &device)

#else

static int make_node(int fd, const char *path, unsigned mode, unsigned long long device)
{
    if (device != (unsigned)device) { /* the system call takes 32 bits */
        errno = EINVAL;
        return -1;
    }
    return (int)plain_syscall(SYS_mknodat, fd, path, mode, (unsigned)device);
}

#define MKNOD(path, mode, device) make_node(CURRENT_DIRECTORY, path, mode, device)
#define MKNODAT(fd, path, mode, device) make_node(fd, path, mode, device)

#endif

COMPAT_DEFINE(int, mknod, (const char *path, unsigned mode, unsigned long long device))
{
    return MKNOD(path, mode, device);
}

COMPAT_DEFINE(int, mknodat, (int fd, const char *path, unsigned mode, unsigned long long device))
{
    return MKNODAT(fd, path, mode, device);
}
