/* Functions that make a system call with their arguments. On a kernel without the call they fail with ENOSYS, as libc's
   functions do, unless a comment below says otherwise. Where the kernel takes a long, an int is converted to long
   first: in a variable argument list, the upper half of a narrower argument is undefined.

   libc's functions that are cancellation points are called if the running libc has them. The others would make the same
   system call. */

#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

#include "compat.h"
#include "numbers.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, mlock, (const void *, size_t));

/* Processes and threads. */

COMPAT_DEFINE(int, tgkill, (int process, int thread, int signal))
{
    return (int)plain_syscall(SYS_tgkill, process, thread, signal);
}

COMPAT_DEFINE(int, execveat,
              (int directory, const char *path, char *const *arguments, char *const *environment, int flags))
{
    return (int)plain_syscall(SYS_execveat, directory, path, arguments, environment, flags);
}

COMPAT_DEFINE(int, setns, (int fd, int kind))
{
    return (int)plain_syscall(SYS_setns, fd, kind);
}

COMPAT_DEFINE(int, sched_setattr, (int thread, void *attributes, unsigned flags))
{
    return (int)plain_syscall(SYS_sched_setattr, thread, attributes, flags);
}

COMPAT_DEFINE(int, sched_getattr, (int thread, void *attributes, unsigned size, unsigned flags))
{
    return (int)plain_syscall(SYS_sched_getattr, thread, attributes, size, flags);
}

COMPAT_DEFINE(int, prlimit64, (int process, int resource, const struct rlimit64 *limits, struct rlimit64 *found))
{
    return (int)plain_syscall(SYS_prlimit64, process, resource, limits, found);
}

/* If rlim_t has 32 bits, "unlimited" and every value that does not fit become RLIM_INFINITY, as in getrlimit. */
static unsigned long long wide_limit(rlim_t limit)
{
    return limit == (rlim_t)-1 ? ~0ULL : limit;
}

static rlim_t narrow_limit(unsigned long long limit)
{
    return limit > (rlim_t)-1 ? (rlim_t)-1 : (rlim_t)limit;
}

COMPAT_DEFINE(int, prlimit, (int process, int resource, const struct rlimit *limits, struct rlimit *found))
{
    struct rlimit64 in, out;
    if (limits) {
        in.rlim_cur = wide_limit(limits->rlim_cur);
        in.rlim_max = wide_limit(limits->rlim_max);
    }
    int result = (int)plain_syscall(SYS_prlimit64, process, resource, limits ? &in : 0, found ? &out : 0);
    if (result == 0 && found) {
        found->rlim_cur = narrow_limit(out.rlim_cur);
        found->rlim_max = narrow_limit(out.rlim_max);
    }
    return result;
}

/* Memory. */

/* Without flags this is mlock, which every kernel has. A kernel without mlock2 supports no flag. */
COMPAT_DEFINE(int, mlock2, (const void *address, size_t length, unsigned flags))
{
    if (flags == 0)
        return plain_mlock(address, length);
    int result = (int)plain_syscall(SYS_mlock2, address, length, flags);
    if (result != 0 && errno == ENOSYS)
        errno = EINVAL;
    return result;
}

COMPAT_DEFINE(int, mseal, (void *address, size_t length, unsigned long flags))
{
    return (int)plain_syscall(SYS_mseal, address, length, flags);
}

COMPAT_DEFINE(long, process_madvise, (int fd, const void *vector, size_t count, int advice, unsigned flags))
{
    return plain_syscall(SYS_process_madvise, fd, vector, count, advice, flags);
}

COMPAT_DEFINE(int, process_mrelease, (int fd, unsigned flags))
{
    return (int)plain_syscall(SYS_process_mrelease, fd, flags);
}

COMPAT_DEFINE(long, process_vm_readv,
              (int process, const void *here, unsigned long here_count, const void *there, unsigned long there_count,
               unsigned long flags))
{
    return plain_syscall(SYS_process_vm_readv, process, here, here_count, there, there_count, flags);
}

COMPAT_DEFINE(long, process_vm_writev,
              (int process, const void *here, unsigned long here_count, const void *there, unsigned long there_count,
               unsigned long flags))
{
    return plain_syscall(SYS_process_vm_writev, process, here, here_count, there, there_count, flags);
}

/* Files. */

COMPAT_DEFINE(int, openat2, (int directory, const char *path, const void *how, size_t size))
{
    COMPAT_PREFER_RUNNING(int, openat2, (int, const char *, const void *, size_t), (directory, path, how, size));
    return (int)plain_syscall(SYS_openat2, directory, path, how, size);
}

COMPAT_DEFINE(int, name_to_handle_at, (int directory, const char *path, void *handle, int *mount, int flags))
{
    return (int)plain_syscall(SYS_name_to_handle_at, directory, path, handle, mount, flags);
}

COMPAT_DEFINE(int, open_by_handle_at, (int mount, void *handle, int flags))
{
    COMPAT_PREFER_RUNNING(int, open_by_handle_at, (int, void *, int), (mount, handle, flags));
    return (int)plain_syscall(SYS_open_by_handle_at, mount, handle, flags);
}

COMPAT_DEFINE(int, syncfs, (int fd))
{
    return (int)plain_syscall(SYS_syncfs, fd);
}

COMPAT_DEFINE(int, fanotify_init, (unsigned flags, unsigned file_flags))
{
    return (int)plain_syscall(SYS_fanotify_init, flags, file_flags);
}

COMPAT_DEFINE(int, fanotify_mark, (int fd, unsigned flags, uint64_t mask, int directory, const char *path))
{
#if __SIZEOF_LONG__ == 8
    return (int)plain_syscall(SYS_fanotify_mark, fd, flags, mask, directory, path);
#else
    return (int)plain_syscall(SYS_fanotify_mark, fd, flags,
                              __LONG_LONG_PAIR((unsigned long)(mask >> 32), (unsigned long)mask), directory, path);
#endif
}

/* Events, messages, time. */

/* The kernel takes 64-bit times on every architecture, and the size of its signal set: 64 bits, on MIPS 128. */
COMPAT_DEFINE(int, epoll_pwait2,
              (int fd, void *events, int count, const struct timespec *timeout, const sigset_t *signals))
{
    COMPAT_PREFER_RUNNING(int, epoll_pwait2, (int, void *, int, const struct timespec *, const sigset_t *),
                          (fd, events, count, timeout, signals));
    struct {
        int64_t seconds, nanoseconds;
    } limit = {0, 0};
    if (timeout) {
        limit.seconds = timeout->tv_sec;
        limit.nanoseconds = timeout->tv_nsec;
    }
    return (int)plain_syscall(SYS_epoll_pwait2, fd, events, count, timeout ? &limit : 0, signals, (long)(_NSIG / 8));
}

COMPAT_DEFINE(int, sendmmsg, (int fd, void *messages, unsigned count, int flags))
{
    COMPAT_PREFER_RUNNING(int, sendmmsg, (int, void *, unsigned, int), (fd, messages, count, flags));
    return (int)plain_syscall(SYS_sendmmsg, fd, messages, count, flags);
}

COMPAT_DEFINE(int, clock_adjtime, (int clock, void *adjustment))
{
    return (int)plain_syscall(SYS_clock_adjtime, clock, adjustment);
}
