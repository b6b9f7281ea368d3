/* The stat family tells the same as the system call; mknod makes what it is asked to. */

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "check.h"

int main(void)
{
    struct stat s;
    struct stat64 l;
    int fd = open("file", O_CREAT | O_RDWR, 0640);
    EXPECT(write(fd, "12345", 5), 5);
    EXPECT(symlink("file", "link"), 0);

    EXPECT(stat("link", &s), 0);
    EXPECT(s.st_size, 5);
    EXPECT_TRUE(S_ISREG(s.st_mode));
    EXPECT(s.st_nlink, 1);
    EXPECT(s.st_uid, getuid());
    EXPECT_TRUE(s.st_mtim.tv_sec > 1000000000);
    EXPECT(lstat("link", &s), 0);
    EXPECT_TRUE(S_ISLNK(s.st_mode));
    EXPECT(fstat(fd, &s), 0);
    EXPECT(s.st_size, 5);
    EXPECT(fstatat(AT_FDCWD, "link", &s, AT_SYMLINK_NOFOLLOW), 0);
    EXPECT_TRUE(S_ISLNK(s.st_mode));
    EXPECT(fstatat(fd, "", &s, AT_EMPTY_PATH), 0);
    EXPECT(s.st_size, 5);

    EXPECT(stat64("link", &l), 0);
    EXPECT(l.st_size, 5);
    EXPECT(lstat64("link", &l), 0);
    EXPECT_TRUE(S_ISLNK(l.st_mode));
    EXPECT(fstat64(fd, &l), 0);
    EXPECT(l.st_ino, s.st_ino);
    EXPECT(fstatat64(AT_FDCWD, "file", &l, 0), 0);
    EXPECT(l.st_dev, s.st_dev);

    EXPECT_ERROR(stat("absent", &s), ENOENT);
    EXPECT_ERROR(lstat("absent", &s), ENOENT);
    EXPECT_ERROR(fstat(-1, &s), EBADF);
    EXPECT_ERROR(fstatat(AT_FDCWD, "file", &s, 0x40000000), EINVAL);
    EXPECT_ERROR(stat64("file/below", &l), ENOTDIR);
    EXPECT_ERROR(fstatat64(-1, "file", &l, 0), EBADF);

    umask(0);
    EXPECT(mknod("fifo", S_IFIFO | 0600, 0), 0);
    EXPECT(stat("fifo", &s), 0);
    EXPECT(s.st_mode, S_IFIFO | 0600);
    EXPECT(mknodat(AT_FDCWD, "plain", S_IFREG | 0604, 0), 0);
    EXPECT(stat("plain", &s), 0);
    EXPECT(s.st_mode, S_IFREG | 0604);
    EXPECT_ERROR(mknod("plain", S_IFREG | 0600, 0), EEXIST);
    EXPECT_ERROR(mknodat(AT_FDCWD, "big", S_IFCHR | 0600, 1ULL << 40), EINVAL);
    if (getuid() == 0) {
        EXPECT(mknod("device", S_IFCHR | 0600, makedev(1, 3)), 0);
        EXPECT(stat("device", &s), 0);
        EXPECT(s.st_rdev, makedev(1, 3));
    }
    return faults;
}
