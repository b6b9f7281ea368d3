/* The resolver against a name server of the program's own: names in messages, queries with and without a state. */

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "check.h"

static unsigned char answer[512], query[512];

/* Answers each question with the address 1.2.3.4, but knows no name that begins with "no". */
static void serve(int server)
{
    static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4};
    for (;;) {
        unsigned char message[512 + sizeof record];
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        ssize_t length = recvfrom(server, message, 512, 0, (struct sockaddr *)&client, &size);
        if (length < 12)
            _exit(1);
        int known = memcmp(message + 13, "no", 2) != 0;
        message[2] |= 0x80; /* a response */
        message[3] = known ? 0x80 : 0x83;
        message[7] = (unsigned char)known;
        message[11] = 0;
        /* the question ends with the first zero after the header, type and class */
        ssize_t end = 12;
        while (message[end])
            end += message[end] + 1;
        end += 5;
        if (known) {
            memcpy(message + end, record, sizeof record);
            end += sizeof record;
        }
        sendto(server, message, (size_t)end, 0, (struct sockaddr *)&client, size);
    }
}

static pid_t start_server(struct sockaddr_in *address)
{
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t size = sizeof *address;
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(bind(server, (struct sockaddr *)address, size), 0);
    EXPECT(getsockname(server, (struct sockaddr *)address, &size), 0);
    pid_t child = fork();
    if (child == 0)
        serve(server);
    close(server);
    return child;
}

static void ask_only(res_state state, const struct sockaddr_in *address)
{
    state->nscount = 1;
    state->nsaddr_list[0] = *address;
    state->retrans = 5;
    state->retry = 2;
    state->options = RES_INIT | RES_RECURSE | RES_DEFNAMES | RES_DNSRCH;
    strcpy(state->defdname, "search.test");
    state->dnsrch[0] = state->defdname;
    state->dnsrch[1] = 0;
}

/* The answer's question in text, which is the name that was asked for in the end. */
static int asked(const char *name)
{
    char text[256] = "";
    dn_expand(answer, answer + sizeof answer, answer + 12, text, sizeof text);
    return strcmp(text, name) == 0;
}

static void names(void)
{
    unsigned char *pointers[4] = {query, 0}, **last = pointers + 4;
    char text[64];
    EXPECT(dn_comp("www.example.org", query + 12, 100, pointers, last), 17);
    EXPECT(memcmp(query + 12, "\3www\7example\3org", 17), 0);
    EXPECT(dn_comp("ftp.example.org", query + 29, 100, pointers, last), 6);
    EXPECT(dn_comp("example.org", query + 40, 1, 0, 0), -1);
    EXPECT(dn_expand(query, query + 100, query + 29, text, sizeof text), 6);
    EXPECT(strcmp(text, "ftp.example.org"), 0);
    EXPECT(dn_expand(query, query + 100, query + 29, text, 3), -1);
    EXPECT(dn_skipname(query + 12, query + 100), 17);
    EXPECT(dn_skipname(query + 29, query + 100), 6);
    EXPECT(dn_skipname(query + 12, query + 20), -1);

    EXPECT(res_hnok("host-1.example"), 1);
    EXPECT(res_hnok("host 1"), 0);
    /* since 2.27 a name must also be one that a message can hold */
    const char *long_label = "a123456789a123456789a123456789a123456789a123456789a123456789abcd";
    EXPECT(strlen(long_label), 64);
    EXPECT(res_hnok(long_label) | res_dnok(long_label) | res_ownok(long_label) | res_mailok(long_label), 0);
    EXPECT(res_hnok(long_label + 1) & res_dnok(long_label + 1) & res_ownok(long_label + 1), 1);
    EXPECT(res_hnok("two..dots") | res_dnok("two..dots") | res_ownok("*..dots") | res_mailok("me.two..dots"), 0);
    EXPECT(res_hnok("-option"), 0);
    EXPECT(res_hnok("a.-b.example."), 1);
    EXPECT(res_ownok("*.example"), 1);
    EXPECT(res_ownok("*"), 1);
    EXPECT(res_ownok("a.*"), 0);
    EXPECT(res_mailok("first\\.last.example"), 1);
    EXPECT(res_mailok("alone"), 0);
    EXPECT(res_mailok("."), 1);
    EXPECT(res_dnok("a\\.b"), 1);
    EXPECT(res_ownok("*.example"), 1);
    EXPECT(res_ownok("under score"), 0);
    EXPECT(res_mailok("some.body.example"), 1);
    EXPECT(res_mailok("a b.exa mple"), 0);
    EXPECT(res_dnok("any_thing.example"), 1);
    EXPECT(res_dnok("a b"), 0);
}

static void with_own_state(const struct sockaddr_in *address)
{
    struct __res_state state;
    memset(&state, 0, sizeof state);
    EXPECT(res_ninit(&state), 0);
    ask_only(&state, address);
    int length = res_nmkquery(&state, ns_o_query, "a.test", ns_c_in, ns_t_a, 0, 0, 0, query, sizeof query);
    EXPECT(length, 12 + 8 + 4);
    EXPECT(query[2] & 1, 1);
    EXPECT(res_nsend(&state, query, length, answer, sizeof answer), length + 16);
    EXPECT(memcmp(answer + length + 12, "\1\2\3\4", 4), 0);
    EXPECT(res_nquery(&state, "b.test", ns_c_in, ns_t_a, answer, sizeof answer), 40);
    EXPECT_TRUE(asked("b.test"));
    EXPECT(res_nquery(&state, "no.test", ns_c_in, ns_t_a, answer, sizeof answer), -1);
    EXPECT(state.res_h_errno, HOST_NOT_FOUND);
    EXPECT(res_nsearch(&state, "c", ns_c_in, ns_t_a, answer, sizeof answer), 12 + 15 + 4 + 16);
    EXPECT_TRUE(asked("c.search.test"));
    EXPECT_TRUE(res_nquerydomain(&state, "d", "other.test", ns_c_in, ns_t_a, answer, sizeof answer) > 0);
    EXPECT_TRUE(asked("d.other.test"));
    res_nclose(&state);
}

static void with_state_of_the_thread(const struct sockaddr_in *address)
{
    EXPECT(res_init(), 0);
    ask_only(&_res, address);
    int length = res_mkquery(ns_o_query, "a.test", ns_c_in, ns_t_a, 0, 0, 0, query, sizeof query);
    EXPECT(length, 24);
    EXPECT(res_send(query, length, answer, sizeof answer), 40);
    EXPECT(res_query("b.test", ns_c_in, ns_t_a, answer, sizeof answer), 40);
    EXPECT_TRUE(asked("b.test"));
    EXPECT(res_query("no.test", ns_c_in, ns_t_a, answer, sizeof answer), -1);
    EXPECT(h_errno, HOST_NOT_FOUND);
    EXPECT(res_search("c", ns_c_in, ns_t_a, answer, sizeof answer), 47);
    EXPECT_TRUE(asked("c.search.test"));
    EXPECT_TRUE(res_querydomain("d", "other.test", ns_c_in, ns_t_a, answer, sizeof answer) > 0);
    EXPECT_TRUE(asked("d.other.test"));
}

int main(void)
{
    struct sockaddr_in address;
    names();
    pid_t server = start_server(&address);
    with_own_state(&address);
    with_state_of_the_thread(&address);
    kill(server, SIGKILL);
    waitpid(server, 0, 0);
    return faults;
}
