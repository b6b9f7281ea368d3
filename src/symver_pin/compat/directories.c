/* scandirat: scandir for a path relative to the descriptor of a directory. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(void *, fdopendir, (int));
COMPAT_PLAIN(int, closedir, (void *));
COMPAT_PLAIN(void *, readdir, (void *));
COMPAT_PLAIN(void *, readdir64, (void *));
COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void *, realloc, (void *, size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(void *, memcpy, (void *, const void *, size_t));
COMPAT_PLAIN(void, qsort, (void *, size_t, size_t, int (*)(const void *, const void *)));

typedef void *reader(void *);
typedef int selector(const void *);
typedef int order(const void *, const void *);

struct list {
    void **entries;
    size_t count, room;
};

static int add(struct list *list, const void *entry, size_t size)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void **entries = room > INT_MAX ? 0 : plain_realloc(list->entries, room * sizeof *entries);
        if (!entries) {
            errno = ENOMEM;
            return -1;
        }
        list->entries = entries;
        list->room = room;
    }
    void *copy = plain_malloc(size);
    if (!copy)
        return -1;
    list->entries[list->count++] = plain_memcpy(copy, entry, size);
    return 0;
}

/* `size_at` is the offset of the size field in an entry of this kind. */
static int collect(struct list *list, void *directory, reader *next, size_t size_at, selector *filter)
{
    for (;;) {
        errno = 0;
        const char *entry = next(directory);
        if (!entry)
            return errno == 0 ? 0 : -1;
        if (filter && !filter(entry))
            continue;
        if (add(list, entry, *(const unsigned short *)(entry + size_at)) != 0)
            return -1;
    }
}

static int scan(int at, const char *path, void ***result, reader *next, size_t size_at, selector *filter, order *before)
{
    struct list list = {0, 0, 0};
    int saved = errno;
    /* openat and close of libc are cancellation points */
    int fd = (int)plain_syscall(SYS_openat, at, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_LARGEFILE | O_CLOEXEC);
    if (fd < 0)
        return -1;
    void *directory = plain_fdopendir(fd);
    int outcome = directory ? collect(&list, directory, next, size_at, filter) : -1;
    if (outcome != 0)
        saved = errno;
    if (directory)
        plain_closedir(directory);
    else
        plain_syscall(SYS_close, fd);
    errno = saved;
    if (outcome != 0) {
        while (list.count > 0)
            plain_free(list.entries[--list.count]);
        plain_free(list.entries);
        errno = saved;
        return -1;
    }
    if (before && list.count > 1)
        plain_qsort(list.entries, list.count, sizeof *list.entries, before);
    *result = list.entries;
    return (int)list.count;
}

COMPAT_DEFINE(int, scandirat, (int at, const char *path, void ***result, selector *filter, order *before))
{
    COMPAT_PREFER_RUNNING(int, scandirat, (int, const char *, void ***, selector *, order *),
                          (at, path, result, filter, before));
    return scan(at, path, result, plain_readdir, offsetof(struct dirent, d_reclen), filter, before);
}

COMPAT_DEFINE(int, scandirat64, (int at, const char *path, void ***result, selector *filter, order *before))
{
    COMPAT_PREFER_RUNNING(int, scandirat64, (int, const char *, void ***, selector *, order *),
                          (at, path, result, filter, before));
    return scan(at, path, result, plain_readdir64, offsetof(struct dirent64, d_reclen), filter, before);
}
