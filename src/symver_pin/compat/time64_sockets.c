/* Options and messages of sockets that carry times, and the functions with a variable argument that may be one
   (time64.h).

   With a time_t of 64 bits the headers' SO_RCVTIMEO, SO_TIMESTAMP ... are new numbers (Linux 5.1), which an older
   kernel refuses with ENOPROTOOPT. Then the older option is used, and converted, as libc from 2.34 on does. */

#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "time64.h"

COMPAT_PLAIN(int, getsockopt, (int, int, int, void *, socklen_t *));
COMPAT_PLAIN(int, setsockopt, (int, int, int, const void *, socklen_t));
COMPAT_PLAIN(ssize_t, recvmsg, (int, struct msghdr *, int));
COMPAT_PLAIN(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *));
COMPAT_PLAIN(ssize_t, sendmsg, (int, const struct msghdr *, int));
COMPAT_PLAIN(int, sendmmsg, (int, struct mmsghdr *, unsigned, int));
COMPAT_PLAIN(int, ioctl, (int, unsigned long, ...));
COMPAT_PLAIN(int, fcntl64, (int, int, ...));
COMPAT_PLAIN(int, prctl, (int, ...));

/* The number with 64-bit times, and that with 32-bit ones, of <asm-generic/socket.h>. The value of the first two is a
   time, that of the others an int; they are also the types of control messages. */
static const struct option_pair {
    int with_64, with_32;
} options_with_times[] = {{66, 20}, {67, 21}, {63, 29}, {64, 35}}; /* RCVTIMEO, SNDTIMEO, TIMESTAMP, TIMESTAMPNS */

enum { OPTIONS_OF_TIME = 2, OPTIONS = 4 };

static int find_option(int level, int option)
{
    for (int i = 0; level == SOL_SOCKET && i < OPTIONS; ++i)
        if (options_with_times[i].with_64 == option)
            return i;
    return -1;
}

COMPAT_64(int, __setsockopt64, (int fd, int level, int option, const void *value, socklen_t size),
          (fd, level, option, value, size))
{
    int result = plain_setsockopt(fd, level, option, value, size);
    int at = result == 0 || errno != ENOPROTOOPT ? -1 : find_option(level, option);
    if (at < 0)
        return result;
    int older = options_with_times[at].with_32;
    if (at >= OPTIONS_OF_TIME)
        return plain_setsockopt(fd, level, older, value, size);
    const struct val64 *time = value;
    if (size < sizeof *time) {
        errno = EINVAL;
        return -1;
    }
    if (!fits_in_32(time->sec) || !fits_in_32(time->usec))
        return overflow();
    struct timeval old = {(time_t)time->sec, (suseconds_t)time->usec};
    return plain_setsockopt(fd, level, older, &old, sizeof old);
}

COMPAT_64(int, __getsockopt64, (int fd, int level, int option, void *value, socklen_t *size),
          (fd, level, option, value, size))
{
    int result = plain_getsockopt(fd, level, option, value, size);
    int at = result == 0 || errno != ENOPROTOOPT ? -1 : find_option(level, option);
    if (at < 0)
        return result;
    int older = options_with_times[at].with_32;
    if (at >= OPTIONS_OF_TIME)
        return plain_getsockopt(fd, level, older, value, size);
    struct timeval old;
    socklen_t old_size = sizeof old;
    result = plain_getsockopt(fd, level, older, &old, &old_size);
    if (result != 0)
        return result;
    struct val64 time = widen_val(&old);
    if (*size > sizeof time)
        *size = sizeof time;
    memcpy(value, &time, *size); /* POSIX: a value that is too long is cut */
    return 0;
}

/* An older kernel gives a time stamp of 32 bits. A control message with that of 64 bits is added to it, or MSG_CTRUNC
   if the buffer, of `room` bytes, has no place for it. */
