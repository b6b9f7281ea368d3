/* Waits for files, signals, messages and System V semaphores, with times of 64 bits (time64.h). */

#include <poll.h>
#include <signal.h>
#include <sys/select.h>

#include "time64.h"

COMPAT_PLAIN(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *));
COMPAT_PLAIN(int, pselect, (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *));
COMPAT_PLAIN(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *));
COMPAT_PLAIN(void, __chk_fail, (void)) __attribute__((noreturn));
COMPAT_PLAIN(int, sigtimedwait, (const sigset_t *, siginfo_t *, const struct timespec *));
COMPAT_PLAIN(int, semtimedop, (int, void *, size_t, const struct timespec *));
COMPAT_PLAIN(int, aio_suspend, (const void *const *, int, const struct timespec *));
COMPAT_PLAIN(int, gai_suspend, (const void *const *, int, const struct timespec *));
COMPAT_PLAIN(int, mq_timedsend, (int, const char *, size_t, unsigned, const struct timespec *));
COMPAT_PLAIN(ssize_t, mq_timedreceive, (int, char *, size_t, unsigned *, const struct timespec *));

#define SIGNAL_BYTES ((long)(_NSIG / 8)) /* the size of the kernel's signal set */

/* Whether there is no time or an older function can take it; then *old points to `room` or is NULL. */
static int narrow_timeout(const struct spec64 *time, struct timespec *room, const struct timespec **old)
{
    *old = time ? room : 0;
    if (!time)
        return 1;
    *room = narrow_spec(time);
    return fits_in_32(time->sec);
}

static long select_64(int count, fd_set *in, fd_set *out, fd_set *other, const struct spec64 *time, struct spec64 *left,
                      const sigset_t *signals)
{
    struct {
        const sigset_t *signals;
        size_t size;
    } mask = {signals, SIGNAL_BYTES};
    *left = (struct spec64){time->sec, time->nsec, 0};
    return without_32(CANCELLABLE(plain_syscall(CALL_PSELECT64, count, in, out, other, left, &mask)));
}

/* Linux returns the time that is left. */
COMPAT_64(int, __select64, (int count, fd_set *in, fd_set *out, fd_set *other, struct val64 *time),
          (count, in, out, other, time))
{
    if (!time)
        return plain_select(count, in, out, other, 0);
    struct val64 whole = {time->sec, time->usec};
    if (whole.sec < 0 || whole.usec < 0) {
        errno = EINVAL;
        return -1;
    }
    if (whole.usec >= 1000000) {
        if (__builtin_add_overflow(whole.sec, whole.usec / 1000000, &whole.sec))
            whole.sec = INT64_MAX;
        whole.usec %= 1000000;
    }
    if (!fits_in_32(whole.sec)) {
        struct spec64 spec = {whole.sec, (int32_t)whole.usec * 1000, 0}, left;
        int result = (int)select_64(count, in, out, other, &spec, &left, 0);
        if (result >= 0)
            *time = (struct val64){left.sec, left.nsec / 1000};
        return result;
    }
    struct timeval old = {(time_t)whole.sec, (suseconds_t)whole.usec};
    int result = plain_select(count, in, out, other, &old);
    *time = widen_val(&old);
    return result;
}

COMPAT_64(int, __pselect64,
          (int count, fd_set *in, fd_set *out, fd_set *other, const struct spec64 *time, const sigset_t *signals),
          (count, in, out, other, time, signals))
{
    struct timespec room;
    struct spec64 left;
    const struct timespec *old;
    if (narrow_timeout(time, &room, &old))
        return plain_pselect(count, in, out, other, old, signals);
    return (int)select_64(count, in, out, other, time, &left, signals);
}

static int poll_64(struct pollfd *files, nfds_t count, const struct spec64 *time, const sigset_t *signals)
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(time, &room, &old))
        return plain_ppoll(files, count, old, signals);
    struct spec64 left = {time->sec, time->nsec, 0};
    return (int)without_32(CANCELLABLE(plain_syscall(CALL_PPOLL64, files, count, &left, signals, SIGNAL_BYTES)));
}

