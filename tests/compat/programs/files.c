/* Descriptors and files, with the system calls and on a kernel that lacks them. */

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "check.h"

extern int fcntl64(int, int, ...);
extern ssize_t getdents64(int, void *, size_t);

static int file_with(const char *name, const char *content, int flags)
{
    int fd = open(name, O_CREAT | O_TRUNC | O_RDWR | flags, 0600);
    EXPECT(write(fd, content, strlen(content)), strlen(content));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void holds(const char *name, const char *content)
{
    char text[64] = {0};
    int fd = open(name, O_RDONLY);
    EXPECT_TRUE(read(fd, text, sizeof text - 1) >= 0);
    if (strcmp(text, content) != 0) {
        printf("%s:%d: %s: expected %s got %s\n", __FILE__, __LINE__, name, content, text);
        faults = 1;
    }
    close(fd);
}

static void fcntls(void)
{
    int fd = file_with("locked", "1234567890", 0);
    struct flock64 lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    EXPECT(fcntl64(fd, F_SETFD, FD_CLOEXEC), 0);
    EXPECT(fcntl64(fd, F_GETFD), FD_CLOEXEC);
    int copy = fcntl64(fd, F_DUPFD_CLOEXEC, 77);
    EXPECT_TRUE(copy >= 77);
    EXPECT(fcntl64(copy, F_GETFL) & O_ACCMODE, O_RDWR);
    EXPECT(fcntl64(fd, F_SETLK64, &lock), 0);
    EXPECT(fcntl64(fd, F_GETLK64, &lock), 0);
    EXPECT(lock.l_type, F_UNLCK);
    EXPECT_ERROR(fcntl64(-1, F_GETFD), EBADF);
    close(copy);
    close(fd);
}

static void statxs(void)
{
    struct stat s;
    struct statx x;
    int fd = file_with("target", "12345", 0);
    unlink("link");
    EXPECT(symlink("target", "link"), 0);
    EXPECT(stat("target", &s), 0);
    memset(&x, 0xa5, sizeof x);
    EXPECT(statx(AT_FDCWD, "link", 0, STATX_BASIC_STATS, &x), 0);
    EXPECT(x.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    EXPECT(x.stx_size, 5);
    EXPECT(x.stx_mode, s.st_mode);
    EXPECT(x.stx_ino, s.st_ino);
    EXPECT(x.stx_nlink, 1);
    EXPECT(x.stx_uid, s.st_uid);
    EXPECT(x.stx_gid, s.st_gid);
    EXPECT(x.stx_blocks, s.st_blocks);
    EXPECT(x.stx_blksize, s.st_blksize);
    EXPECT(x.stx_mtime.tv_sec, s.st_mtim.tv_sec);
    EXPECT(x.stx_mtime.tv_nsec, s.st_mtim.tv_nsec);
    EXPECT(x.stx_ctime.tv_nsec, s.st_ctim.tv_nsec);
    EXPECT(x.stx_atime.tv_nsec, s.st_atim.tv_nsec);
    EXPECT(makedev(x.stx_dev_major, x.stx_dev_minor), s.st_dev);
    EXPECT(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x), 0);
    EXPECT_TRUE(S_ISLNK(x.stx_mode));
    EXPECT(statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_SIZE, &x), 0);
    EXPECT(x.stx_size, 5);
    EXPECT_ERROR(statx(AT_FDCWD, "absent", 0, STATX_BASIC_STATS, &x), ENOENT);
    EXPECT_ERROR(statx(AT_FDCWD, "link", 0x40000000, STATX_BASIC_STATS, &x), EINVAL);
    EXPECT_ERROR(statx(AT_FDCWD, "link", AT_STATX_SYNC_TYPE, STATX_BASIC_STATS, &x), EINVAL);
    EXPECT_ERROR(statx(AT_FDCWD, "link", 0, STATX__RESERVED, &x), EINVAL);
    close(fd);
}

