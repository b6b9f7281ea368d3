/* The stat and mknod families. Before 2.33 these were inline functions in <sys/stat.h> that called __xstat() and its
   variants. The first argument of these is a number for the layout of struct stat with which the caller was compiled.
   libc.so exported only these.

   Calling __xstat instead of making the system call keeps programs working that interpose it: fakeroot, libfaketime.
   The layout numbers are defined with -D (machine/arch.py). An architecture without one makes the system call, which
   fills the same structure on 64-bit targets. */

#include <errno.h>
#include <sys/syscall.h>

#include "compat.h"

#define CURRENT_DIRECTORY (-100) /* AT_FDCWD */
#define NO_FOLLOW 0x100          /* AT_SYMLINK_NOFOLLOW */

COMPAT_PLAIN(long, syscall, (long, ...));

#ifdef SYMVER_PIN_STAT_LAYOUT

COMPAT_PLAIN(int, __xstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat, (int, int, void *));
COMPAT_PLAIN(int, __lxstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat, (int, int, const char *, void *, int));
COMPAT_PLAIN(int, __xstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat64, (int, int, void *));
COMPAT_PLAIN(int, __lxstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat64, (int, int, const char *, void *, int));

#define STAT(name, path, status) plain___x##name(SYMVER_PIN_STAT_LAYOUT, path, status)
#define FSTAT(name, fd, status) plain___fx##name(SYMVER_PIN_STAT_LAYOUT, fd, status)
#define LSTAT(name, path, status) plain___lx##name(SYMVER_PIN_STAT_LAYOUT, path, status)
#define FSTATAT(name, fd, path, status, flags) plain___fx##name(SYMVER_PIN_STAT_LAYOUT, fd, path, status, flags)

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

#ifdef SYMVER_PIN_MKNOD_LAYOUT

COMPAT_PLAIN(int, __xmknod, (int, const char *, unsigned, unsigned long long *));
COMPAT_PLAIN(int, __xmknodat, (int, int, const char *, unsigned, unsigned long long *));

#define MKNOD(path, mode, device) plain___xmknod(SYMVER_PIN_MKNOD_LAYOUT, path, mode, &device)
#define MKNODAT(fd, path, mode, device) plain___xmknodat(SYMVER_PIN_MKNOD_LAYOUT, fd, path, mode, &device)

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
