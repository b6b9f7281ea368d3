/* The mode of a file without a name: openat(folder, ".", O_TMPFILE | O_RDWR, mode).

   glibc before 2.22 takes the mode from its caller only with O_CREAT, and creates the file with the mode 0. Where open
   is not a plain system call, it has the same fault: on aarch64, and open64 where long has 32 bits. Calls without
   O_TMPFILE, and all calls on 2.22 or later, go to libc's function. The system call is made here because O_CREAT, which
   would let the older function pass the mode on, is refused by the kernel together with O_TMPFILE. */

#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "compat.h"
#include "runningrelease.h"

COMPAT_PLAIN(long, syscall, (long, ...));

#ifndef O_TMPFILE /* headers before 2.19 */
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif
#define LARGE 0100000
#ifdef __arm__
#undef LARGE
#define LARGE 0400000
#endif

static int is_nameless(int flags)
{
    return (flags & O_TMPFILE) == O_TMPFILE;
}

/* The mode is an argument of the variable part, given with these flags only. */
#define MODE_AFTER(last, mode)                                                                                         \
    unsigned mode = 0;                                                                                                 \
    if ((last) & O_CREAT || is_nameless(last)) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, last);                                                                                     \
        mode = va_arg(arguments, unsigned);                                                                            \
        va_end(arguments);                                                                                             \
    }

#define OPENAT(symbol, version, extra)                                                                                 \
    COMPAT_OLD(int, symbol, version, (int, const char *, int, ...));                                                   \
    COMPAT_DEFINE(int, symbol, (int folder, const char *path, int flags, ...))                                         \
    {                                                                                                                  \
        MODE_AFTER(flags, mode)                                                                                        \
        if (is_nameless(flags) && running_minor() < 22)                                                                \
            return (int)plain_syscall(SYS_openat, folder, path, flags | (extra), mode);                                \
        return old_##symbol(folder, path, flags, mode);                                                                \
    }

#define OPEN(symbol, version, extra)                                                                                   \
    COMPAT_OLD(int, symbol, version, (const char *, int, ...));                                                        \
    COMPAT_DEFINE(int, symbol, (const char *path, int flags, ...))                                                     \
    {                                                                                                                  \
        MODE_AFTER(flags, mode)                                                                                        \
        if (is_nameless(flags) && running_minor() < 22)                                                                \
            return (int)plain_syscall(SYS_openat, AT_FDCWD, path, flags | (extra), mode);                              \
        return old_##symbol(path, flags, mode);                                                                        \
    }

#ifdef SYMVER_PIN_OLD_openat
OPENAT(openat, SYMVER_PIN_OLD_openat, 0)
OPENAT(openat64, SYMVER_PIN_OLD_openat64, __SIZEOF_LONG__ == 4 ? LARGE : 0)
#endif
#ifdef SYMVER_PIN_OLD_open
OPEN(open, SYMVER_PIN_OLD_open, 0)
#endif
#ifdef SYMVER_PIN_OLD_open64
OPEN(open64, SYMVER_PIN_OLD_open64, __SIZEOF_LONG__ == 4 ? LARGE : 0)
#endif
