/* qemu 10 gives no nanoseconds for the system calls stat and fstat on s390x, as __xstat makes them; newfstatat has them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../programs/expect.h"

int main(void)
{
    struct stat by_call, by_libc;
    const struct timespec times[2] = {{1, 0}, {1, 500000000}};
    int file = open("stat.data", O_CREAT | O_RDWR, 0600);
    SAME(futimens(file, times), 0);
    SAME(fstatat(AT_FDCWD, "stat.data", &by_libc, 0), 0);
    SAME(by_libc.st_mtim.tv_nsec, 500000000);
    SAME(syscall(SYS_stat, "stat.data", &by_call), 0);
    SAME(by_call.st_mtim.tv_nsec, 500000000);
    return faults;
}
