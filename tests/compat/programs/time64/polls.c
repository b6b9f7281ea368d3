/* Waits for files, signals, messages and System V semaphores with 64-bit times. */

#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>

#include "time64.h"

static const struct timespec brief = {0, 5000000}, bad = {0, 1000000000}, centuries = {BEYOND, 0};

static void on_alarm(int number)
{
    (void)number;
}

/* A signal in 20 ms, for a wait of centuries. */
static void interrupt_soon(void)
{
    struct itimerval timer = {{0, 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &timer, 0);
}

#define EXPECT_INTERRUPTED(call)                                                                                       \
    do {                                                                                                               \
        interrupt_soon();                                                                                              \
        EXPECT_ERROR(call, is_old_kernel ? EOVERFLOW : EINTR);                                                         \
    } while (0)

static void selects(void)
{
    struct timeval time = {0, 5000}, negative = {-1, 0}, much = {0, 2000000}, long_time = {BEYOND, 0};
    int ends[2];
    fd_set set;
    EXPECT(select(0, 0, 0, 0, &time), 0);
    EXPECT(time.tv_sec, 0);
    EXPECT(time.tv_usec, 0);
    EXPECT_ERROR(select(0, 0, 0, 0, &negative), EINVAL);
    EXPECT(pipe(ends), 0);
    EXPECT(write(ends[1], "x", 1), 1);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    EXPECT(select(ends[0] + 1, &set, 0, 0, &much), 1);
    EXPECT(much.tv_sec, 1);
    EXPECT_TRUE(FD_ISSET(ends[0], &set));
    if (is_old_kernel)
        EXPECT_ERROR(select(ends[0] + 1, &set, 0, 0, &long_time), EOVERFLOW);
    else {
        EXPECT(select(ends[0] + 1, &set, 0, 0, &long_time), 1);
        EXPECT(long_time.tv_sec, BEYOND - 1);
    }
    EXPECT(select(ends[0] + 1, &set, 0, 0, 0), 1);
    EXPECT(pselect(ends[0] + 1, &set, 0, 0, &brief, 0), 1);
    EXPECT(pselect(0, 0, 0, 0, &brief, 0), 0);
    EXPECT_ERROR(pselect(0, 0, 0, 0, &bad, 0), EINVAL);
    EXPECT_INTERRUPTED(pselect(0, 0, 0, 0, &centuries, 0));

    struct pollfd file = {ends[0], POLLIN, 0}, none = {-1, 0, 0};
    EXPECT(ppoll(&file, 1, &brief, 0), 1);
    EXPECT(ppoll(&file, 1, 0, 0), 1);
    EXPECT(ppoll(&none, 1, &brief, 0), 0);
    EXPECT_ERROR(ppoll(&none, 1, &bad, 0), EINVAL);
    EXPECT_INTERRUPTED(ppoll(&none, 1, &centuries, 0));

    /* The headers of 2.37 turn to it with _FORTIFY_SOURCE. Weak: an older libc has none. */
    extern int checked(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *,
                       size_t) __asm__("__ppoll64_chk") __attribute__((weak));
    if (checked) {
        EXPECT(checked(&file, 1, &brief, 0, sizeof file), 1);
        DIES(checked(&file, 2, &brief, 0, sizeof file));
    }

    int fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, got;
    EXPECT(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event), 0);
    errno = 0;
    EXPECT_TRUE(epoll_pwait2(fd, &got, 1, &centuries, 0) == 1 || errno == ENOSYS);
    EXPECT(read(ends[0], &got, 1), 1);
    EXPECT_TRUE(epoll_pwait2(fd, &got, 1, &brief, 0) == 0 || errno == ENOSYS);
    close(fd);
    close(ends[0]);
    close(ends[1]);
}

