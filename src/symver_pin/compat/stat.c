/* The stat and mknod families. Before 2.33 these were inline functions in <sys/stat.h> that called __xstat() and its
   variants. The first argument of these is a number for the layout of struct stat with which the caller was compiled.
   libc.so exported only these.

   The system call itself is no way to the same result: on 32-bit targets and on MIPS the kernel's structure is not
   libc's. And programs interpose __xstat: fakeroot, libfaketime. The layout numbers are defined with -D
   (machine/arch.py). An architecture that came after 2.33 has none, and needs none of this. */

#include "compat.h"

#ifdef SYMVER_PIN_STAT_LAYOUT

COMPAT_PLAIN(int, __xstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat, (int, int, void *));
COMPAT_PLAIN(int, __lxstat, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat, (int, int, const char *, void *, int));
COMPAT_PLAIN(int, __xstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstat64, (int, int, void *));
COMPAT_PLAIN(int, __lxstat64, (int, const char *, void *));
COMPAT_PLAIN(int, __fxstatat64, (int, int, const char *, void *, int));

COMPAT_DEFINE(int, stat, (const char *path, void *status))
{
    return plain___xstat(SYMVER_PIN_STAT_LAYOUT, path, status);
}

COMPAT_DEFINE(int, fstat, (int fd, void *status))
{
    return plain___fxstat(SYMVER_PIN_STAT_LAYOUT, fd, status);
}

COMPAT_DEFINE(int, lstat, (const char *path, void *status))
{
    return plain___lxstat(SYMVER_PIN_STAT_LAYOUT, path, status);
}

COMPAT_DEFINE(int, fstatat, (int fd, const char *path, void *status, int flags))
{
    return plain___fxstatat(SYMVER_PIN_STAT_LAYOUT, fd, path, status, flags);
}

COMPAT_DEFINE(int, stat64, (const char *path, void *status))
{
    return plain___xstat64(SYMVER_PIN_STAT_LAYOUT, path, status);
}

COMPAT_DEFINE(int, fstat64, (int fd, void *status))
{
    return plain___fxstat64(SYMVER_PIN_STAT_LAYOUT, fd, status);
}

COMPAT_DEFINE(int, lstat64, (const char *path, void *status))
{
    return plain___lxstat64(SYMVER_PIN_STAT_LAYOUT, path, status);
}

COMPAT_DEFINE(int, fstatat64, (int fd, const char *path, void *status, int flags))
{
    return plain___fxstatat64(SYMVER_PIN_STAT_LAYOUT, fd, path, status, flags);
}

COMPAT_PLAIN(int, __xmknod, (int, const char *, unsigned, unsigned long long *));
COMPAT_PLAIN(int, __xmknodat, (int, int, const char *, unsigned, unsigned long long *));

COMPAT_DEFINE(int, mknod, (const char *path, unsigned mode, unsigned long long device))
{
    return plain___xmknod(SYMVER_PIN_MKNOD_LAYOUT, path, mode, &device);
}

COMPAT_DEFINE(int, mknodat, (int fd, const char *path, unsigned mode, unsigned long long device))
{
    return plain___xmknodat(SYMVER_PIN_MKNOD_LAYOUT, fd, path, mode, &device);
}

#endif
