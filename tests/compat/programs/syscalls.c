/* Functions that hand their arguments to the kernel: each argument arrives, and errors are the kernel's. */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

extern int clock_adjtime(clockid_t, struct timex *);

struct how {
    uint64_t flags, mode, resolve;
};
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};
extern int tgkill(pid_t, pid_t, int);
/* Headers have these with structures of their own: <sched.h> since glibc 2.41, <fcntl.h> since 2.43. */
extern int open_how(int, const char *, const struct how *, size_t) __asm__("openat2");
extern int set_attributes(pid_t, struct scheduling *, unsigned) __asm__("sched_setattr");
extern int get_attributes(pid_t, struct scheduling *, unsigned, unsigned) __asm__("sched_getattr");
extern int mseal(void *, size_t, unsigned long);
extern ssize_t process_madvise(int, const struct iovec *, size_t, int, unsigned);
extern int process_mrelease(int, unsigned);
extern int epoll_pwait2(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);

static volatile int caught;

static void catch_signal(int signal)
{
    caught = signal;
}

static void processes(char **arguments)
{
    signal(SIGUSR1, catch_signal);
    EXPECT(tgkill(getpid(), getpid(), SIGUSR1), 0);
    EXPECT(caught, SIGUSR1);
    EXPECT_ERROR(tgkill(-1, getpid(), SIGUSR1), EINVAL);

    char *const none[] = {0};
    EXPECT_ERROR(execveat(AT_FDCWD, "absent", none, none, 0), ENOENT);
    EXPECT_ERROR(execveat(-1, arguments[0], none, none, 0x40000000), EINVAL);
    EXPECT_ERROR(setns(0, 0), EINVAL);
    EXPECT_ERROR(setns(5000, 0), EBADF);

    struct scheduling attributes = {0};
    EXPECT(get_attributes(0, &attributes, sizeof attributes, 0), 0);
    EXPECT(attributes.size, sizeof attributes);
    EXPECT(attributes.policy, sched_getscheduler(0));
    EXPECT(attributes.nice, getpriority(PRIO_PROCESS, 0));
    attributes.nice = 3;
    EXPECT(set_attributes(0, &attributes, 0), 0);
    EXPECT(getpriority(PRIO_PROCESS, 0), 3);
    EXPECT_ERROR(get_attributes(0, &attributes, 3, 0), EINVAL);
    EXPECT_ERROR(set_attributes(0, &attributes, 1), EINVAL);

    struct rlimit set = {111, 222}, got = {0, 0};
    struct rlimit64 set64 = {100, 200}, got64 = {0, 0};
    pid_t child = fork();
    if (child == 0) {
        EXPECT(prlimit(0, RLIMIT_NOFILE, &set, 0), 0);
        EXPECT(prlimit64(0, RLIMIT_NOFILE, &set64, &got64), 0);
        EXPECT(got64.rlim_cur, 111);
        EXPECT(got64.rlim_max, 222);
        EXPECT(prlimit(getpid(), RLIMIT_NOFILE, 0, &got), 0);
        EXPECT(got.rlim_cur, 100);
        EXPECT(got.rlim_max, 200);
        EXPECT_ERROR(prlimit(0, 1000, 0, &got), EINVAL);
        EXPECT_ERROR(prlimit64(0, 1000, 0, &got64), EINVAL);
        _exit(faults);
    }
    int status;
    EXPECT(waitpid(child, &status, 0), child);
    EXPECT(status, 0);
}

static void memory(void)
{
    char *page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(mlock2(page, 4096, 0), 0);
    EXPECT(mlock2(page, 4096, MLOCK_ONFAULT), 0);
    EXPECT_ERROR(mlock2(page, 4096, 0x80), EINVAL);
    munlock(page, 4096);
    EXPECT_ERROR(mseal(page + 1, 4096, 0), EINVAL);
    EXPECT_ERROR(mseal(page, 4096, 1), EINVAL);
    EXPECT(mseal(page + 4096, 4096, 0), 0);
    EXPECT_ERROR(munmap(page + 4096, 4096), EPERM);

    char here[6] = "", there[6] = "there";
    struct iovec local = {here, 6}, remote = {there, 6};
    EXPECT(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), 6);
    EXPECT(memcmp(here, "there", 6), 0);
    strcpy(here, "again");
    EXPECT(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), 6);
    EXPECT(memcmp(there, "again", 6), 0);
    EXPECT_ERROR(process_vm_readv(getpid(), &local, 1, &remote, 1, 1), EINVAL);
    EXPECT_ERROR(process_vm_writev(getpid(), &local, 1, &remote, 1, 1), EINVAL);

    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    struct iovec range = {page, 4096};
    EXPECT(process_madvise(self, &range, 1, 20 /* MADV_COLD */, 0), 4096);
    EXPECT_ERROR(process_madvise(self, &range, 1, 20, 1), EINVAL);
    EXPECT_ERROR(process_madvise(5000, &range, 1, 20, 0), EBADF);
    EXPECT_ERROR(process_mrelease(self, 0), EINVAL); /* it is not about to end */
    EXPECT_ERROR(process_mrelease(self, 1), EINVAL);
    EXPECT_ERROR(process_mrelease(5000, 0), EBADF);
    close(self);
}

