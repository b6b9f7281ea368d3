// While threads throw all the time, exceptions are caught in forked children. A signal handler can unwind although it
// interrupted a search for unwind information. (It must not interrupt the unwinder: no table describes its last step.)

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unwind.h>

#include "check.h"

static volatile bool stop;
static volatile sig_atomic_t frames;

__attribute__((noinline)) static void thrower(int value)
{
    if (value >= 0)
        throw value;
}

static bool catches(int value)
{
    try {
        thrower(value);
    } catch (int caught) {
        return caught == value;
    }
    return false;
}

static void *run(void *)
{
    while (!stop)
        EXPECT_TRUE(catches(1));
    return nullptr;
}

static _Unwind_Reason_Code count_frame(_Unwind_Context *, void *)
{
    frames = frames + 1;
    return _URC_NO_REASON;
}

static void unwind(int)
{
    _Unwind_Backtrace(count_frame, nullptr);
}

static void threads_throw_and_children_too()
{
    pthread_t threads[3];
    for (pthread_t &thread : threads)
        EXPECT(pthread_create(&thread, nullptr, run, nullptr), 0);
    for (int i = 0; i < 200 && !faults; ++i) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            alarm(5);
            _exit(catches(2) ? 0 : 1);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
    }
    stop = true;
    for (pthread_t thread : threads)
        EXPECT(pthread_join(thread, nullptr), 0);
}

static void a_handler_unwinds()
{
    struct sigaction action = {};
    action.sa_handler = unwind;
    EXPECT(sigaction(SIGPROF, &action, nullptr), 0);
    itimerval every = {{0, 1000}, {0, 1000}};
    EXPECT(setitimer(ITIMER_PROF, &every, nullptr), 0);
    while (frames < 300 && !faults) {
        dl_find_object found;
        EXPECT(_dl_find_object(reinterpret_cast<void *>(&thrower), &found), 0);
    }
    every.it_value.tv_usec = 0;
    EXPECT(setitimer(ITIMER_PROF, &every, nullptr), 0);
}

int main()
{
    alarm(50);
    EXPECT_TRUE(catches(0)); // as the constructor of a kit does
    threads_throw_and_children_too();
    a_handler_unwinds();
    return faults;
}
