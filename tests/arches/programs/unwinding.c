/* Forced unwinding in C: clean-up attributes run at pthread_exit and at _Unwind_Backtrace's walk.
   flags: -fexceptions -pthread */
#include <pthread.h>
#include <unwind.h>
#include "expect.h"

static int cleaned, frames;
static void clean(int *value) { cleaned += *value; }
static __attribute__((noinline)) void inner(int depth)
{
    int guard __attribute__((cleanup(clean))) = depth;
    if (depth == 3)
        pthread_exit(&cleaned);
    inner(depth + 1);
    __asm__ volatile("" : : "r"(&guard) : "memory");
}
static void *work(void *nothing)
{
    inner(1);
    return nothing;
}
static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *data)
{
    (void)data;
    frames++;
    return _Unwind_GetIP(context) == 0 ? _URC_END_OF_STACK : _URC_NO_REASON;
}

int main(void)
{
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, &result);
    CHECK(result == &cleaned);
    SAME(cleaned, 6);
    _Unwind_Backtrace(count, NULL);
    CHECK(frames >= 1);
    return faults;
}
