/* The resolver's functions under the names of the headers, which libc exports since 2.34.

   Before that, headers turned each name into one with two leading underscores, a function of libresolv. The parameters
   are the same. The resolver's state is only passed on, so its type does not matter here. */

#include "compat.h"

typedef const unsigned char *wire;

#define FORWARD(symbol, parameters, arguments)                                                                         \
    COMPAT_PLAIN(int, __##symbol, parameters);                                                                         \
    COMPAT_DEFINE(int, symbol, parameters)                                                                             \
    {                                                                                                                  \
        return plain___##symbol arguments;                                                                             \
    }

/* Functions on names in messages. */
FORWARD(dn_expand, (wire message, wire end, wire source, char *target, int size), (message, end, source, target, size))
FORWARD(dn_comp, (const char *source, unsigned char *target, int size, unsigned char **names, unsigned char **last),
        (source, target, size, names, last))
FORWARD(dn_skipname, (wire name, wire end), (name, end))

/* True if a name is valid for a host, a mailbox, an owner, or at all. Below 2.27 libresolv's functions look at the bytes
   alone and accept labels of any length and empty ones, so the name is brought into its wire form here. */
COMPAT_PLAIN(int, ns_name_pton, (const char *, unsigned char *, unsigned long));

#define WIRE_NAME 255

/* Bring a name of printable ASCII into wire form: labels with their lengths, ended by one of length zero. */
static int wire_name(const char *name, unsigned char *to)
{
    for (const char *at = name; *at; ++at)
        if (*at <= ' ' || *at > '~')
            return 0;
    return plain_ns_name_pton(name, to, WIRE_NAME) >= 0;
}

static int is_host_byte(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           byte == '-' || byte == '_';
}

static int are_host_labels(wire label)
{
    for (; *label; label += 1 + *label)
        for (unsigned i = 1; i <= *label; ++i)
            if (!is_host_byte(label[i]))
                return 0;
    return 1;
}

/* A dash in front would look like an option of a program. */
static int begins_with_dash(wire name)
{
    return name[0] > 0 && name[1] == '-';
}

COMPAT_DEFINE(int, res_hnok, (const char *name))
{
    unsigned char labels[WIRE_NAME];
    return wire_name(name, labels) && !begins_with_dash(labels) && are_host_labels(labels);
}

COMPAT_DEFINE(int, res_mailok, (const char *name))
{
    unsigned char labels[WIRE_NAME];
    if (!wire_name(name, labels))
        return 0;
    wire rest = labels + 1 + labels[0];
    return labels[0] == 0 || (*rest && are_host_labels(rest));
}

COMPAT_DEFINE(int, res_ownok, (const char *name))
{
    unsigned char labels[WIRE_NAME];
    if (!wire_name(name, labels) || begins_with_dash(labels))
        return 0;
    return are_host_labels(labels[0] == 1 && labels[1] == '*' ? labels + 2 : labels);
}

COMPAT_DEFINE(int, res_dnok, (const char *name))
{
    unsigned char labels[WIRE_NAME];
    return wire_name(name, labels);
}

/* Functions with the thread's own state. */
FORWARD(res_query, (const char *name, int class, int type, unsigned char *answer, int size),
        (name, class, type, answer, size))
FORWARD(res_search, (const char *name, int class, int type, unsigned char *answer, int size),
        (name, class, type, answer, size))
FORWARD(res_querydomain,
        (const char *name, const char *domain, int class, int type, unsigned char *answer, int size),
        (name, domain, class, type, answer, size))
FORWARD(res_mkquery,
        (int operation, const char *name, int class, int type, wire data, int length, wire record,
         unsigned char *query, int size),
        (operation, name, class, type, data, length, record, query, size))
FORWARD(res_send, (wire query, int length, unsigned char *answer, int size), (query, length, answer, size))

/* Functions with a state from the caller. */
FORWARD(res_nquery, (void *state, const char *name, int class, int type, unsigned char *answer, int size),
        (state, name, class, type, answer, size))
FORWARD(res_nsearch, (void *state, const char *name, int class, int type, unsigned char *answer, int size),
        (state, name, class, type, answer, size))
FORWARD(res_nquerydomain,
        (void *state, const char *name, const char *domain, int class, int type, unsigned char *answer, int size),
        (state, name, domain, class, type, answer, size))
FORWARD(res_nmkquery,
        (void *state, int operation, const char *name, int class, int type, wire data, int length, wire record,
         unsigned char *query, int size),
        (state, operation, name, class, type, data, length, record, query, size))
FORWARD(res_nsend, (void *state, wire query, int length, unsigned char *answer, int size),
        (state, query, length, answer, size))
