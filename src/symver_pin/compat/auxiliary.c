/* Values that the kernel passes to a process at its start: getauxval and secure_getenv. Also the variables with which
   libc describes restartable sequences. */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));

#define AT_SECURE 23

/* A process that runs with the rights of another user, and not as root, cannot read /proc/self/auxv. The failure then
   shows at least that AT_SECURE is 1. */
static unsigned long auxv_from_proc(unsigned long type)
{
    unsigned long pair[2], value = 0;
    int before = errno, found = 0;
    int file = (int)plain_syscall(SYS_openat, AT_FDCWD, "/proc/self/auxv", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        while (!found && plain_syscall(SYS_read, file, pair, sizeof pair) == (long)sizeof pair && pair[0] != 0)
            if (pair[0] == type) {
                value = pair[1];
                found = 1;
            }
        plain_syscall(SYS_close, file);
    } else if (type == AT_SECURE) {
        value = 1;
        found = 1;
    }
    errno = found ? before : ENOENT;
    return value;
}

static void *running_getauxval;

static unsigned long auxiliary_value(unsigned long type)
{
    void *own = COMPAT_RUNNING(running_getauxval, "getauxval");
    return own ? ((unsigned long (*)(unsigned long))own)(type) : auxv_from_proc(type);
}

COMPAT_DEFINE(unsigned long, getauxval, (unsigned long type))
{
    return auxiliary_value(type);
}

COMPAT_DEFINE(unsigned long, __getauxval, (unsigned long type))
{
    return auxiliary_value(type);
}

/* Before 2.17, libc has the function under another name. */
static void *running_secure_getenv, *running_underscored;

COMPAT_DEFINE(char *, secure_getenv, (const char *name))
{
    void *own = COMPAT_RUNNING(running_secure_getenv, "secure_getenv");
    if (!own)
        own = COMPAT_RUNNING(running_underscored, "__secure_getenv");
    return own ? ((char *(*)(const char *))own)(name) : 0;
}

/* A size of zero means that libc has registered no area with the kernel. */
COMPAT_DATA(const ptrdiff_t, __rseq_offset) = 0;
COMPAT_DATA(const unsigned, __rseq_size) = 0;
COMPAT_DATA(const unsigned, __rseq_flags) = 0;
