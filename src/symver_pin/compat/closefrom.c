/* close_range and closefrom: the system call (Linux 5.9; 5.11 for CLOSE_RANGE_CLOEXEC), or without it the descriptors
   that /proc lists.

   Without /proc, close_range tries each number up to the hard limit of RLIMIT_NOFILE. A descriptor has a higher number
   only if the limit was lowered after the descriptor was opened. closefrom aborts the program without /proc, as glibc's
   function does. */

#include <sys/resource.h>

#include "closing.h"

COMPAT_PLAIN(void, abort, (void));

#define UNSHARE 2u      /* CLOSE_RANGE_UNSHARE */
#define MARK 4u         /* CLOSE_RANGE_CLOEXEC */
#define OWN_TABLE 0x400 /* CLONE_FILES */
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

COMPAT_DEFINE(int, close_range, (unsigned first, unsigned last, int flags))
{
    int before = errno;
    if (plain_syscall(SYS_close_range, first, last, flags) == 0)
        return 0;
    if (errno != ENOSYS && !(errno == EINVAL && ((unsigned)flags & MARK))) /* 5.9 and 5.10 lack that flag */
        return -1;
    if (first > last || ((unsigned)flags & ~(UNSHARE | MARK))) {
        errno = EINVAL;
        return -1;
    }
    if (((unsigned)flags & UNSHARE) && plain_syscall(SYS_unshare, (long)OWN_TABLE) != 0)
        return -1;
    if (first <= INT_MAX) {
        struct range range = {(int)first, last < INT_MAX ? (int)last : INT_MAX, ((unsigned)flags & MARK) != 0};
        if (close_or_mark_listed(&range) != 0)
            close_or_mark_by_number(&range);
    }
    errno = before;
    return 0;
}

COMPAT_DEFINE(void, closefrom, (int first))
{
    struct range range = {first < 0 ? 0 : first, INT_MAX, 0};
    if (plain_syscall(SYS_close_range, (unsigned)range.first, ~0u, 0) != 0 && close_or_mark_listed(&range) != 0)
        plain_abort();
}
