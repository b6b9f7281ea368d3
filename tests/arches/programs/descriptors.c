/* signalfd, eventfd, epoll, poll, select, inotify, pipe2, dup3, sendfile, splice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    sigset_t set;
    struct signalfd_siginfo info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    CHECK(signals >= 0);
    raise(SIGUSR2);
    SAME(read(signals, &info, sizeof info), sizeof info);
    SAME(info.ssi_signo, SIGUSR2);
    int counter = eventfd(3, EFD_NONBLOCK);
    eventfd_t value = 0;
    SAME(eventfd_write(counter, 4), 0);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = 0x123456789abcdefULL}, ready[2];
    SAME(epoll_ctl(poller, EPOLL_CTL_ADD, counter, &wanted), 0);
    SAME(epoll_wait(poller, ready, 2, 1000), 1);
    CHECK(ready[0].data.u64 == 0x123456789abcdefULL && (ready[0].events & EPOLLIN));
    SAME(epoll_pwait(poller, ready, 2, 1000, &set), 1);
    SAME(eventfd_read(counter, &value), 0);
    SAME(value, 7);
    SAME(epoll_wait(poller, ready, 2, 0), 0);
    struct pollfd one = {counter, POLLIN | POLLOUT, 0};
    SAME(poll(&one, 1, 0), 1);
    SAME(one.revents, POLLOUT);
    SAME(ppoll(&one, 1, &(struct timespec){0, 0}, NULL), 1);
    int watcher = inotify_init1(IN_CLOEXEC);
    CHECK(inotify_add_watch(watcher, ".", IN_CREATE) >= 0);
    int file = open("watched", O_CREAT | O_RDWR, 0600);
    union { struct inotify_event event; char room[4096]; } events;
    CHECK(read(watcher, &events, sizeof events) > 0);
    TEXT(events.event.name, "watched");
    SAME(write(file, "content", 7), 7);
    int ends[2];
    char text[10] = "";
    off_t offset = 3;
    SAME(pipe2(ends, O_CLOEXEC), 0);
    SAME(sendfile(ends[1], file, &offset, 4), 4);
    SAME(offset, 7);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(ends[0], &readable);
    SAME(select(ends[0] + 1, &readable, NULL, NULL, &(struct timeval){1, 0}), 1);
    CHECK(FD_ISSET(ends[0], &readable));
    SAME(read(ends[0], text, sizeof text), 4);
    TEXT(text, "tent");
    SAME(dup3(file, 100, O_CLOEXEC), 100);
    SAME(fcntl(100, F_GETFD), FD_CLOEXEC);
    SAME(fallocate(file, 0, 0, 100), 0);
    SAME(posix_fallocate(file, 0, 200), 0);
    SAME(lseek(file, 0, SEEK_END), 200);
    unlink("watched");
    return faults;
}
