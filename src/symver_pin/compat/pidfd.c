/* Process descriptors (pidfd). */

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>

#include "compat.h"
#include "failed.h"
#include "numbers.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));

COMPAT_DEFINE(int, pidfd_open, (int process, unsigned flags))
{
    return (int)plain_syscall(SYS_pidfd_open, process, flags);
}

COMPAT_DEFINE(int, pidfd_getfd, (int process, int fd, unsigned flags))
{
    return (int)plain_syscall(SYS_pidfd_getfd, process, fd, flags);
}

COMPAT_DEFINE(int, pidfd_send_signal, (int process, int signal, void *information, unsigned flags))
{
    return (int)plain_syscall(SYS_pidfd_send_signal, process, signal, information, flags);
}

#ifdef SYS_fcntl
#define GET_DESCRIPTOR_FLAGS SYS_fcntl
#else
#define GET_DESCRIPTOR_FLAGS SYS_fcntl64 /* newer 32-bit architectures */
#endif

/* The file is opened and read with direct system calls, because libc's functions are cancellation points. */
static long read_fdinfo(int fd, char *text, size_t size)
{
    char path[40] = "/proc/self/fdinfo/", digits[12];
    size_t at = sizeof "/proc/self/fdinfo/" - 1, used = 0;
    int count = 0;

    do
        digits[count++] = (char)('0' + fd % 10);
    while ((fd /= 10) != 0);
    while (count > 0)
        path[at++] = digits[--count];
    path[at] = 0;

    int file = (int)plain_syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    while (used < size) {
        long got = plain_syscall(SYS_read, file, text + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    plain_syscall(SYS_close, file);
    return (long)used;
}

/* The number on the line "Pid:"; LONG_MIN if there is no such line. */
static long stated_process(const char *text, long size)
{
    for (long at = 0; at + 4 < size;) {
        if (text[at] == 'P' && text[at + 1] == 'i' && text[at + 2] == 'd' && text[at + 3] == ':') {
            long number = 0;
            int negative = 0, digits = 0;
            for (at += 4; at < size && (text[at] == '\t' || text[at] == ' '); ++at)
                continue;
            if (at < size && text[at] == '-')
                negative = 1, ++at;
            for (; at < size && text[at] >= '0' && text[at] <= '9' && number <= INT_MAX / 10; ++at, digits = 1)
                number = number * 10 + (text[at] - '0');
            return digits == 0 || at == size || text[at] != '\n' ? LONG_MIN : negative ? -number : number;
        }
        while (at < size && text[at] != '\n')
            ++at;
        ++at;
    }
    return LONG_MIN;
}

/* Errors. EBADF: not a process descriptor. ESRCH: the process has ended. EREMOTE: it has no number in this namespace.
   ENOENT: there is no /proc. */
COMPAT_DEFINE(int, pidfd_getpid, (int fd))
{
    COMPAT_PREFER_RUNNING(int, pidfd_getpid, (int), (fd));
    char text[2048];
    int before = errno;
    if (fd < 0)
        return failed(EBADF);
    long size = read_fdinfo(fd, text, sizeof text);
    if (size < 0)
        return errno == ENOENT && plain_syscall(GET_DESCRIPTOR_FLAGS, fd, F_GETFD) < 0 ? failed(EBADF) : -1;
    long process = stated_process(text, size);
    if (process == LONG_MIN)
        return failed(EBADF);
    if (process == 0)
        return failed(EREMOTE);
    if (process < 0)
        return failed(ESRCH);
    errno = before;
    return (int)process;
}
