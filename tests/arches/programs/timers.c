/* timer_create with a signal and with a thread, timerfd, setitimer, alarm, nanosleep.
   flags: -pthread
   libs: -lrt */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "expect.h"

static volatile sig_atomic_t signals;
static int called;
static void count(int number) { (void)number, signals++; }
static void in_thread(union sigval value) { __atomic_store_n((int *)value.sival_ptr, 1, __ATOMIC_SEQ_CST); }

int main(void)
{
    timer_t timer;
    struct itimerspec once = {.it_value = {0, 1000000}}, left;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    signal(SIGRTMIN, count), signal(SIGALRM, count);
    SAME(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    SAME(timer_settime(timer, 0, &once, NULL), 0);
    for (int i = 0; i < 5000 && signals < 1; i++)
        usleep(1000);
    SAME(signals, 1);
    SAME(timer_gettime(timer, &left), 0);
    SAME(left.it_value.tv_nsec, 0);
    SAME(timer_getoverrun(timer), 0);
    SAME(timer_delete(timer), 0);
    struct sigevent threaded = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread};
    threaded.sigev_value.sival_ptr = &called;
    SAME(timer_create(CLOCK_REALTIME, &threaded, &timer), 0);
    SAME(timer_settime(timer, 0, &once, NULL), 0);
    for (int i = 0; i < 5000 && !__atomic_load_n(&called, __ATOMIC_SEQ_CST); i++)
        usleep(1000);
    SAME(called, 1);
    timer_delete(timer);
    int file = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    unsigned long long expirations = 0;
    SAME(timerfd_settime(file, 0, &once, NULL), 0);
    SAME(read(file, &expirations, 8), 8);
    SAME(expirations, 1);
    SAME(timerfd_gettime(file, &left), 0);
    close(file);
    struct itimerval interval = {.it_value = {0, 1000}};
    SAME(setitimer(ITIMER_REAL, &interval, NULL), 0);
    for (int i = 0; i < 5000 && signals < 2; i++)
        usleep(1000);
    SAME(signals, 2);
    SAME(alarm(100), 0);
    CHECK(alarm(0) >= 99);
    SAME(nanosleep(&(struct timespec){0, 1000}, NULL), 0);
    SAME(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 1000}, NULL), 0);
    return faults;
}
