/* Thread ids: that of the calling thread from the kernel, that of another thread from its descriptor in libc. */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));

COMPAT_DEFINE(int, gettid, (void))
{
    return (int)plain_syscall(SYS_gettid);
}

COMPAT_DEFINE(int, getcpu, (unsigned *cpu, unsigned *node))
{
    COMPAT_PREFER_RUNNING(int, getcpu, (unsigned *, unsigned *), (cpu, node));
    return (int)plain_syscall(SYS_getcpu, cpu, node, (void *)0);
}

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

/* Up to 2.42, libc asks the kernel to clear the id of a thread when the thread ends. So the kernel knows the address of
   the id in the calling thread's descriptor. It has the same offset in every descriptor. (From 2.43 on the kernel clears
   another field, and the running function is called.) */
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
        errno = ENOSYS; /* the thread was not created by libc */
        return -1;
    }
    int found = __atomic_load_n((int *)((uintptr_t)thread + offset), __ATOMIC_RELAXED);
    return found > 0 ? found : -1;
}
