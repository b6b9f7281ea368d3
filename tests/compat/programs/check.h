/* Self-checking programs: silent with exit status 0, or one line a fault and exit status 1. */

#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <gnu/libc-version.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int faults;

static __attribute__((unused)) void expect(const char *file, int line, const char *what, long long actual,
                                           long long expected)
{
    if (actual != expected) {
        printf("%s:%d: %s: expected %lld got %lld\n", file, line, what, expected, actual);
        fflush(stdout);
        faults = 1;
    }
}

#define EXPECT(actual, expected) expect(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define EXPECT_TRUE(condition) EXPECT(!!(condition), 1)
#define EXPECT_ERROR(call, code)                                                                                       \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        EXPECT(call, -1);                                                                                              \
        EXPECT(errno, code);                                                                                           \
    } while (0)
/* The call ends the process by abort(). */
#define DIES(call)                                                                                                     \
    do {                                                                                                               \
        int status = 0;                                                                                                \
        pid_t child = fork();                                                                                          \
        if (child == 0) {                                                                                              \
            close(1);                                                                                                  \
            close(2);                                                                                                  \
            (void)call;                                                                                                \
            _exit(0);                                                                                                  \
        }                                                                                                              \
        waitpid(child, &status, 0);                                                                                    \
        EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGABRT);                                                   \
    } while (0)

/* From here on the kernel answers one system call with an error, or with 0 if that is the error. */
static __attribute__((unused)) void answered_system_call(long number, int error)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

/* As a kernel that is too old for the system call. */
static __attribute__((unused)) void without_system_call(long number)
{
    answered_system_call(number, ENOSYS);
}

/* Whether the program was asked to test the fallbacks for old kernels, which libc's own functions do not have. */
static __attribute__((unused)) int fallbacks(int count, char **arguments)
{
    return count > 1 && strcmp(arguments[1], "fallbacks") == 0;
}

/* 36 on glibc 2.36: the libc that the program runs on, not the one that it was built on. */
static __attribute__((unused)) int running_minor(void)
{
    return atoi(strchr(gnu_get_libc_version(), '.') + 1);
}

/* Whether a member whose function libc has since 2.`minor` calls it. A program of sanitised members is linked without
   the search for libc's functions, so that the members' own code runs. */
static __attribute__((unused)) int is_libcs_own(int minor)
{
#ifdef SANITISED
    (void)minor;
    return 0;
#else
    return running_minor() >= minor;
#endif
}

#endif
