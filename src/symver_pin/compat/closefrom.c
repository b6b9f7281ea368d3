/* close_range and closefrom: the running libc's function, else the system call (Linux 5.9; 5.11 for
   CLOSE_RANGE_CLOEXEC), or without it the descriptors that /proc lists, or without /proc each number. (libc's closefrom
   aborts the program without /proc, and its close_range fails without the system call.) */

#include "closing.h"
#include "running.h"

#define UNSHARE 2u      /* CLOSE_RANGE_UNSHARE */
#define MARK 4u         /* CLOSE_RANGE_CLOEXEC */
#define OWN_TABLE 0x400 /* CLONE_FILES */

COMPAT_DEFINE(int, close_range, (unsigned first, unsigned last, int flags))
{
    COMPAT_PREFER_RUNNING(int, close_range, (unsigned, unsigned, int), (first, last, flags));
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
        close_or_mark_all(&range);
    }
    errno = before;
    return 0;
}

COMPAT_DEFINE(void, closefrom, (int first))
{
    COMPAT_PREFER_RUNNING(void, closefrom, (int), (first));
    int before = errno;
    struct range range = {first < 0 ? 0 : first, INT_MAX, 0};
    if (plain_syscall(SYS_close_range, (unsigned)range.first, ~0u, 0) != 0)
        close_or_mark_all(&range);
    errno = before;
}
