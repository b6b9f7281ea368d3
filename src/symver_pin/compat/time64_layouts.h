/* The structures of a program that is compiled with -D_TIME_BITS=64 and -D_FILE_OFFSET_BITS=64 for i386 or 32-bit Arm,
   with names of this project. They are described in libc's headers (2.34). */

#ifndef SYMVER_PIN_TIME64_LAYOUTS_H
#define SYMVER_PIN_TIME64_LAYOUTS_H

#include <stddef.h>
#include <stdint.h>

struct spec64 { /* struct timespec */
    int64_t sec;
    int32_t nsec;
    int32_t padding;
};

struct val64 { /* struct timeval */
    int64_t sec;
    int64_t usec;
};

struct timer_spec64 { /* struct itimerspec */
    struct spec64 interval, value;
};

struct timer_val64 { /* struct itimerval */
    struct val64 interval, value;
};

struct times64 { /* struct utimbuf */
    int64_t access, modification;
};

struct status64 { /* struct stat */
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev;
    int64_t size;
    int32_t blksize;
    int64_t blocks;
    struct spec64 atim, mtim, ctim;
};

struct usage64 { /* struct rusage */
    struct val64 utime, stime;
    int32_t others[14];
};

struct adjustment64 { /* struct timex */
    uint32_t modes, padding1;
    int64_t offset, freq, maxerror, esterror;
    int32_t status, padding2;
    int64_t constant, precision, tolerance;
    struct val64 time;
    int64_t tick, ppsfreq, jitter;
    int32_t shift, padding3;
    int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
    int32_t tai, reserved[11];
};

struct ntp64 { /* struct ntptimeval */
    struct val64 time;
    int32_t maxerror, esterror, tai, reserved[4];
};

struct permissions { /* struct ipc_perm, 36 bytes */
    int32_t key;
    uint32_t owner[4], mode;
    uint16_t sequence, padding;
    uint32_t reserved[2];
};

struct semaphores64 { /* struct semid_ds */
    struct permissions perm;
    int64_t otime, ctime;
    uint32_t nsems, reserved[2];
};

struct messages64 { /* struct msqid_ds */
    struct permissions perm;
    int64_t stime, rtime, ctime;
    uint32_t cbytes, qnum, qbytes;
    int32_t lspid, lrpid;
    uint32_t reserved[2];
};

struct memory64 { /* struct shmid_ds */
    struct permissions perm;
    uint32_t segsz;
    int64_t atime, dtime, ctime;
    int32_t cpid, lpid;
    uint32_t nattch, reserved[2];
};

struct entry64 { /* FTSENT */
    struct entry64 *cycle, *parent, *link;
    int32_t number;
    void *pointer;
    char *accpath, *path;
    int32_t error, symfd;
    uint16_t pathlen, namelen;
    uint64_t ino, dev;
    uint32_t nlink;
    int16_t level;
    uint16_t info, flags, instr;
    struct status64 *statp;
    char name[1];
};

#endif
