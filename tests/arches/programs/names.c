/* getaddrinfo and getnameinfo of numeric addresses, inet_pton, if_nametoindex, gethostname, getservbyname's absence. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
    char host[64] = "", service[20] = "", text[INET6_ADDRSTRLEN];
    SAME(getaddrinfo("127.0.0.1", "8080", &hints, &found), 0);
    SAME(found->ai_family, AF_INET);
    SAME(ntohs(((struct sockaddr_in *)found->ai_addr)->sin_port), 8080);
    SAME(getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, service, sizeof service,
                     NI_NUMERICHOST | NI_NUMERICSERV), 0);
    TEXT(host, "127.0.0.1");
    TEXT(service, "8080");
    freeaddrinfo(found);
    SAME(getaddrinfo("2001:db8::1", "1", &hints, &found), 0);
    SAME(found->ai_family, AF_INET6);
    freeaddrinfo(found);
    SAME(getaddrinfo("no address", "1", &hints, &found), EAI_NONAME);
    TEXT(gai_strerror(EAI_NONAME), "Name or service not known");
    struct in6_addr six;
    SAME(inet_pton(AF_INET6, "::ffff:1.2.3.4", &six), 1);
    TEXT(inet_ntop(AF_INET6, &six, text, sizeof text), "::ffff:1.2.3.4");
    struct in_addr four;
    SAME(inet_aton("10.1.2.3", &four), 1);
    TEXT(inet_ntoa(four), "10.1.2.3");
    SAME(gethostname(host, sizeof host), 0);
    CHECK(if_nametoindex("no such interface") == 0);
    struct if_nameindex *list = if_nameindex();
    if (list != NULL)
        if_freenameindex(list);
    return faults;
}
