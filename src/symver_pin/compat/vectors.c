/* preadv2 and its variants: preadv with flags (Linux 4.6). If the running libc has the function, it is called. Otherwise
   a kernel without these calls supports no flag (ENOTSUP).
   Without flags they are the older functions: readv and writev at the file's own position for offset -1, else preadv
   and pwritev. */

#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#include "compat.h"
#include "numbers.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(ssize_t, readv, (int, const void *, int));
COMPAT_PLAIN(ssize_t, writev, (int, const void *, int));
COMPAT_PLAIN(ssize_t, preadv64, (int, const void *, int, int64_t));
COMPAT_PLAIN(ssize_t, pwritev64, (int, const void *, int, int64_t));

/* The kernel takes the numbers as longs, and the offset as two of them, the lower half first, on every architecture. */
#define LOWER(offset) ((long)(offset))
#define UPPER(offset) ((long)((offset) >> 32))

static int lacks_call(ssize_t result)
{
    return result < 0 && errno == ENOSYS;
}

static ssize_t refuse_flags(void)
{
    errno = ENOTSUP;
    return -1;
}

static ssize_t read_vector(int fd, const void *vector, int count, int64_t offset, int flags)
{
    ssize_t result = plain_syscall(SYS_preadv2, (long)fd, vector, (long)count, LOWER(offset), UPPER(offset), flags);
    if (!lacks_call(result))
        return result;
    if (flags != 0)
        return refuse_flags();
    return offset == -1 ? plain_readv(fd, vector, count) : plain_preadv64(fd, vector, count, offset);
}

static ssize_t write_vector(int fd, const void *vector, int count, int64_t offset, int flags)
{
    ssize_t result = plain_syscall(SYS_pwritev2, (long)fd, vector, (long)count, LOWER(offset), UPPER(offset), flags);
    if (!lacks_call(result))
        return result;
    if (flags != 0)
        return refuse_flags();
    return offset == -1 ? plain_writev(fd, vector, count) : plain_pwritev64(fd, vector, count, offset);
}

COMPAT_DEFINE(ssize_t, preadv2, (int fd, const void *vector, int count, off_t offset, int flags))
{
    COMPAT_PREFER_RUNNING(ssize_t, preadv2, (int, const void *, int, off_t, int), (fd, vector, count, offset, flags));
    return read_vector(fd, vector, count, offset, flags);
}

COMPAT_DEFINE(ssize_t, preadv64v2, (int fd, const void *vector, int count, int64_t offset, int flags))
{
    COMPAT_PREFER_RUNNING(ssize_t, preadv64v2, (int, const void *, int, int64_t, int),
                          (fd, vector, count, offset, flags));
    return read_vector(fd, vector, count, offset, flags);
}

COMPAT_DEFINE(ssize_t, pwritev2, (int fd, const void *vector, int count, off_t offset, int flags))
{
    COMPAT_PREFER_RUNNING(ssize_t, pwritev2, (int, const void *, int, off_t, int), (fd, vector, count, offset, flags));
    return write_vector(fd, vector, count, offset, flags);
}

COMPAT_DEFINE(ssize_t, pwritev64v2, (int fd, const void *vector, int count, int64_t offset, int flags))
{
    COMPAT_PREFER_RUNNING(ssize_t, pwritev64v2, (int, const void *, int, int64_t, int),
                          (fd, vector, count, offset, flags));
    return write_vector(fd, vector, count, offset, flags);
}
