/* sigaction with SA_SIGINFO, sigaltstack, sigqueue with a value, sigwaitinfo, sigsuspend, pthread_kill, faults.
   flags: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "expect.h"

static volatile int got, value, code, on_stack;
static char *alternative;
static void *volatile fault_address;
static sigjmp_buf back;
enum { STACK = 65536 };

static void handle(int number, siginfo_t *info, void *context)
{
    char here;
    got = number;
    value = info->si_value.sival_int;
    code = info->si_code;
    on_stack = &here > alternative && &here < alternative + STACK;
    CHECK(context != NULL);
}
static void fault(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    fault_address = info->si_addr;
    siglongjmp(back, 1);
}

int main(void)
{
    struct sigaction action = {0}, before;
    stack_t stack = {.ss_sp = malloc(STACK), .ss_size = STACK};
    sigset_t set, old;
    siginfo_t info;
    alternative = stack.ss_sp;
    SAME(sigaltstack(&stack, NULL), 0);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    SAME(sigaction(SIGUSR1, &action, NULL), 0);
    SAME(sigaction(SIGUSR1, NULL, &before), 0);
    CHECK(before.sa_sigaction == handle);
    SAME(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77}), 0);
    SAME(got, SIGUSR1);
    SAME(value, 77);
    SAME(code, SI_QUEUE);
    SAME(on_stack, 1);
    got = 0;
    SAME(pthread_kill(pthread_self(), SIGUSR1), 0);
    SAME(got, SIGUSR1);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, &old);
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 5});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 6});
    SAME(sigwaitinfo(&set, &info), SIGRTMIN + 1);
    SAME(info.si_value.sival_int, 5);
    SAME(sigtimedwait(&set, &info, &(struct timespec){5, 0}), SIGRTMIN + 1);
    SAME(info.si_value.sival_int, 6);
    SAME(sigtimedwait(&set, &info, &(struct timespec){0, 1000}), -1);
    SAME(errno, EAGAIN);
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    got = 0;
    raise(SIGUSR1);
    SAME(got, 0);
    sigpending(&set);
    SAME(sigismember(&set, SIGUSR1), 1);
    SAME(sigsuspend(&old), -1);
    SAME(got, SIGUSR1);
    char *page = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    action.sa_sigaction = fault;
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(back, 1) == 0) {
        *(volatile char *)(page + 4096) = 1;
        CHECK(0);
    }
    CHECK(fault_address == page + 4096);
    TEXT(strsignal(SIGSEGV), "Segmentation fault");
    return faults;
}
