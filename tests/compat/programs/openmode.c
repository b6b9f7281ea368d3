/* openat gives a file without a name the mode that it is called with; all else is libc's. */

#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"

extern int openat64(int, const char *, int, ...);

#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

static int mode_of(int file)
{
    struct stat stat;
    return fstat(file, &stat) == 0 ? (int)(stat.st_mode & 07777) : -1;
}

int main(void)
{
    char folder[] = "openmodeXXXXXX";
    umask(022);
    EXPECT_TRUE(mkdtemp(folder) != NULL);
    int at = open(folder, O_RDONLY | O_DIRECTORY);
    int file = openat(at, ".", O_TMPFILE | O_RDWR, 0666);
    if (file >= 0 || errno != EOPNOTSUPP) { /* not every file system has such files */
        EXPECT(mode_of(file), 0644);
        EXPECT(write(file, "abc", 3), 3);
        file = openat64(at, ".", O_TMPFILE | O_RDWR, 0751);
        EXPECT(mode_of(file), 0751 & ~022);
    }
    EXPECT(mode_of(openat(at, "file", O_CREAT | O_RDWR, 0640)), 0640);
    EXPECT(mode_of(openat64(at, "other", O_CREAT | O_EXCL | O_WRONLY, 0600)), 0600);
    EXPECT_ERROR(openat(at, "other", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
    EXPECT_ERROR(openat64(at, "nothing", O_RDONLY), ENOENT);
    EXPECT_TRUE(openat(at, ".", O_RDONLY | O_DIRECTORY) >= 0);
    EXPECT_ERROR(openat(-1, "file", O_RDONLY), EBADF);
    unlinkat(at, "file", 0);
    unlinkat(at, "other", 0);
    rmdir(folder);
    return faults;
}
