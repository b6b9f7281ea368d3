/* closefrom: close_range (Linux 5.9), else what /proc/self/fd lists; the program ends when neither can be had.

   Everything goes by system calls of its own: close and open of libc are cancellation points, closefrom is none, and
   after fork it must do without malloc. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "compat.h"
#include "numbers.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, getdtablesize, (void));
COMPAT_PLAIN(void, abort, (void));

struct entry { /* of getdents64 */
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t kind;
    char name[];
};

/* A table that is full has no room for the list: descriptors to be closed make it. */
static int open_list(int first)
{
    for (int fd = first;;) {
        int list = (int)plain_syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (list >= 0 || (errno != EMFILE && errno != ENFILE))
            return list;
        while (fd < plain_getdtablesize() && plain_syscall(SYS_close, fd) < 0 && errno == EBADF)
            ++fd;
        if (fd++ >= plain_getdtablesize())
            return -1;
    }
}

static int number(const char *name)
{
    int64_t value = 0;
    for (; *name >= '0' && *name <= '9' && value <= INT_MAX; ++name)
        value = value * 10 + (*name - '0');
    return *name == 0 && value <= INT_MAX ? (int)value : -1; /* "." and ".." are none */
}

static int close_listed(int first)
{
    char buffer[1024] __attribute__((aligned(8)));
    int closed;
    long size;
    int list = open_list(first);
    if (list < 0)
        return -1;
    do { /* from the start again, until there is nothing left to close */
        closed = 0;
        while ((size = plain_syscall(SYS_getdents64, list, buffer, sizeof buffer)) > 0)
            for (long at = 0; at < size; at += ((struct entry *)(buffer + at))->size) {
                int fd = number(((struct entry *)(buffer + at))->name);
                if (fd >= first && fd != list) {
                    plain_syscall(SYS_close, fd);
                    closed = 1;
                }
            }
        if (closed && size == 0) {
            plain_syscall(SYS_close, list);
            list = open_list(first);
            if (list < 0)
                return -1;
        }
    } while (closed && size == 0);
    plain_syscall(SYS_close, list);
    return size == 0 ? 0 : -1;
}

COMPAT_DEFINE(void, closefrom, (int first))
{
    if (first < 0)
        first = 0;
    if (plain_syscall(SYS_close_range, (unsigned)first, ~0u, 0) != 0 && close_listed(first) != 0)
        plain_abort();
}