static void add_time_stamp(struct msghdr *message, size_t room)
{
    struct cmsghdr *last = 0;
    int64_t time[2];
    int32_t old[2];
    int type = 0;
    if (!message->msg_control || message->msg_controllen == 0)
        return;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item)) {
        last = item;
        for (int i = OPTIONS_OF_TIME; i < OPTIONS; ++i)
            if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == options_with_times[i].with_32) {
                type = options_with_times[i].with_64;
                memcpy(old, CMSG_DATA(item), sizeof old);
            }
    }
    if (type == 0)
        return;
    size_t start = (size_t)((char *)last - (char *)message->msg_control) + CMSG_ALIGN(last->cmsg_len);
    if (start + CMSG_SPACE(sizeof time) > room) {
        message->msg_flags |= MSG_CTRUNC;
        return;
    }
    time[0] = old[0];
    time[1] = old[1];
    struct cmsghdr *added = (struct cmsghdr *)((char *)message->msg_control + start);
    memset(added, 0, CMSG_SPACE(sizeof time));
    added->cmsg_level = SOL_SOCKET;
    added->cmsg_type = type;
    added->cmsg_len = CMSG_LEN(sizeof time);
    memcpy(CMSG_DATA(added), time, sizeof time);
    message->msg_controllen = start + CMSG_SPACE(sizeof time);
}

COMPAT_64(ssize_t, __recvmsg64, (int fd, struct msghdr *message, int flags), (fd, message, flags))
{
    size_t room = message ? message->msg_controllen : 0;
    ssize_t result = plain_recvmsg(fd, message, flags);
    if (result >= 0 && room != 0)
        add_time_stamp(message, room);
    return result;
}

#define MOST_MESSAGES 1024 /* UIO_MAXIOV: the kernel takes no more at once */

COMPAT_64(int, __recvmmsg64, (int fd, struct mmsghdr *messages, unsigned count, int flags, struct spec64 *time),
          (fd, messages, count, flags, time))
{
    uint32_t rooms[MOST_MESSAGES];
    int result;
    if (count > MOST_MESSAGES)
        count = MOST_MESSAGES;
    for (unsigned i = 0; i < count; ++i)
        rooms[i] = messages[i].msg_hdr.msg_controllen;
    if (!time)
        result = plain_recvmmsg(fd, messages, count, flags, 0);
    else if (fits_in_32(time->sec)) {
        struct timespec old = narrow_spec(time);
        result = plain_recvmmsg(fd, messages, count, flags, &old);
        if (result >= 0)
            *time = widen_spec(&old);
    } else {
        time->padding = 0;
        result = (int)without_32(CANCELLABLE(plain_syscall(CALL_RECVMMSG64, fd, messages, count, flags, time)));
    }
    for (int i = 0; i < result; ++i)
        add_time_stamp(&messages[i].msg_hdr, rooms[i]);
    return result;
}

/* What is sent carries no time that the layout changes. */
COMPAT_DEFINE(ssize_t, __sendmsg64, (int fd, const struct msghdr *message, int flags))
{
    return plain_sendmsg(fd, message, flags);
}

COMPAT_DEFINE(int, __sendmmsg64, (int fd, struct mmsghdr *messages, unsigned count, int flags))
{
    return plain_sendmmsg(fd, messages, count, flags);
}

/* SIOCGSTAMP and SIOCGSTAMPNS with 64-bit times, and the requests with 32-bit ones. */
static int is_time_request(unsigned long request)
{
    return request == 0x80108906UL || request == 0x80108907UL;
}

COMPAT_DEFINE(int, __ioctl_time64, (int fd, unsigned long request, ...))
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    int result = plain_ioctl(fd, request, argument);
    if (result == 0 || !is_time_request(request) || (errno != ENOTTY && errno != EINVAL))
        return result;
    int32_t old[2];
    int64_t *time = argument;
    result = plain_ioctl(fd, request & 0xffff, old);
    if (result == 0) {
        time[0] = old[0];
        time[1] = old[1];
    }
    return result;
}

COMPAT_DEFINE(int, __fcntl_time64, (int fd, int command, ...))
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return plain_fcntl64(fd, command, argument);
}

COMPAT_DEFINE(int, __prctl_time64, (int option, ...))
{
    unsigned long words[4];
    va_list arguments;
    va_start(arguments, option);
    for (int i = 0; i < 4; ++i)
        words[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    return plain_prctl(option, words[0], words[1], words[2], words[3]);
}
