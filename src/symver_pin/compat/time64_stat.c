/* stat and its relatives with 64-bit times (time64.h). */

#include "status64.h"
#include "time64.h"

COMPAT_PLAIN(int, fstat64, (int, struct stat64 *));

COMPAT_64(int, __stat64_time64, (const char *path, struct status64 *status), (path, status))
{
    return read_status(AT_FDCWD, path, 0, status);
}

COMPAT_64(int, __lstat64_time64, (const char *path, struct status64 *status), (path, status))
{
    return read_status(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status);
}

COMPAT_64(int, __fstatat64_time64, (int directory, const char *path, struct status64 *status, int flags),
          (directory, path, status, flags))
{
    return read_status(directory, path, flags, status);
}

COMPAT_64(int, __fstat64_time64, (int fd, struct status64 *status), (fd, status))
{
    struct stat64 old;
    if (fd < 0) { /* AT_FDCWD is a directory for the system call, and no descriptor */
        errno = EBADF;
        return -1;
    }
    if (read_status(fd, "", AT_EMPTY_PATH, status) == 0)
        return 0;
    if (errno != ENOENT && errno != EINVAL && !lacks_time64()) /* without AT_EMPTY_PATH: before Linux 2.6.39 */
        return -1;
    if (plain_fstat64(fd, &old) != 0)
        return -1;
    status_of_old(&old, status);
    return 0;
}
