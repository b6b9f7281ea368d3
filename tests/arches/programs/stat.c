/* stat, fstat, lstat, fstatat: every field that the program knows from what it wrote. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "expect.h"

static void check_file(const struct stat *status, ino_t inode)
{
    SAME(status->st_size, 12345);
    SAME(status->st_mode, S_IFREG | 0640);
    SAME(status->st_nlink, 2);
    SAME(status->st_mtim.tv_sec, 1234567890);
    SAME(status->st_mtim.tv_nsec, 500000000);
    SAME(status->st_atim.tv_sec, 1000000000);
    SAME(status->st_uid, geteuid());
    SAME(status->st_ino, inode);
    CHECK(status->st_blksize >= 512);
    CHECK(status->st_ctim.tv_sec > 1400000000);
}

int main(void)
{
    struct stat status, other;
    const struct timespec times[2] = {{1000000000, 0}, {1234567890, 500000000}};
    char folder[] = "statXXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    CHECK(chdir(folder) == 0);
    umask(0);
    int file = open("file", O_CREAT | O_RDWR, 0640);
    SAME(ftruncate(file, 12345), 0);
    SAME(link("file", "second"), 0);
    SAME(symlink("file", "link"), 0);
    SAME(futimens(file, times), 0);
    SAME(fstat(file, &status), 0);
    ino_t inode = status.st_ino;
    check_file(&status, inode);
    memset(&status, 0xa5, sizeof status);
    SAME(stat("second", &status), 0);
    check_file(&status, inode);
    memset(&status, 0xa5, sizeof status);
    SAME(fstatat(AT_FDCWD, "link", &status, 0), 0);
    check_file(&status, inode);
    SAME(lstat("link", &status), 0);
    SAME(status.st_size, 4);
    CHECK(S_ISLNK(status.st_mode) && status.st_ino != inode);
    SAME(fstatat(AT_FDCWD, "link", &other, AT_SYMLINK_NOFOLLOW), 0);
    SAME(other.st_ino, status.st_ino);
    SAME(stat("absent", &status), -1);
    SAME(errno, ENOENT);
    SAME(stat("/dev/null", &status), 0);
    CHECK(S_ISCHR(status.st_mode));
    SAME(major(status.st_rdev), 1);
    SAME(minor(status.st_rdev), 3);
    SAME(stat(".", &status), 0);
    CHECK(S_ISDIR(status.st_mode));
    SAME(chmod("file", 0600), 0);
    SAME(fchmodat(AT_FDCWD, "second", 04711, 0), 0);
    SAME(stat("file", &status), 0);
    SAME(status.st_mode, S_IFREG | 04711);
    struct statx more;
    if (statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &more) == 0) {
        SAME(more.stx_size, 12345);
        SAME(more.stx_ino, inode);
    }
    unlink("link"), unlink("second"), unlink("file");
    CHECK(chdir("..") == 0);
    rmdir(folder);
    return faults;
}
