/* The functions with names that end in 64: offsets beyond four gigabytes on every architecture. */
#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    const off64_t far = 5000000000;
    char text[10] = "";
    struct stat64 status;
    struct statvfs64 system;
    int file = open64("large64.data", O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK(file >= 0);
    SAME(lseek64(file, far, SEEK_SET), far);
    SAME(write(file, "beyond", 6), 6);
    SAME(pwrite64(file, "B", 1, far), 1);
    SAME(pread64(file, text, 6, far), 6);
    TEXT(text, "Beyond");
    SAME(fstat64(file, &status), 0);
    SAME(status.st_size, far + 6);
    SAME(stat64("large64.data", &status), 0);
    SAME(status.st_size, far + 6);
    SAME(lstat64("large64.data", &status), 0);
    SAME(fstatat64(AT_FDCWD, "large64.data", &status, 0), 0);
    SAME(status.st_size, far + 6);
    SAME(fstatvfs64(file, &system), 0);
    CHECK(system.f_bsize > 0);
    SAME(ftruncate64(file, far + 100), 0);
    SAME(lseek64(file, -100, SEEK_END), far);
    char *map = mmap64(NULL, 65536, PROT_READ, MAP_SHARED, file, 4999938048 / 65536 * 65536);
    CHECK(map != MAP_FAILED);
    SAME(munmap(map, 65536), 0);
    FILE *stream = fopen64("large64.data", "r+");
    SAME(fseeko64(stream, far, SEEK_SET), 0);
    SAME(fgetc(stream), 'B');
    SAME(ftello64(stream), far + 1);
    fclose(stream);
    struct flock64 lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = far, .l_len = 10};
    SAME(fcntl(file, F_SETLK64, &lock), 0);
    SAME(truncate64("large64.data", 3), 0);
    SAME(lseek64(file, 0, SEEK_END), 3);
    close(file);
    unlink("large64.data");
    return faults;
}
