/* The "at" functions, temporary files, renameat2, links, realpath, utimensat, statvfs, access, truncate, copy_file_range. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    char name[] = "tempXXXXXX", suffixed[] = "tempXXXXXX.txt", folder[] = "foldXXXXXX", link_text[20] = "", path[PATH_MAX];
    struct statvfs system;
    struct statfs linux_system;
    struct stat status;
    CHECK(mkdtemp(folder) != NULL);
    int file = mkostemp(name, O_CLOEXEC), other = mkstemps(suffixed, 4), at = open(folder, O_RDONLY | O_DIRECTORY);
    CHECK(file >= 0 && other >= 0 && at >= 0);
    SAME(write(file, "content", 7), 7);
    SAME(linkat(AT_FDCWD, name, at, "hard", 0), 0);
    SAME(symlinkat("hard", at, "soft"), 0);
    SAME(readlinkat(at, "soft", link_text, sizeof link_text), 4);
    TEXT(link_text, "hard");
    SAME(faccessat(at, "soft", R_OK, 0), 0);
    SAME(mkdirat(at, "inner", 0700), 0);
    SAME(renameat(at, "hard", at, "inner/moved"), 0);
    SAME(fstatat(at, "inner/moved", &status, 0), 0);
    SAME(status.st_size, 7);
    SAME(renameat2(at, "inner/moved", AT_FDCWD, name, RENAME_NOREPLACE), -1);
    CHECK(errno == EEXIST || errno == EINVAL || errno == ENOSYS);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {1111111111, 0}};
    SAME(utimensat(at, "inner/moved", times, 0), 0);
    SAME(fstat(file, &status), 0);
    SAME(status.st_mtime, 1111111111);
    struct timeval values[2] = {{5, 0}, {6, 0}};
    SAME(utimes(name, values), 0);
    SAME(stat(name, &status), 0);
    SAME(status.st_atime * 10 + status.st_mtime, 56);
    SAME(truncate(name, 3), 0);
    off64_t from = 0, to = 0;
    errno = 0;
    ssize_t copied = copy_file_range(file, &from, other, &to, 3, 0);
    CHECK(copied == 3 || errno == ENOSYS || errno == EXDEV || errno == EINVAL);
    SAME(flock(file, LOCK_EX | LOCK_NB), 0);
    SAME(lockf(other, F_TLOCK, 0), 0);
    SAME(fsync(file) + fdatasync(file), 0);
    SAME(statvfs(".", &system), 0);
    SAME(statfs(".", &linux_system), 0);
    SAME(system.f_frsize, linux_system.f_frsize);
    CHECK(system.f_namemax >= 100);
    SAME(unlinkat(at, "inner/moved", 0), 0);
    SAME(unlinkat(at, "inner", AT_REMOVEDIR), 0);
    SAME(unlinkat(at, "soft", 0), 0);
    CHECK(realpath(folder, path) != NULL && strcmp(basename(path), folder) == 0);
    SAME(rmdir(folder), 0);
    SAME(access(folder, F_OK), -1);
    SAME(remove(name) + remove(suffixed), 0);
    SAME(fcntl(at, F_DUPFD_CLOEXEC, 200) >= 200, 1);
    closefrom(200);
    SAME(fcntl(200, F_GETFD), -1);
    return faults;
}
