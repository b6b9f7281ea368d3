/* Fortified entry points. Each compares the size of the object, as the compiler sees it, with the size that the
   function needs, then calls the plain function. Those of poll and FD_SET exist since 2.15 and 2.16, those of the
   address conversions since 2.42. */

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

#include "compat.h"

COMPAT_PLAIN(void, __chk_fail, (void)) __attribute__((noreturn));
COMPAT_PLAIN(int, poll, (struct pollfd *, nfds_t, int));
COMPAT_PLAIN(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *));
COMPAT_PLAIN(int, inet_pton, (int, const char *, void *));
COMPAT_PLAIN(const char *, inet_ntop, (int, const void *, char *, unsigned));

static inline void need(int enough)
{
    if (!enough)
        plain___chk_fail();
}

COMPAT_DEFINE(int, __poll_chk, (struct pollfd * list, nfds_t count, int timeout, size_t room))
{
    need(room / sizeof *list >= count);
    return plain_poll(list, count, timeout);
}

COMPAT_DEFINE(int, __ppoll_chk,
              (struct pollfd * list, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room))
{
    need(room / sizeof *list >= count);
    return plain_ppoll(list, count, timeout, mask);
}

/* The index of the word that holds the bit of a descriptor in an fd_set. */
static inline long word_of(long descriptor)
{
    need(descriptor >= 0 && descriptor < FD_SETSIZE);
    return descriptor / (long)(sizeof(long) * CHAR_BIT);
}

COMPAT_DEFINE(long, __fdelt_chk, (long descriptor))
{
    return word_of(descriptor);
}

COMPAT_DEFINE(long, __fdelt_warn, (long descriptor))
{
    return word_of(descriptor);
}

/* For an unknown address family nothing is written, and the plain function reports the error. */
COMPAT_DEFINE(int, __inet_pton_chk, (int family, const char *text, void *address, size_t room))
{
    need(room >= (family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0));
    return plain_inet_pton(family, text, address);
}

COMPAT_DEFINE(const char *, __inet_ntop_chk, (int family, const void *address, char *text, unsigned size, size_t room))
{
    need(size <= room);
    return plain_inet_ntop(family, address, text, size);
}