static void signals(void)
{
    sigset_t set;
    siginfo_t information;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, 0);
    EXPECT_ERROR(sigtimedwait(&set, 0, &brief), EAGAIN);
    raise(SIGUSR1);
    EXPECT(sigtimedwait(&set, &information, &brief), SIGUSR1);
    EXPECT(information.si_signo, SIGUSR1);
    raise(SIGUSR1);
    EXPECT(sigtimedwait(&set, 0, 0), SIGUSR1);
    EXPECT_INTERRUPTED(sigtimedwait(&set, 0, &centuries));
}

static void system_v(void)
{
    int id = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf down = {0, -1, 0}, up = {0, 1, 0};
    EXPECT_TRUE(id >= 0);
    EXPECT_ERROR(semtimedop(id, &down, 1, &brief), EAGAIN);
    EXPECT(semtimedop(id, &up, 1, 0), 0);
    EXPECT(semtimedop(id, &down, 1, &brief), 0);
    EXPECT_INTERRUPTED(semtimedop(id, &down, 1, &centuries));
    EXPECT(semctl(id, 0, IPC_RMID), 0);
}

static void asynchronous(void)
{
    int ends[2];
    char byte;
    EXPECT(pipe(ends), 0);
    struct aiocb block = {.aio_fildes = ends[0], .aio_buf = &byte, .aio_nbytes = 1};
    const struct aiocb *list[] = {&block};
    EXPECT(aio_read(&block), 0);
    EXPECT_ERROR(aio_suspend(list, 1, &brief), EAGAIN);
    EXPECT(write(ends[1], "x", 1), 1);
    EXPECT(aio_suspend(list, 1, &(struct timespec){60, 0}), 0);
    EXPECT(aio_return(&block), 1);
    close(ends[0]);
    close(ends[1]);
    struct gaicb *const none[] = {0};
    EXPECT(gai_suspend((const struct gaicb *const *)none, 1, &brief), EAI_ALLDONE);
}

/* (The time is no constant, because qemu-arm 7.2 writes to it.) */
static void queues(void)
{
    struct timespec later = centuries;
    char name[40], text[8];
    unsigned priority;
    snprintf(name, sizeof name, "/symver-pin-%d", (int)getpid());
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
    EXPECT_TRUE(queue != (mqd_t)-1);
    mq_unlink(name);
    struct timespec past = {1, 0};
    EXPECT_ERROR(mq_timedreceive(queue, text, 8, &priority, &past), ETIMEDOUT);
    if (!is_old_kernel)
        EXPECT(mq_timedsend(queue, "one", 4, 3, &later), 0);
    else {
        EXPECT_ERROR(mq_timedsend(queue, "one", 4, 3, &later), EOVERFLOW);
        EXPECT(mq_timedsend(queue, "one", 4, 3, &past), 0);
    }
    EXPECT_ERROR(mq_timedsend(queue, "two", 4, 3, &past), ETIMEDOUT);
    EXPECT_INTERRUPTED(mq_timedsend(queue, "two", 4, 3, &later));
    EXPECT(mq_timedreceive(queue, text, 8, &priority, 0), 4);
    EXPECT(priority, 3);
    EXPECT_INTERRUPTED(mq_timedreceive(queue, text, 8, &priority, &later));
    mq_close(queue);
}

static void *wait_for_file(void *unused)
{
    struct pollfd none = {-1, 0, 0};
    ppoll(&none, 1, &centuries, 0);
    return unused;
}

int main(int count, char **arguments)
{
    look_at_arguments(count, arguments);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, 0);
    selects();
    signals();
    system_v();
    asynchronous();
    queues();
    if (!is_old_kernel) {
        pthread_t thread;
        void *result = 0;
        EXPECT(pthread_create(&thread, 0, wait_for_file, 0), 0);
        nanosleep(&(struct timespec){0, 20000000}, 0);
        EXPECT(pthread_cancel(thread), 0);
        EXPECT(pthread_join(thread, &result), 0);
        EXPECT_TRUE(result == PTHREAD_CANCELED);
    }
    return faults;
}
