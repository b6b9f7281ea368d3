/* Unused sections are dropped, and what constructors need stays.
   flags: -ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,--as-needed
   libs: -lm -ldl -lrt -lpthread */
#define _GNU_SOURCE
#include <time.h>
#include "expect.h"

int undefined_function_of_nobody(void);
__attribute__((noinline)) int never_called(void) { return undefined_function_of_nobody(); }
static int begun;
__attribute__((constructor)) static void begin(void) { begun = 1; }
static void end(void) { begun = 2; }

int main(void)
{
    struct timespec now;
    SAME(begun, 1);
    SAME(atexit(end), 0);
    SAME(clock_gettime(CLOCK_REALTIME, &now), 0);
    volatile double x = 4;
    CHECK(sqrt(x) == 2 && pow(x, 2) == 16);
    return faults;
}
