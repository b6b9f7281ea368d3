/* Times of files: utime and its relatives with 64-bit times (time64.h). */

#include <fcntl.h>
#include <sys/stat.h>

#include "time64.h"

COMPAT_PLAIN(int, utimensat, (int, const char *, const struct timespec[2], int));
COMPAT_PLAIN(int, futimens, (int, const struct timespec[2]));

#ifndef UTIME_NOW
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe
#endif

/* Fills *old if older functions can take the times. The seconds of UTIME_NOW and UTIME_OMIT do not count. */
static int narrow_times(const struct spec64 times[2], struct timespec old[2])
{
    for (int i = 0; i < 2; ++i) {
        int is_word = times[i].nsec == UTIME_NOW || times[i].nsec == UTIME_OMIT;
        old[i] = (struct timespec){is_word ? 0 : (time_t)times[i].sec, times[i].nsec};
        if (!is_word && !fits_in_32(times[i].sec))
            return 0;
    }
    return 1;
}

/* For the file of a descriptor, `path` is NULL. */
static int set_times(int fd, const char *path, const struct spec64 *times, int flags)
{
    struct timespec old[2];
    if (times && !narrow_times(times, old)) {
        struct spec64 copy[2] = {{times[0].sec, times[0].nsec, 0}, {times[1].sec, times[1].nsec, 0}};
        return (int)without_32(plain_syscall(CALL_UTIMENSAT64, fd, path, copy, flags));
    }
    return path ? plain_utimensat(fd, path, times ? old : 0, flags) : plain_futimens(fd, times ? old : 0);
}

static int set_micro_times(int fd, const char *path, const struct val64 *times, int flags)
{
    struct spec64 specs[2];
    if (!times)
        return set_times(fd, path, 0, flags);
    if (spec_of_val(&times[0], &specs[0]) != 0 || spec_of_val(&times[1], &specs[1]) != 0)
        return -1;
    return set_times(fd, path, specs, flags);
}

/* No path is no file, except for futimesat. */
static int fault_without(const char *path)
{
    if (!path)
        errno = EFAULT;
    return path == 0;
}

COMPAT_64(int, __utimensat64, (int fd, const char *path, const struct spec64 *times, int flags),
          (fd, path, times, flags))
{
    return set_times(fd, path, times, flags);
}

COMPAT_64(int, __futimens64, (int fd, const struct spec64 *times), (fd, times))
{
    return set_times(fd, 0, times, 0);
}

COMPAT_64(int, __utimes64, (const char *path, const struct val64 *times), (path, times))
{
    return fault_without(path) ? -1 : set_micro_times(AT_FDCWD, path, times, 0);
}

COMPAT_64(int, __lutimes64, (const char *path, const struct val64 *times), (path, times))
{
    return fault_without(path) ? -1 : set_micro_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

COMPAT_64(int, __futimes64, (int fd, const struct val64 *times), (fd, times))
{
    return set_micro_times(fd, 0, times, 0);
}

COMPAT_64(int, __futimesat64, (int fd, const char *path, const struct val64 *times), (fd, path, times))
{
    return set_micro_times(fd, path, times, 0);
}

COMPAT_64(int, __utime64, (const char *path, const struct times64 *times), (path, times))
{
    struct val64 values[2];
    if (fault_without(path))
        return -1;
    if (times) {
        values[0] = (struct val64){times->access, 0};
        values[1] = (struct val64){times->modification, 0};
    }
    return set_micro_times(AT_FDCWD, path, times ? values : 0, 0);
}
