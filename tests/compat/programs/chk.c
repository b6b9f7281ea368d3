/* Fortified entry points pass on what fits and end the program for the rest. */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

#include "check.h"

extern int __poll_chk(struct pollfd *, nfds_t, int, size_t);
extern int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);
extern long __fdelt_chk(long);
extern long __fdelt_warn(long);
extern int __inet_pton_chk(int, const char *, void *, size_t);
extern const char *__inet_ntop_chk(int, const void *, char *, socklen_t, size_t);

int main(void)
{
    int ends[2];
    struct timespec soon = {0, 1000000};
    unsigned char address[16];
    char text[INET6_ADDRSTRLEN];

    EXPECT(pipe(ends), 0);
    struct pollfd list[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
    EXPECT(__poll_chk(list, 2, -1, sizeof list), 1);
    EXPECT(list[1].revents, POLLOUT);
    EXPECT(__poll_chk(list, 1, 1, sizeof list), 0);
    EXPECT(__ppoll_chk(list, 2, 0, 0, sizeof list), 1);
    EXPECT(__ppoll_chk(list, 1, &soon, 0, sizeof *list), 0);
    DIES(__poll_chk(list, 3, 0, sizeof list));
    DIES(__poll_chk(list, 2, 0, sizeof list - 1));
    DIES(__ppoll_chk(list, 3, &soon, 0, sizeof list));

    EXPECT(__fdelt_chk(0), 0);
    EXPECT(__fdelt_chk(FD_SETSIZE - 1), FD_SETSIZE / NFDBITS - 1);
    EXPECT(__fdelt_warn(NFDBITS), 1);
    DIES(__fdelt_chk(FD_SETSIZE));
    DIES(__fdelt_chk(-1));
    DIES(__fdelt_warn(FD_SETSIZE));

    EXPECT(__inet_pton_chk(AF_INET, "1.2.3.4", address, 4), 1);
    EXPECT(memcmp(address, "\1\2\3\4", 4), 0);
    EXPECT(__inet_pton_chk(AF_INET6, "::1", address, 16), 1);
    EXPECT(address[15], 1);
    EXPECT(__inet_pton_chk(AF_INET, "none", address, 4), 0);
    EXPECT_ERROR(__inet_pton_chk(AF_UNIX, "x", address, 0), EAFNOSUPPORT);
    DIES(__inet_pton_chk(AF_INET, "1.2.3.4", address, 3));
    DIES(__inet_pton_chk(AF_INET6, "::1", address, 15));

    EXPECT_TRUE(__inet_ntop_chk(AF_INET6, address, text, sizeof text, sizeof text) == text);
    EXPECT(strcmp(text, "::1"), 0);
    errno = 0;
    EXPECT_TRUE(__inet_ntop_chk(AF_INET, address, text, 4, sizeof text) == 0);
    EXPECT(errno, ENOSPC);
    DIES(__inet_ntop_chk(AF_INET, address, text, sizeof text + 1, sizeof text));
    return faults;
}