static void files(void)
{
    struct how how = {O_CREAT | O_RDWR | O_CLOEXEC, 0640, 8 /* RESOLVE_BENEATH */};
    struct stat status;
    umask(0);
    unlink("made");
    int fd = open_how(AT_FDCWD, "made", &how, sizeof how);
    EXPECT_TRUE(fd >= 0);
    EXPECT(fstat(fd, &status), 0);
    EXPECT(status.st_mode & 0777, 0640);
    EXPECT(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EXPECT_ERROR(open_how(AT_FDCWD, "/", &how, sizeof how), EXDEV);
    EXPECT_ERROR(open_how(AT_FDCWD, "made", &how, 1), EINVAL);
    EXPECT(syncfs(fd), 0);
    EXPECT_ERROR(syncfs(5000), EBADF);
    close(fd);

    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + 128];
    } file = {.handle = {.handle_bytes = 0}};
    int mount = 0;
    EXPECT(name_to_handle_at(AT_FDCWD, "made", &file.handle, &mount, 0), -1);
    EXPECT_TRUE(errno == EOVERFLOW || errno == EOPNOTSUPP);
    EXPECT_ERROR(name_to_handle_at(AT_FDCWD, "absent", &file.handle, &mount, 0), ENOENT);
    EXPECT_ERROR(name_to_handle_at(AT_FDCWD, "made", &file.handle, &mount, 0x40000000), EINVAL);
    file.handle.handle_bytes = 1000;
    EXPECT(open_by_handle_at(AT_FDCWD, &file.handle, O_RDONLY), -1);
    EXPECT_TRUE(errno == EINVAL || errno == EPERM);

    EXPECT(fanotify_init(0x40000000, 0), -1);
    EXPECT_TRUE(errno == EINVAL || errno == EPERM);
    EXPECT_ERROR(fanotify_mark(5000, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "."), EBADF);
    EXPECT_ERROR(fanotify_mark(0, FAN_MARK_ADD, (uint64_t)1 << 40, AT_FDCWD, "."), EINVAL);
    int group = fanotify_init(FAN_CLASS_NOTIF, O_RDONLY);
    if (group >= 0) {
        EXPECT(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "made"), 0);
        EXPECT_ERROR(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "absent"), ENOENT);
        close(group);
    }
}

static void events(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 42}, got;
    struct timespec begin, end, wait = {0, 20000000}, wrong = {0, 1000000000};
    sigset_t blocked;
    int pair[2], epoll = epoll_create1(0);
    EXPECT(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    EXPECT(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], &event), 0);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    EXPECT(epoll_pwait2(epoll, &got, 1, &wait, 0), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    EXPECT_TRUE((end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec >= 20000000);
    EXPECT_ERROR(epoll_pwait2(epoll, &got, 1, &wrong, 0), EINVAL);
    EXPECT_ERROR(epoll_pwait2(5000, &got, 1, &wait, 0), EBADF);

    /* A signal that only the wait lets in ends the wait. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    caught = 0;
    raise(SIGUSR1);
    EXPECT(caught, 0);
    sigemptyset(&blocked);
    EXPECT_ERROR(epoll_pwait2(epoll, &got, 1, 0, &blocked), EINTR);
    EXPECT(caught, SIGUSR1);

    struct iovec text[2] = {{"one", 3}, {"three", 5}};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &text[0], .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &text[1], .msg_iovlen = 1}}};
    EXPECT(sendmmsg(pair[0], messages, 2, MSG_DONTWAIT), 2);
    EXPECT(messages[1].msg_len, 5);
    EXPECT_ERROR(sendmmsg(5000, messages, 2, 0), EBADF);
    EXPECT(epoll_pwait2(epoll, &got, 1, 0, &blocked), 1);
    EXPECT(got.data.u64, 42);

    struct timex adjustment;
    memset(&adjustment, 0, sizeof adjustment);
    EXPECT_TRUE(clock_adjtime(CLOCK_REALTIME, &adjustment) >= 0);
    EXPECT_TRUE(adjustment.tick > 0);
    EXPECT_ERROR(clock_adjtime(1000, &adjustment), EINVAL);
    close(pair[0]), close(pair[1]), close(epoll);
}

int main(int count, char **arguments)
{
    processes(arguments);
    memory();
    files();
    events();
    if (fallbacks(count, arguments)) {
        char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct epoll_event got;
        without_system_call(SYS_mlock2);
        EXPECT(mlock2(page, 4096, 0), 0);
        EXPECT_ERROR(mlock2(page, 4096, MLOCK_ONFAULT), EINVAL);
        without_system_call(SYS_epoll_pwait2);
        EXPECT_ERROR(epoll_pwait2(0, &got, 1, 0, 0), ENOSYS);
    }
    return faults;
}