COMPAT_64(int, __ppoll64, (struct pollfd * files, nfds_t count, const struct spec64 *time, const sigset_t *signals),
          (files, count, time, signals))
{
    return poll_64(files, count, time, signals);
}

/* Of _FORTIFY_SOURCE: `size` is that of the array. */
COMPAT_64(int, __ppoll64_chk,
          (struct pollfd * files, nfds_t count, const struct spec64 *time, const sigset_t *signals, size_t size),
          (files, count, time, signals, size))
{
    if (size / sizeof *files < count)
        plain___chk_fail();
    return poll_64(files, count, time, signals);
}

/* The kernel has this call with 64-bit times only. */
COMPAT_64(int, __epoll_pwait2_time64,
          (int fd, void *events, int count, const struct spec64 *time, const sigset_t *signals),
          (fd, events, count, time, signals))
{
    struct spec64 copy = {0, 0, 0};
    if (time)
        copy = (struct spec64){time->sec, time->nsec, 0};
    return (int)CANCELLABLE(
        plain_syscall(CALL_EPOLL_PWAIT2, fd, events, count, time ? &copy : 0, signals, SIGNAL_BYTES));
}

COMPAT_64(int, __sigtimedwait64, (const sigset_t *signals, siginfo_t *information, const struct spec64 *time),
          (signals, information, time))
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(time, &room, &old))
        return plain_sigtimedwait(signals, information, old);
    struct spec64 copy = {time->sec, time->nsec, 0};
    return (int)without_32(
        CANCELLABLE(plain_syscall(CALL_SIGTIMEDWAIT64, signals, information, &copy, SIGNAL_BYTES)));
}

COMPAT_64(int, __semtimedop64, (int semaphores, void *operations, size_t count, const struct spec64 *time),
          (semaphores, operations, count, time))
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(time, &room, &old))
        return plain_semtimedop(semaphores, operations, count, old);
    struct spec64 copy = {time->sec, time->nsec, 0};
    return (int)without_32(plain_syscall(CALL_SEMTIMEDOP64, semaphores, operations, count, &copy));
}

/* libc waits here for threads of its own, without a system call that could be made instead. */
COMPAT_64(int, __aio_suspend_time64, (const void *const list[], int count, const struct spec64 *time),
          (list, count, time))
{
    struct timespec room;
    const struct timespec *old;
    return narrow_timeout(time, &room, &old) ? plain_aio_suspend(list, count, old) : overflow();
}

COMPAT_64(int, __gai_suspend_time64, (const void *const list[], int count, const struct spec64 *time),
          (list, count, time))
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(time, &room, &old))
        return plain_gai_suspend(list, count, old);
    overflow();
    return -11; /* EAI_SYSTEM */
}

COMPAT_64(int, __mq_timedsend_time64,
          (int queue, const char *message, size_t size, unsigned priority, const struct spec64 *deadline),
          (queue, message, size, priority, deadline))
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(deadline, &room, &old))
        return plain_mq_timedsend(queue, message, size, priority, old);
    struct spec64 copy = {deadline->sec, deadline->nsec, 0};
    return (int)without_32(
        CANCELLABLE(plain_syscall(CALL_MQ_TIMEDSEND64, queue, message, size, priority, &copy)));
}

COMPAT_64(ssize_t, __mq_timedreceive_time64,
          (int queue, char *message, size_t size, unsigned *priority, const struct spec64 *deadline),
          (queue, message, size, priority, deadline))
{
    struct timespec room;
    const struct timespec *old;
    if (narrow_timeout(deadline, &room, &old))
        return plain_mq_timedreceive(queue, message, size, priority, old);
    struct spec64 copy = {deadline->sec, deadline->nsec, 0};
    return without_32(CANCELLABLE(plain_syscall(CALL_MQ_TIMEDRECEIVE64, queue, message, size, priority, &copy)));
}
