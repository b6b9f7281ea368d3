/* mmap, mprotect, mremap, msync, madvise, mlock and memfd_create. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    long page = sysconf(_SC_PAGESIZE);
    CHECK(page >= 4096);
    char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED);
    map[0] = 'a', map[2 * page - 1] = 'z';
    map = mremap(map, 2 * page, 8 * page, MREMAP_MAYMOVE);
    CHECK(map != MAP_FAILED);
    SAME(map[0], 'a');
    SAME(map[2 * page - 1], 'z');
    SAME(map[8 * page - 1], 0);
    SAME(mprotect(map, page, PROT_READ), 0);
    SAME(madvise(map + page, page, MADV_DONTNEED), 0);
    SAME(map[2 * page - 1], 0);
    SAME(munmap(map, 8 * page), 0);
    int file = memfd_create("mapping", MFD_CLOEXEC);
    CHECK(file >= 0);
    CHECK(fcntl(file, F_GETFD) & FD_CLOEXEC);
    SAME(ftruncate(file, page), 0);
    map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(map != MAP_FAILED);
    memcpy(map, "shared", 7);
    SAME(msync(map, page, MS_SYNC), 0);
    char text[8] = "";
    SAME(pread(file, text, 7, 0), 7);
    TEXT(text, "shared");
    SAME(posix_madvise(map, page, POSIX_MADV_WILLNEED), 0);
    munmap(map, page);
    close(file);
    return faults;
}
