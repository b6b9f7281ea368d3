/* Close the descriptors of a range, or mark them to be closed at exec, without close_range (Linux 5.9): those that
   /proc lists, or each number.

   A thread may have its own descriptor table, so the list of the calling thread is the right one: /proc/thread-self/fd
   (Linux 3.17), else the list of its number. If /proc belongs to another PID namespace, it has other numbers. The last
   choice is /proc/self/fd, the list of the first thread.

   Without any list, each number up to the hard limit of RLIMIT_NOFILE is tried. A descriptor has a higher number only if
   the limit was lowered after the descriptor was opened.

   All operations are direct system calls. close, open and fcntl of libc are cancellation points, and after fork or
   vfork this code must not use malloc or locks. */

#ifndef SYMVER_PIN_CLOSING_H
#define SYMVER_PIN_CLOSING_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "compat.h"
#include "numbers.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, getdtablesize, (void));

struct range {
    int first, last;
    int mark; /* set FD_CLOEXEC instead of closing */
};

struct directory_entry { /* the structure that getdents64 returns */
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t kind;
    char name[];
};

/* Close or mark a descriptor. Returns 1 if it was closed. */
static int close_or_mark(const struct range *range, int fd)
{
    if (range->mark) {
        plain_syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
        return 0;
    }
    return plain_syscall(SYS_close, fd) == 0 || errno != EBADF;
}

#define LIST_OF_THREAD "/proc/self/task/2147483647/fd"

/* Write the path of the calling thread's list at the end of a buffer. Returns the address of its first character. */
static const char *name_of_list(char name[sizeof LIST_OF_THREAD])
{
    static const char before[] = "/proc/self/task/", behind[] = "/fd";
    char *at = name + sizeof LIST_OF_THREAD - sizeof behind;
    __builtin_memcpy(at, behind, sizeof behind);
    for (unsigned thread = (unsigned)plain_syscall(SYS_gettid); thread; thread /= 10)
        *--at = (char)('0' + thread % 10);
    at -= sizeof before - 1;
    __builtin_memcpy(at, before, sizeof before - 1);
    return at;
}

static int open_first_list(void)
{
    char buffer[sizeof LIST_OF_THREAD];
    const char *const names[] = {"/proc/thread-self/fd", name_of_list(buffer), "/proc/self/fd"};
    int list = -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        list = (int)plain_syscall(SYS_openat, AT_FDCWD, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (list >= 0 || errno == EMFILE || errno == ENFILE)
            break;
    }
    return list;
}

/* If the descriptor table is full, the list cannot be opened. Then descriptors of the range are closed until there is
   room. */
static int open_list(const struct range *range)
{
    for (int fd = range->first;;) {
        int list = open_first_list();
        if (list >= 0 || range->mark || (errno != EMFILE && errno != ENFILE))
            return list;
        int end = plain_getdtablesize();
        if (range->last < end - 1)
            end = range->last + 1;
        while (fd < end && plain_syscall(SYS_close, fd) < 0 && errno == EBADF)
            ++fd;
        if (fd++ >= end)
            return -1;
    }
}

static int number(const char *name)
{
    int64_t value = 0;
    for (; *name >= '0' && *name <= '9' && value <= INT_MAX; ++name)
        value = value * 10 + (*name - '0');
    return *name == 0 && value <= INT_MAX ? (int)value : -1; /* "." and ".." are not numbers */
}

/* Close or mark every listed descriptor of the range. Returns -1 if there is no list. */
static int close_or_mark_listed(const struct range *range)
{
    uint64_t buffer[128];
    int closed;
    long size;
    int list = open_list(range);
    if (list < 0)
        return -1;
    do { /* read the list again until no descriptor was closed */
        closed = 0;
        while ((size = plain_syscall(SYS_getdents64, list, buffer, sizeof buffer)) > 0)
            for (long at = 0; at < size;) {
                const struct directory_entry *entry = (const struct directory_entry *)((const char *)buffer + at);
                int fd = number(entry->name);
                if (fd >= range->first && fd <= range->last && fd != list)
                    closed |= close_or_mark(range, fd);
                at += entry->size;
            }
        if (closed && size == 0) {
            plain_syscall(SYS_close, list);
            list = open_list(range);
            if (list < 0)
                return -1;
        }
    } while (closed && size == 0);
    plain_syscall(SYS_close, list);
    return size == 0 ? 0 : -1;
}

#define MOST_NUMBERS (1 << 20)

static void close_or_mark_by_number(const struct range *range)
{
    struct rlimit limit;
    int end = MOST_NUMBERS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < (rlim_t)MOST_NUMBERS)
        end = (int)limit.rlim_max;
    for (int fd = range->first; fd <= range->last && fd < end; ++fd)
        close_or_mark(range, fd);
}

static void close_or_mark_all(const struct range *range)
{
    if (close_or_mark_listed(range) != 0)
        close_or_mark_by_number(range);
}

#endif