static void copies(void)
{
    int in = file_with("in", "0123456789", 0), out = file_with("out", "..............", 0), pipes[2];
    off64_t from = 2, to = 5;
    EXPECT(copy_file_range(in, &from, out, &to, 3, 0), 3);
    EXPECT(from, 5);
    EXPECT(to, 8);
    EXPECT(lseek(in, 0, SEEK_CUR), 0);
    EXPECT(lseek(out, 0, SEEK_CUR), 0);
    holds("out", ".....234......");

    lseek(in, 7, SEEK_SET);
    lseek(out, 12, SEEK_SET);
    EXPECT(copy_file_range(in, 0, out, 0, 100, 0), 3);
    EXPECT(lseek(in, 0, SEEK_CUR), 10);
    EXPECT(lseek(out, 0, SEEK_CUR), 15);
    holds("out", ".....234....789");
    EXPECT(copy_file_range(in, 0, out, 0, 100, 0), 0); /* at the end */
    EXPECT(copy_file_range(in, &from, out, 0, 0, 0), 0);

    from = 0, to = 5;
    EXPECT(copy_file_range(in, &from, in, &to, 5, 0), 5); /* within one file, side by side */
    holds("in", "0123401234");
    from = 0, to = 4;
    EXPECT_ERROR(copy_file_range(in, &from, in, &to, 5, 0), EINVAL);
    EXPECT(from, 0);
    EXPECT_ERROR(copy_file_range(in, &from, out, &to, 5, 1), EINVAL);
    EXPECT_ERROR(copy_file_range(-1, 0, out, 0, 5, 0), EBADF);

    int directory = open(".", O_RDONLY), reader = open("in", O_RDONLY), writer = open("out", O_WRONLY);
    int appender = open("out", O_WRONLY | O_APPEND);
    EXPECT_ERROR(copy_file_range(directory, 0, out, 0, 5, 0), EISDIR);
    EXPECT_ERROR(copy_file_range(in, &from, reader, &to, 5, 0), EBADF);
    EXPECT_ERROR(copy_file_range(writer, &from, out, &to, 5, 0), EBADF);
    EXPECT_ERROR(copy_file_range(in, &from, appender, 0, 5, 0), EBADF);
    EXPECT(pipe(pipes), 0);
    EXPECT_ERROR(copy_file_range(pipes[0], 0, out, 0, 5, 0), EINVAL);

    /* More than one bufferful. */
    static char bytes[50000], again[50000];
    for (size_t i = 0; i < sizeof bytes; ++i)
        bytes[i] = (char)(i * 7 + i / 256);
    int big = file_with("big", "", 0), twin = file_with("twin", "", 0);
    EXPECT(write(big, bytes, sizeof bytes), sizeof bytes);
    lseek(big, 0, SEEK_SET);
    size_t done = 0;
    ssize_t count;
    while ((count = copy_file_range(big, 0, twin, 0, sizeof bytes - done, 0)) > 0)
        done += (size_t)count;
    EXPECT(done, sizeof bytes);
    EXPECT(pread(twin, again, sizeof again, 0), sizeof again);
    EXPECT(memcmp(bytes, again, sizeof bytes), 0);
    for (int fd = in; fd < 40; ++fd)
        close(fd);
}

static void others(void)
{
    char buffer[4096];
    int memory = memfd_create("name", MFD_CLOEXEC);
    EXPECT_TRUE(memory >= 0);
    EXPECT(write(memory, "abc", 3), 3);
    EXPECT(fcntl(memory, F_GETFD), FD_CLOEXEC);
    EXPECT_ERROR(memfd_create("name", 0x10000000), EINVAL);
    close(memory);

    int directory = open(".", O_RDONLY | O_DIRECTORY), found = 0;
    ssize_t size;
    close(file_with("entry", "", 0));
    while ((size = getdents64(directory, buffer, sizeof buffer)) > 0)
        for (ssize_t at = 0; at < size; at += ((struct dirent64 *)(buffer + at))->d_reclen)
            found += strcmp(((struct dirent64 *)(buffer + at))->d_name, "entry") == 0;
    EXPECT(size, 0);
    EXPECT(found, 1);
    EXPECT_ERROR(getdents64(-1, buffer, sizeof buffer), EBADF);
    close(directory);

    close(file_with("one", "1", 0));
    close(file_with("two", "2", 0));
    EXPECT_ERROR(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_NOREPLACE), EEXIST);
    EXPECT(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_EXCHANGE), 0);
    holds("one", "2");
    EXPECT(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", 0), 0);
    holds("two", "2");
    EXPECT_ERROR(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", 0), ENOENT);
}

int main(int count, char **arguments)
{
    fcntls();
    statxs();
    copies();
    others();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_statx);
        without_system_call(SYS_copy_file_range);
        if (!is_libcs_own(28)) /* what libc's own does without the system call depends on its release */
            statxs();
        if (!is_libcs_own(27))
            copies();
        else if (running_minor() >= 30) /* before, libc copied the bytes itself */
            EXPECT_ERROR(copy_file_range(0, 0, 1, 0, 1, 0), ENOSYS);
        without_system_call(SYS_renameat2);
        close(file_with("one", "1", 0));
        EXPECT(renameat2(AT_FDCWD, "one", AT_FDCWD, "two", 0), 0);
        EXPECT_ERROR(renameat2(AT_FDCWD, "two", AT_FDCWD, "one", RENAME_NOREPLACE), EINVAL);
        without_system_call(SYS_memfd_create);
        EXPECT_ERROR(memfd_create("name", 0), ENOSYS);
    }
    return faults;
}
