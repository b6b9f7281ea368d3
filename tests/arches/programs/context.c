/* getcontext, makecontext with arguments, swapcontext and uc_link. */
#include <ucontext.h>
#include "expect.h"

static ucontext_t main_context, first, second;
static int trace[10], at;

static void run(int number, int more)
{
    trace[at++] = number;
    swapcontext(number == 1 ? &first : &second, number == 1 ? &second : &first);
    trace[at++] = number + more;
}

int main(void)
{
    static char stacks[2][65536];
    SAME(getcontext(&first), 0);
    SAME(getcontext(&second), 0);
    first.uc_stack.ss_sp = stacks[0];
    second.uc_stack.ss_sp = stacks[1];
    first.uc_stack.ss_size = second.uc_stack.ss_size = sizeof stacks[0];
    first.uc_link = &second;
    second.uc_link = &main_context;
    makecontext(&first, (void (*)(void))run, 2, 1, 10);
    makecontext(&second, (void (*)(void))run, 2, 2, 20);
    SAME(swapcontext(&main_context, &first), 0);
    const int expected[] = {1, 2, 11, 22};
    SAME(at, 4);
    SAME(memcmp(trace, expected, sizeof expected), 0);
    volatile int passes = 0;
    getcontext(&main_context);
    if (++passes < 3)
        setcontext(&main_context);
    SAME(passes, 3);
    return faults;
}
