/* A child by its descriptor: signalled, copied from, awaited, named. */

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "check.h"

extern int pidfd_open(pid_t, unsigned);
extern int pidfd_getfd(int, int, unsigned);
extern int pidfd_send_signal(int, int, siginfo_t *, unsigned);
extern pid_t pidfd_getpid(int);

static void children(void)
{
    int pipes[2], status;
    EXPECT(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int fd = pidfd_open(child, 0);
    EXPECT_TRUE(fd > 2);
    EXPECT(fcntl(fd, F_GETFD), FD_CLOEXEC);
    errno = 77;
    EXPECT(pidfd_getpid(fd), child);
    EXPECT(errno, 77);
    EXPECT(dup2(fd, 345), 345); /* a number of several digits */
    EXPECT(pidfd_getpid(345), child);
    close(345);

    int copy = pidfd_getfd(fd, pipes[1], 0);
    EXPECT(write(copy, "x", 1), 1);
    char byte = 0;
    EXPECT(read(pipes[0], &byte, 1), 1);
    EXPECT(byte, 'x');
    EXPECT_ERROR(pidfd_getfd(fd, 5000, 0), EBADF);
    EXPECT_ERROR(pidfd_getfd(fd, pipes[1], 1), EINVAL);

    EXPECT(pidfd_send_signal(fd, 0, 0, 0), 0);
    EXPECT_ERROR(pidfd_send_signal(fd, 1000, 0, 0), EINVAL);
    EXPECT(pidfd_send_signal(fd, SIGTERM, 0, 0), 0);
    EXPECT(waitpid(child, &status, 0), child);
    EXPECT(WTERMSIG(status), SIGTERM);
    EXPECT_ERROR(pidfd_send_signal(fd, 0, 0, 0), ESRCH);
    EXPECT_ERROR(pidfd_getpid(fd), ESRCH);
    close(fd);
}

static void errors(void)
{
    int null = open("/dev/null", O_RDONLY);
    EXPECT_ERROR(pidfd_open(-1, 0), EINVAL);
    EXPECT_ERROR(pidfd_open(getpid(), 0x40000000), EINVAL);
    EXPECT_ERROR(pidfd_getfd(null, 0, 0), EBADF);
    EXPECT_ERROR(pidfd_send_signal(null, 0, 0, 0), EBADF);
    EXPECT_ERROR(pidfd_getpid(-1), EBADF);
    EXPECT_ERROR(pidfd_getpid(5000), EBADF);
    EXPECT_ERROR(pidfd_getpid(null), EBADF);
    close(null);
}

int main(int count, char **arguments)
{
    children();
    errors();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_pidfd_open);
        EXPECT_ERROR(pidfd_open(getpid(), 0), ENOSYS);
        if (!is_libcs_own(39)) { /* libc's asks the descriptor itself from 2.42 on */
            without_system_call(SYS_openat);
            EXPECT_ERROR(pidfd_getpid(0), ENOSYS);
        }
    }
    return faults;
}
