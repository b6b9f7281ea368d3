/* For programs that are compiled with -D_TIME_BITS=64 and -D_FILE_OFFSET_BITS=64 for i386 or 32-bit Arm. With the word
   "fallbacks" as argument (i386 alone) the kernel refuses the system calls with 64-bit times, and statx, as an old one
   does. */

#ifndef TIME64_H
#define TIME64_H

#include <time.h>

#include "../check.h"

_Static_assert(sizeof(time_t) == 8, "this program needs -D_TIME_BITS=64");

#define BEYOND 5000000000 /* 2128-06-11 08:53:20 UTC */

static int is_old_kernel;

static __attribute__((unused)) void look_at_arguments(int count, char **arguments)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 383 /* statx on i386 */, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 403, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 423, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    is_old_kernel = fallbacks(count, arguments);
    if (is_old_kernel) {
        EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
        EXPECT(syscall(403, 0, (void *)0), -1);
        EXPECT(errno, ENOSYS);
    }
}

/* The call succeeds on a kernel with 64-bit times, and fails with EOVERFLOW on another. */
#define EXPECT_BEYOND(call)                                                                                            \
    do {                                                                                                               \
        if (is_old_kernel)                                                                                             \
            EXPECT_ERROR(call, EOVERFLOW);                                                                             \
        else                                                                                                           \
            EXPECT(call, 0);                                                                                           \
    } while (0)

#endif
