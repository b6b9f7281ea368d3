/* The status of a file with 64-bit times: by statx (Linux 4.11), else by the older function, whose times have 32
   bits. */

#ifndef SYMVER_PIN_STATUS64_H
#define SYMVER_PIN_STATUS64_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "time64.h"

#ifdef __arm__
#define CALL_STATX 397
#else
#define CALL_STATX 383
#endif

struct kernel_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

/* `struct statx` of Linux, 256 bytes on every architecture. */
struct kernel_status {
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, reserved1;
    uint64_t ino, size, blocks, attributes_mask;
    struct kernel_time atime, btime, ctime, mtime;
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t reserved2[14];
};

COMPAT_PLAIN(int, fstatat64, (int, const char *, struct stat64 *, int));

static inline struct spec64 time_of(const struct kernel_time *from)
{
    return (struct spec64){from->seconds, (int32_t)from->nanoseconds, 0};
}

static inline void status_of_old(const struct stat64 *from, struct status64 *to)
{
    *to = (struct status64){
        .dev = from->st_dev, .ino = from->st_ino, .mode = from->st_mode, .nlink = from->st_nlink,
        .uid = from->st_uid, .gid = from->st_gid, .rdev = from->st_rdev, .size = from->st_size,
        .blksize = from->st_blksize, .blocks = from->st_blocks, .atim = widen_spec(&from->st_atim),
        .mtim = widen_spec(&from->st_mtim), .ctim = widen_spec(&from->st_ctim),
    };
}

static inline int read_status(int directory, const char *path, int flags, struct status64 *status)
{
    struct kernel_status k;
    struct stat64 old;
    /* STATX_BASIC_STATS; AT_NO_AUTOMOUNT, as stat() */
    if (plain_syscall(CALL_STATX, directory, path, flags | 0x800, 0x7ff, &k) == 0) {
        *status = (struct status64){
            .dev = makedev(k.dev_major, k.dev_minor), .ino = k.ino, .mode = k.mode, .nlink = k.nlink,
            .uid = k.uid, .gid = k.gid, .rdev = makedev(k.rdev_major, k.rdev_minor), .size = (int64_t)k.size,
            .blksize = (int32_t)k.blksize, .blocks = (int64_t)k.blocks, .atim = time_of(&k.atime),
            .mtim = time_of(&k.mtime), .ctim = time_of(&k.ctime),
        };
        return 0;
    }
    if (!lacks_time64() || plain_fstatat64(directory, path, &old, flags) != 0)
        return -1;
    status_of_old(&old, status);
    return 0;
}

#endif
