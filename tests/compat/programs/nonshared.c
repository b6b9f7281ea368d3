/* What is registered with libc runs once and in order, at exit, at quick_exit, at fork. */

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "check.h"

extern int pthread_atfork(void (*)(void), void (*)(void), void (*)(void));
extern int __pthread_atfork(void (*)(void), void (*)(void), void (*)(void));
extern void __stack_chk_fail_local(void);

static char order[16];
static int used;

#define MARKER(name, mark)                                                                                             \
    static void name(void)                                                                                             \
    {                                                                                                                  \
        order[used++] = mark;                                                                                          \
    }
MARKER(a, 'a')
MARKER(b, 'b')
MARKER(c, 'c')
MARKER(d, 'd')
MARKER(e, 'e')
MARKER(f, 'f')

static void judge(void)
{
    if (strcmp(order, "ba") != 0)
        _exit(3);
    _exit(7);
}

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        EXPECT(atexit(judge), 0);
        EXPECT(atexit(a), 0);
        EXPECT(atexit(b), 0);
        exit(0);
    }
    EXPECT(status_of(child), 7);

    child = fork();
    if (child == 0) {
        EXPECT(at_quick_exit(judge), 0);
        EXPECT(at_quick_exit(a), 0);
        EXPECT(at_quick_exit(b), 0);
        quick_exit(0);
    }
    EXPECT(status_of(child), 7);

    child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(2); /* where libc says that the stack was smashed */
        __stack_chk_fail_local();
    }
    EXPECT(status_of(child), -SIGABRT);

    EXPECT(pthread_atfork(a, b, c), 0);
    EXPECT(__pthread_atfork(d, e, f), 0);
    child = fork();
    if (child == 0)
        _exit(strcmp(order, "dacf") == 0 ? 7 : 3);
    EXPECT(status_of(child), 7);
    EXPECT(strcmp(order, "dabe"), 0);
    return faults;
}
