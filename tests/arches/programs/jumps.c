/* setjmp, longjmp, sigsetjmp and siglongjmp, with floating-point registers and the signal mask. */
#include <setjmp.h>
#include <signal.h>
#include "expect.h"

static jmp_buf place;
static sigjmp_buf with_mask;

static __attribute__((noinline)) int deep(int left)
{
    volatile char room[100];
    room[0] = (char)left;
    if (left == 0)
        longjmp(place, left + 17);
    return deep(left - 1) + room[0];
}
static void handle(int number) { siglongjmp(with_mask, number); }

int main(void)
{
    volatile double kept = 2.5;
    double register_kept = kept * 3;
    int value = setjmp(place);
    if (value == 0)
        deep(50);
    SAME(value, 17);
    CHECK(kept == 2.5 && register_kept == 7.5);
    value = setjmp(place);
    if (value == 0)
        longjmp(place, 0);
    SAME(value, 1);
    sigset_t set;
    sigemptyset(&set);
    signal(SIGUSR1, handle);
    for (volatile int round = 0; round < 3; round++) {
        value = sigsetjmp(with_mask, 1);
        if (value == 0) {
            raise(SIGUSR1);
            CHECK(0);
        }
        SAME(value, SIGUSR1);
        sigprocmask(SIG_BLOCK, NULL, &set);
        SAME(sigismember(&set, SIGUSR1), 0);
    }
    value = sigsetjmp(with_mask, 0);
    if (value == 0)
        raise(SIGUSR1);
    sigprocmask(SIG_BLOCK, NULL, &set);
    SAME(sigismember(&set, SIGUSR1), 1);
    return faults;
}
