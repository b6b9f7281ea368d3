/* Resource usage, and waits for children that report it, with 64-bit times (time64.h). The times are those that a
   process has used, which 32 bits hold. */

#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "time64.h"

COMPAT_PLAIN(int, getrusage, (int, struct rusage *));
COMPAT_PLAIN(pid_t, wait4, (pid_t, int *, int, struct rusage *));

static void widen_usage(const struct rusage *from, struct usage64 *to)
{
    to->utime = widen_val(&from->ru_utime);
    to->stime = widen_val(&from->ru_stime);
    for (int i = 0; i < 14; ++i)
        to->others[i] = (int32_t)(&from->ru_maxrss)[i];
}

COMPAT_64(int, __getrusage64, (int who, struct usage64 *usage), (who, usage))
{
    struct rusage old;
    int result = plain_getrusage(who, &old);
    if (result == 0)
        widen_usage(&old, usage);
    return result;
}

static pid_t wait_with_usage(pid_t process, int *status, int options, struct usage64 *usage)
{
    struct rusage old;
    pid_t result = plain_wait4(process, status, options, usage ? &old : 0);
    if (result > 0 && usage)
        widen_usage(&old, usage);
    return result;
}

COMPAT_64(pid_t, __wait4_time64, (pid_t process, int *status, int options, struct usage64 *usage),
          (process, status, options, usage))
{
    return wait_with_usage(process, status, options, usage);
}

COMPAT_64(pid_t, __wait3_time64, (int *status, int options, struct usage64 *usage), (status, options, usage))
{
    return wait_with_usage(-1, status, options, usage);
}
