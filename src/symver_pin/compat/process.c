/* Identity of a thread: the calling one's straight from the kernel, another's from the place where libc keeps it. */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "compat.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(void *, dlsym, (void *, const char *));

COMPAT_DEFINE(int, gettid, (void))
{
    return (int)plain_syscall(SYS_gettid);
}

COMPAT_DEFINE(int, getcpu, (unsigned *cpu, unsigned *node))
{
    return (int)plain_syscall(SYS_getcpu, cpu, node, (void *)0);
}

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

/* libc lets the kernel clear a thread's id when the thread ends, so the kernel knows where in its descriptor the
   calling thread has its own; in every descriptor it is the same place. */
COMPAT_DEFINE(int, pthread_gettid_np, (pthread_t thread))
{
    static void *real;
    int (*running)(pthread_t) = COMPAT_RUNNING(real, "pthread_gettid_np");
    if (running)
        return running(thread);
    int own = (int)plain_syscall(SYS_gettid), *place = 0;
    if (pthread_equal(thread, pthread_self()))
        return own;
    if (plain_syscall(SYS_prctl, (long)PR_GET_TID_ADDRESS, &place, 0L, 0L, 0L) != 0)
        return -1;
    uintptr_t offset = (uintptr_t)place - (uintptr_t)pthread_self();
    if (offset >= 4096 || *place != own) {
        errno = ENOSYS; /* the thread was not made by libc */
        return -1;
    }
    int found = __atomic_load_n((int *)((uintptr_t)thread + offset), __ATOMIC_RELAXED);
    return found > 0 ? found : -1;
}
