/* Offsets beyond four gigabytes with the plain names.
   flags: -D_FILE_OFFSET_BITS=64 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    const off_t far = 6000000000;
    char text[10] = "";
    struct stat status;
    struct iovec part = {text, 6};
    SAME(sizeof(off_t), 8);
    int file = open("offset64.data", O_CREAT | O_RDWR | O_TRUNC, 0600);
    SAME(lseek(file, far, SEEK_SET), far);
    SAME(write(file, "beyond", 6), 6);
    SAME(preadv(file, &part, 1, far), 6);
    TEXT(text, "beyond");
    SAME(pwrite(file, "B", 1, far), 1);
    SAME(pread(file, text, 1, far), 1);
    SAME(text[0], 'B');
    SAME(fstat(file, &status), 0);
    SAME(status.st_size, far + 6);
    SAME(stat("offset64.data", &status), 0);
    SAME(status.st_size, far + 6);
    SAME(posix_fadvise(file, far, 6, POSIX_FADV_NORMAL), 0);
    FILE *stream = fopen("offset64.data", "r");
    SAME(fseeko(stream, far + 1, SEEK_SET), 0);
    SAME(fgetc(stream), 'e');
    SAME(ftello(stream), far + 2);
    fclose(stream);
    SAME(ftruncate(file, far + 1), 0);
    SAME(lseek(file, 0, SEEK_END), far + 1);
    struct rlimit limit;
    SAME(getrlimit(RLIMIT_CORE, &limit), 0);
    CHECK(limit.rlim_cur <= limit.rlim_max);
    DIR *folder = opendir(".");
    int seen = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, "offset64.data") == 0) {
            seen++;
            SAME(entry->d_ino, status.st_ino);
        }
    SAME(seen, 1);
    closedir(folder);
    close(file);
    unlink("offset64.data");
    return faults;
}
