/* Pipes and sockets: socketpair with a passed descriptor and credentials, TCP over loopback, sendmmsg, accept4. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include "expect.h"

static void pass_descriptor(void)
{
    int pair[2], ends[2], received = -1;
    char byte = 'x', room[CMSG_SPACE(sizeof(int))] = "", text[6] = "";
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    SAME(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    SAME(pipe(ends), 0);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
    SAME(sendmsg(pair[0], &message, 0), 1);
    memset(room, 0, sizeof room);
    SAME(recvmsg(pair[1], &message, 0), 1);
    header = CMSG_FIRSTHDR(&message);
    CHECK(header != NULL && header->cmsg_type == SCM_RIGHTS);
    if (header != NULL)
        memcpy(&received, CMSG_DATA(header), sizeof(int));
    SAME(write(ends[1], "piped", 5), 5);
    SAME(read(received, text, 5), 5);
    TEXT(text, "piped");
    struct ucred peer;
    socklen_t size = sizeof peer;
    SAME(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    SAME(peer.pid, getpid());
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET}, peer;
    socklen_t size = sizeof address;
    char text[20] = "";
    pass_descriptor();
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    SAME(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    SAME(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    SAME(getsockname(server, (struct sockaddr *)&address, &size), 0);
    SAME(listen(server, 1), 0);
    SAME(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    int accepted = accept4(server, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
    CHECK(accepted >= 0);
    SAME(send(client, "one two", 7, MSG_NOSIGNAL), 7);
    SAME(recv(accepted, text, 3, MSG_PEEK), 3);
    SAME(recv(accepted, text, 7, MSG_WAITALL), 7);
    TEXT(text, "one two");
    SAME(shutdown(client, SHUT_WR), 0);
    SAME(recv(accepted, text, 7, 0), 0);
    struct timeval patience = {1, 0};
    SAME(setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    int pair[2];
    struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
    SAME(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    SAME(sendmmsg(pair[0], messages, 2, 0), 2);
    SAME(messages[1].msg_len, 3);
    SAME(recv(pair[1], text, sizeof text, 0), 2);
    SAME(writev(pair[0], parts, 2), 5);
    return faults;
}
