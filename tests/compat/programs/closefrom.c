/* closefrom and close_range treat what they should and nothing else: by the system call, by /proc, with a full table. */

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "check.h"

extern void closefrom(int);
extern int close_range(unsigned, unsigned, int);

#define UNSHARE 2u /* CLOSE_RANGE_UNSHARE */
#define MARK 4u    /* CLOSE_RANGE_CLOEXEC */

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

static void ranges(void)
{
    for (int fd = 100; fd < 300; ++fd)
        EXPECT(dup2(2, fd), fd);
    errno = 77;
    EXPECT(close_range(150, 199, 0), 0);
    EXPECT(errno, 77);
    for (int fd = 100; fd < 300; ++fd)
        EXPECT(is_open(fd), fd < 150 || fd > 199);
    EXPECT(close_range(200, 249, MARK), 0);
    for (int fd = 200; fd < 300; ++fd)
        EXPECT(fcntl(fd, F_GETFD), fd < 250 ? FD_CLOEXEC : 0);
    EXPECT(close_range(290, ~0u, 0), 0);
    EXPECT_TRUE(is_open(289) && !is_open(290));
    EXPECT(close_range(3000000000u, ~0u, 0), 0);
    EXPECT(close_range(400, 400, 0), 0);
    EXPECT_ERROR(close_range(10, 9, 0), EINVAL);
    EXPECT_ERROR(close_range(9, 10, 8), EINVAL);
    EXPECT_ERROR(close_range(10, 9, MARK), EINVAL);
    EXPECT(close_range(100, ~0u, 0), 0);
}

static void *lives_alone(void *unused)
{
    EXPECT(close_range(100, 200, UNSHARE), 0);
    EXPECT_TRUE(!is_open(100) && is_open(2));
    return unused;
}

/* A thread that unshares the table closes its own descriptors and nobody else's. */
static void unshares(void)
{
    pthread_t thread;
    EXPECT(dup2(2, 100), 100);
    EXPECT(pthread_create(&thread, 0, lives_alone, 0), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT_TRUE(is_open(100));
    close(100);
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

static void all(void)
{
    closes();
    closes_a_full_table();
    closes_everything();
    ranges();
    unshares();
}

int main(int count, char **arguments)
{
    int status = 0;
    all();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_close_range);
        if (is_libcs_own(34)) {
            EXPECT_ERROR(close_range(100, 200, 0), ENOSYS); /* libc's function does nothing else */
            closes();
            closes_everything();
            return faults;
        }
        all();
        pid_t child = fork();
        if (child == 0) {
            without_system_call(SYS_gettid); /* as good as a /proc that has other numbers for threads */
            all();
            without_system_call(SYS_openat); /* as good as no /proc */
            closes();
            closes_everything();
            ranges();
            unshares();
            _exit(faults);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
    }
    return faults;
}
