/* closefrom closes all from a number on and nothing below, by the system call, by /proc, and with a full table. */

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "check.h"

extern void closefrom(int);

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void closes(void)
{
    for (int fd = 20; fd < 400; ++fd) /* more than one bufferful of a directory */
        EXPECT(dup2(2, fd), fd);
    EXPECT(dup2(2, 800), 800);
    closefrom(300);
    for (int fd = 20; fd < 300; ++fd)
        EXPECT_TRUE(is_open(fd));
    for (int fd = 300; fd < 900; ++fd)
        EXPECT_TRUE(!is_open(fd));
    closefrom(10);
    EXPECT_TRUE(is_open(2));
    EXPECT_TRUE(!is_open(20));
    closefrom(1000000);
    EXPECT_TRUE(is_open(2));
}

static void closes_a_full_table(void)
{
    struct rlimit before, few = {40, 40};
    EXPECT(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    EXPECT(dup2(2, 500), 500); /* above the limit that comes */
    EXPECT(setrlimit(RLIMIT_NOFILE, &few), 0);
    while (dup(2) >= 0)
        continue;
    EXPECT(errno, EMFILE);
    closefrom(12);
    EXPECT_TRUE(is_open(11));
    EXPECT_TRUE(!is_open(12));
    EXPECT_TRUE(!is_open(39));
    EXPECT_TRUE(!is_open(500));
    closefrom(3);
    EXPECT(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void closes_everything(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        closefrom(-5);
        _exit(is_open(0) || is_open(1) || is_open(2));
    }
    EXPECT(waitpid(child, &status, 0), child);
    EXPECT(status, 0);
}

int main(int count, char **arguments)
{
    int status = 0;
    closes();
    closes_a_full_table();
    closes_everything();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_close_range);
        closes();
        closes_a_full_table();
        closes_everything();
        pid_t child = fork();
        if (child == 0) {
            struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            without_system_call(SYS_openat); /* as good as no /proc */
            closefrom(10);
            _exit(0);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
    return faults;
}
