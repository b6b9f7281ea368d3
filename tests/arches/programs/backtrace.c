/* backtrace and backtrace_symbols through functions of the program, and from a signal handler.
   flags: -rdynamic -fasynchronous-unwind-tables -fno-omit-frame-pointer -O0 */
#include <execinfo.h>
#include <signal.h>
#include "expect.h"

static void *frames[50];
static int count;
__attribute__((noinline)) void innermost(void) { count = backtrace(frames, 50); }
__attribute__((noinline)) void middle_function(void) { innermost(); __asm__ volatile(""); }
static void handle(int number) { (void)number, innermost(); }

static int shows(const char *name)
{
    char **names = backtrace_symbols(frames, count);
    int seen = 0;
    for (int i = 0; names != NULL && i < count; i++)
        seen += strstr(names[i], name) != NULL;
    free(names);
    return seen;
}

int main(void)
{
    middle_function();
    CHECK(count >= 3);
    CHECK(shows("innermost"));
    CHECK(shows("middle_function"));
    signal(SIGUSR1, handle);
    raise(SIGUSR1);
    CHECK(count >= 3);
    CHECK(shows("innermost"));
    return faults;
}
