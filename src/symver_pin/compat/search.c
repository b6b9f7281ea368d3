/* Tree walks: twalk_r (2.30), and fts with 64-bit files (2.23). */

#include <errno.h>
#include <stddef.h>
#include <search.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(void, twalk, (const void *, void (*)(const void *, VISIT, int)));

typedef void visitor(const void *, VISIT, void *);

struct walk {
    visitor *visit;
    void *closure;
};

static __thread struct walk walk;

static void pass_on(const void *node, VISIT when, int depth)
{
    (void)depth;
    walk.visit(node, when, walk.closure);
}

/* twalk passes no argument to its function, so the walk is stored in a thread-local variable. A visitor may walk
   another tree, so the outer walk is restored. */
COMPAT_DEFINE(void, twalk_r, (const void *root, visitor *visit, void *closure))
{
    COMPAT_PREFER_RUNNING(void, twalk_r, (const void *, visitor *, void *), (root, visit, closure));
    struct walk outer = walk;
    if (visit == 0)
        return;
    walk = (struct walk){visit, closure};
    plain_twalk(root, pass_on);
    walk = outer;
}

/* If long has 64 bits, there is only one layout. On other targets libc's fts supports 32-bit files only. */
#if __SIZEOF_LONG__ == 8
#define FORWARD(result, symbol, old, parameters, arguments, failure)                                                   \
    COMPAT_PLAIN(result, old, parameters);                                                                             \
    COMPAT_DEFINE(result, symbol, parameters)                                                                          \
    {                                                                                                                  \
        return plain_##old arguments;                                                                                  \
    }
#else
#define FORWARD(result, symbol, old, parameters, arguments, failure)                                                   \
    COMPAT_DEFINE(result, symbol, (void))                                                                              \
    {                                                                                                                  \
        errno = ENOSYS;                                                                                                \
        return failure;                                                                                                \
    }
#endif

typedef int comparison(const void **, const void **);

FORWARD(void *, fts64_open, fts_open, (char *const *paths, int options, comparison *compare),
        (paths, options, compare), 0)
FORWARD(void *, fts64_read, fts_read, (void *stream), (stream), 0)
FORWARD(void *, fts64_children, fts_children, (void *stream, int options), (stream, options), 0)
FORWARD(int, fts64_set, fts_set, (void *stream, void *entry, int options), (stream, entry, options), -1)
FORWARD(int, fts64_close, fts_close, (void *stream), (stream), -1)
