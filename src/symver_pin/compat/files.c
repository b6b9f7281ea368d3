/* Files and descriptors: system calls for which glibc got a function after the target release, and fcntl64.

   On a kernel without the system call they fail with ENOSYS, as glibc's own functions do, unless a fallback is
   described below. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "compat.h"
#include "running.h"

#define CURRENT_DIRECTORY (-100) /* AT_FDCWD */

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, fcntl, (int, int, ...));
COMPAT_PLAIN(int, renameat, (int, const char *, int, const char *));
COMPAT_PLAIN(int, fstat64, (int, struct stat64 *));
COMPAT_PLAIN(int, fstatat64, (int, const char *, struct stat64 *, int));
COMPAT_PLAIN(long, pread64, (int, void *, size_t, int64_t));
COMPAT_PLAIN(long, pwrite64, (int, const void *, size_t, int64_t));
COMPAT_PLAIN(int64_t, lseek64, (int, int64_t, int));

/* The third argument is an int, a pointer or absent, depending on `command`. It is read as a pointer and passed on as a
   whole. */
COMPAT_DEFINE(int, fcntl64, (int fd, int command, ...))
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return plain_fcntl(fd, command, argument);
}

COMPAT_DEFINE(int, memfd_create, (const char *name, unsigned flags))
{
#ifdef SYS_memfd_create
    return (int)plain_syscall(SYS_memfd_create, name, flags);
#else
    (void)name, (void)flags;
    errno = ENOSYS;
    return -1;
#endif
}

COMPAT_DEFINE(long, getdents64, (int fd, void *buffer, size_t size))
{
    if (size > INT_MAX) /* the system call takes 32 bits */
        size = INT_MAX;
    return plain_syscall(SYS_getdents64, fd, buffer, size);
}

/* Without flags this calls renameat, which every kernel has. A kernel without renameat2 (before 3.15) supports no
   flag. */
COMPAT_DEFINE(int, renameat2, (int from, const char *old_path, int to, const char *new_path, unsigned flags))
{
    if (flags == 0)
        return plain_renameat(from, old_path, to, new_path);
#ifdef SYS_renameat2
    int result = (int)plain_syscall(SYS_renameat2, from, old_path, to, new_path, flags);
    if (result == 0 || errno != ENOSYS)
        return result;
#endif
    errno = EINVAL;
    return -1;
}

#ifdef STATX_BASIC_STATS

static struct statx_timestamp timestamp(struct timespec from)
{
    struct statx_timestamp to;
    __builtin_memset(&to, 0, sizeof to);
    to.tv_sec = from.tv_sec;
    to.tv_nsec = (unsigned)from.tv_nsec;
    return to;
}

/* The fields that fstatat64 has; stx_mask says which. A request to force or skip the synchronisation of a network file
   system is only a hint and is ignored. */
static int statx_by_stat(int fd, const char *path, int flags, struct statx *status)
{
    const int synchronisation = 0x6000; /* AT_STATX_SYNC_TYPE */
    const int permitted = synchronisation | 0x100 /* AT_SYMLINK_NOFOLLOW */ | 0x800 /* AT_NO_AUTOMOUNT */
                          | 0x1000 /* AT_EMPTY_PATH */;
    if ((flags & ~permitted) || (flags & synchronisation) == synchronisation) {
        errno = EINVAL;
        return -1;
    }
    struct stat64 from;
    if (plain_fstatat64(fd, path, &from, flags & ~synchronisation) != 0)
        return -1;
    __builtin_memset(status, 0, sizeof *status);
    status->stx_mask = STATX_BASIC_STATS;
    status->stx_blksize = (uint32_t)from.st_blksize;
    status->stx_nlink = (uint32_t)from.st_nlink;
    status->stx_uid = from.st_uid;
    status->stx_gid = from.st_gid;
    status->stx_mode = (uint16_t)from.st_mode;
    status->stx_ino = from.st_ino;
    status->stx_size = (uint64_t)from.st_size;
    status->stx_blocks = (uint64_t)from.st_blocks;
    status->stx_atime = timestamp(from.st_atim);
    status->stx_mtime = timestamp(from.st_mtim);
    status->stx_ctime = timestamp(from.st_ctim);
    status->stx_rdev_major = major(from.st_rdev);
    status->stx_rdev_minor = minor(from.st_rdev);
    status->stx_dev_major = major(from.st_dev);
    status->stx_dev_minor = minor(from.st_dev);
    return 0;
}

