/* sysconf knows the sizes of signal stacks, and all that the older one knew. */

#include <elf.h>
#include <link.h>
#include <signal.h>

#include "check.h"

static unsigned char stack[1 << 20];
static volatile int handled;

static void handler(int signal)
{
    (void)signal;
    handled = 1;
}

int main(void)
{
    long smallest = sysconf(249), usual = sysconf(250);
    /* as large as the processor's registers need: 1776 bytes without AVX, 11 KB with AMX */
    EXPECT_TRUE(smallest >= 1024 && smallest < 1 << 18);
    EXPECT_TRUE(usual >= 4 * smallest && usual >= 8192 && usual <= 8 * smallest);

    stack_t on = {.ss_sp = stack, .ss_size = (size_t)usual};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    EXPECT(sigaltstack(&on, 0), 0);
    EXPECT(sigaction(SIGUSR1, &action, 0), 0);
    EXPECT(raise(SIGUSR1), 0);
    EXPECT(handled, 1);

    EXPECT(sysconf(_SC_PAGESIZE), getpagesize());
    EXPECT_TRUE(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    EXPECT(sysconf(_SC_CLK_TCK), 100);
    EXPECT_ERROR(sysconf(99999), EINVAL);
    return faults;
}
