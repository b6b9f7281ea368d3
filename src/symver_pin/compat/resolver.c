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

/* True if a name is valid for a host, a mailbox, an owner, or at all. */
FORWARD(res_hnok, (const char *name), (name))
FORWARD(res_mailok, (const char *name), (name))
FORWARD(res_ownok, (const char *name), (name))
FORWARD(res_dnok, (const char *name), (name))

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