COMPAT_DEFINE(int, statx, (int fd, const char *path, int flags, unsigned mask, struct statx *status))
{
    COMPAT_PREFER_RUNNING(int, statx, (int, const char *, int, unsigned, struct statx *),
                          (fd, path, flags, mask, status));
#ifdef SYS_statx
    int result = (int)plain_syscall(SYS_statx, fd, path, flags, mask, status);
    if (result == 0 || errno != ENOSYS)
        return result;
#endif
    if (mask & 0x80000000u) { /* STATX__RESERVED */
        errno = EINVAL;
        return -1;
    }
    return statx_by_stat(fd, path, flags, status);
}

#endif

/* copy_file_range for a kernel without it (before 4.5), with the same rules: regular files only; no overlap within one
   file; an offset argument is used and advanced instead of the file's own offset; copying fewer bytes than requested is
   not an error. */

#define O_ACCESS_MODE 3
#define O_WRITE_ONLY 1
#define SEEK_TO 0
#define SEEK_HERE 1
#define GET_FLAGS 3 /* F_GETFL */

static int refuse(int error)
{
    errno = error;
    return -1;
}

static int may_copy(int in, int64_t from, int out, int64_t to, size_t size)
{
    struct stat64 source, target;
    int in_flags = plain_fcntl(in, GET_FLAGS), out_flags = plain_fcntl(out, GET_FLAGS);
    if (in_flags < 0 || out_flags < 0 || plain_fstat64(in, &source) != 0 || plain_fstat64(out, &target) != 0)
        return -1;
    if (S_ISDIR(source.st_mode) || S_ISDIR(target.st_mode))
        return refuse(EISDIR);
    if (!S_ISREG(source.st_mode) || !S_ISREG(target.st_mode) || from < 0 || to < 0)
        return refuse(EINVAL);
    if ((in_flags & O_ACCESS_MODE) == O_WRITE_ONLY || (out_flags & O_ACCESS_MODE) == 0 || (out_flags & O_APPEND))
        return refuse(EBADF);
    int same = source.st_dev == target.st_dev && source.st_ino == target.st_ino;
    uint64_t distance = from < to ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    if (same && distance < size)
        return refuse(EINVAL);
    return 0;
}

static long copy_by_hand(int in, int64_t *in_offset, int out, int64_t *out_offset, size_t size)
{
    char buffer[8192];
    int64_t from = in_offset ? *in_offset : plain_lseek64(in, 0, SEEK_HERE);
    int64_t to = out_offset ? *out_offset : plain_lseek64(out, 0, SEEK_HERE);
    size_t copied = 0;
    long count = 0;

    if (size > LONG_MAX)
        size = LONG_MAX;
    if (may_copy(in, from, out, to, size) != 0)
        return -1;
    while (copied < size) {
        size_t want = size - copied < sizeof buffer ? size - copied : sizeof buffer;
        count = plain_pread64(in, buffer, want, from + (int64_t)copied);
        if (count > 0)
            count = plain_pwrite64(out, buffer, (size_t)count, to + (int64_t)copied);
        if (count <= 0)
            break;
        copied += (size_t)count;
    }
    if (copied == 0 && count < 0)
        return -1;
    if (in_offset)
        *in_offset = from + (int64_t)copied;
    else
        plain_lseek64(in, from + (int64_t)copied, SEEK_TO);
    if (out_offset)
        *out_offset = to + (int64_t)copied;
    else
        plain_lseek64(out, to + (int64_t)copied, SEEK_TO);
    return (long)copied;
}

COMPAT_DEFINE(long, copy_file_range,
              (int in, int64_t *in_offset, int out, int64_t *out_offset, size_t size, unsigned flags))
{
    COMPAT_PREFER_RUNNING(long, copy_file_range, (int, int64_t *, int, int64_t *, size_t, unsigned),
                          (in, in_offset, out, out_offset, size, flags));
#ifdef SYS_copy_file_range
    long result = plain_syscall(SYS_copy_file_range, in, in_offset, out, out_offset, size, flags);
    if (result >= 0 || errno != ENOSYS)
        return result;
#endif
    if (flags != 0)
        return refuse(EINVAL);
    return copy_by_hand(in, in_offset, out, out_offset, size);
}
