/* Clocks, sleeps, timers and adjustments with 64-bit times. */

#include <pthread.h>
#include <sched.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <threads.h>

#include "time64.h"

static int is_near(long long one, long long other)
{
    return one - other <= 2 && other - one <= 2;
}

static void clocks(void)
{
    struct timespec spec = {-1, -1}, other;
    struct timeval val = {-1, -1};
    struct timezone zone = {9, 9};
    time_t stored = 0, now = time(&stored);
    EXPECT(now, stored);
    EXPECT_TRUE(now > 1700000000);
    EXPECT(clock_gettime(CLOCK_REALTIME, &spec), 0);
    EXPECT_TRUE(is_near(spec.tv_sec, now) && spec.tv_nsec >= 0 && spec.tv_nsec < 1000000000);
    EXPECT(gettimeofday(&val, &zone), 0);
    EXPECT_TRUE(is_near(val.tv_sec, now) && val.tv_usec >= 0 && val.tv_usec < 1000000);
    EXPECT(zone.tz_minuteswest, 0);
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &spec), 0);
    EXPECT(clock_gettime(CLOCK_MONOTONIC, &other), 0);
    EXPECT_TRUE(other.tv_sec > spec.tv_sec || (other.tv_sec == spec.tv_sec && other.tv_nsec >= spec.tv_nsec));
    if (!is_old_kernel) /* libc's own returns ENOSYS there */
        EXPECT_ERROR(clock_gettime(9999, &spec), EINVAL);
    EXPECT(clock_getres(CLOCK_MONOTONIC, &spec), 0);
    EXPECT(spec.tv_sec, 0);
    EXPECT_TRUE(spec.tv_nsec > 0);
    EXPECT_ERROR(clock_getres(9999, &spec), EINVAL);
    EXPECT(timespec_get(&spec, TIME_UTC), TIME_UTC);
    EXPECT_TRUE(is_near(spec.tv_sec, now));
    EXPECT(timespec_get(&spec, 99), 0);
    EXPECT(timespec_getres(&spec, TIME_UTC), TIME_UTC);
    EXPECT(spec.tv_sec, 0);
    EXPECT(sched_rr_get_interval(0, &spec), 0);
    EXPECT(spec.tv_sec, 0);
}

/* Setting a clock needs a privilege that the program gives up, or a value that is refused before. */
static void setting(void)
{
    struct timespec bad = {0, 1000000000};
    struct timeval bad_val = {0, 1000000}, delta = {0, 0}, before = {-1, -1};
    struct timezone zone = {0, 0};
    struct timeval val = {1, 1};
    EXPECT_ERROR(clock_settime(CLOCK_MONOTONIC, &bad), EINVAL);
    EXPECT_ERROR(settimeofday(&val, &zone), EINVAL);
    EXPECT_ERROR(settimeofday(&bad_val, 0), EINVAL);
    delta.tv_sec = 3000;
    EXPECT_ERROR(adjtime(&delta, 0), EINVAL);
    delta.tv_sec = BEYOND;
    EXPECT_ERROR(adjtime(&delta, 0), EINVAL);
    EXPECT(adjtime(0, &before), 0);
    EXPECT_TRUE(before.tv_sec > -3000 && before.tv_sec < 3000);
    struct timespec beyond = {BEYOND, 0};
    errno = 0;
    EXPECT(clock_settime(CLOCK_MONOTONIC, &beyond), -1); /* this clock cannot be set */
    EXPECT(errno, is_old_kernel ? EOVERFLOW : EINVAL);
}

static void adjusting(void)
{
    struct timex timex = {0}, same = {0};
    struct ntptimeval ntp = {0};
    time_t now = time(0);
    EXPECT_TRUE(adjtimex(&timex) >= 0);
    EXPECT_TRUE(is_near(timex.time.tv_sec, now));
    EXPECT_TRUE(timex.tick > 8000 && timex.tick < 12000);
    EXPECT_TRUE(clock_adjtime(CLOCK_REALTIME, &same) >= 0);
    EXPECT(same.tick, timex.tick);
    EXPECT_TRUE(ntp_gettimex(&ntp) >= 0);
    EXPECT_TRUE(is_near(ntp.time.tv_sec, now));
    memset(&ntp, 0, sizeof ntp);
    EXPECT_TRUE(ntp_gettime(&ntp) >= 0);
    EXPECT_TRUE(is_near(ntp.time.tv_sec, now));
}

static void on_alarm(int number)
{
    (void)number;
}

static void interrupt_after(long microseconds)
{
    struct itimerval timer = {{0, 0}, {0, microseconds}};
    EXPECT(setitimer(ITIMER_REAL, &timer, 0), 0);
}

static void sleeping(void)
{
    struct timespec brief = {0, 1000000}, left = {-1, -1}, bad = {0, 1000000000}, past = {-BEYOND, 0}, start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    EXPECT(nanosleep(&brief, &left), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    EXPECT_TRUE((end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec >= 1000000);
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, 0, &brief, 0), 0);
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &start, 0), 0);
    EXPECT(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &brief, 0), EINVAL);
    EXPECT(thrd_sleep(&brief, 0), 0);
    EXPECT_ERROR(nanosleep(&bad, 0), EINVAL);
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, 0), EINVAL);
    EXPECT_TRUE(thrd_sleep(&bad, 0) < -1);
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, 0, &past, 0), is_old_kernel ? EOVERFLOW : EINVAL);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, 0);
    struct timespec hour = {3600, 0}, centuries = {BEYOND, 0};
    interrupt_after(20000);
    EXPECT_ERROR(nanosleep(&hour, &left), EINTR);
    EXPECT(left.tv_sec, 3599);
    interrupt_after(20000);
    EXPECT(thrd_sleep(&hour, &left), -1);
    EXPECT(left.tv_sec, 3599);
    interrupt_after(20000);
    EXPECT(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &centuries, 0), is_old_kernel ? EOVERFLOW : EINTR);
    interrupt_after(20000);
    errno = 0;
    EXPECT(nanosleep(&centuries, &left), -1);
    EXPECT(errno, is_old_kernel ? EOVERFLOW : EINTR);
    if (!is_old_kernel)
        EXPECT(left.tv_sec, BEYOND - 1);
    interrupt_after(0);
}

static void *sleep_for(void *time)
{
    nanosleep(time, 0);
    return 0;
}

static void cancelling(long long seconds)
{
    pthread_t thread;
    struct timespec time = {seconds, 0}, brief = {0, 20000000};
    void *result = 0;
    EXPECT(pthread_create(&thread, 0, sleep_for, &time), 0);
    nanosleep(&brief, 0);
    EXPECT(pthread_cancel(thread), 0);
    EXPECT(pthread_join(thread, &result), 0);
    EXPECT_TRUE(result == PTHREAD_CANCELED);
}

static long long seconds_now(void)
{
    return time(0);
}

static void timers(void)
{
    struct itimerval interval = {{BEYOND, 0}, {BEYOND, 0}}, bad = {{0, 0}, {0, 1000000}}, left;
    EXPECT_ERROR(setitimer(ITIMER_REAL, &interval, 0), EOVERFLOW); /* no kernel has more than 32 bits here */
    EXPECT_ERROR(setitimer(ITIMER_REAL, &bad, 0), EINVAL);
    struct itimerval hour = {{0, 0}, {3600, 0}}, none = {{0, 0}, {0, 0}}, last;
    EXPECT(setitimer(ITIMER_REAL, &hour, 0), 0);
    EXPECT(getitimer(ITIMER_REAL, &left), 0);
    EXPECT_TRUE(is_near(left.it_value.tv_sec, 3600));
    EXPECT(setitimer(ITIMER_REAL, &none, &last), 0);
    EXPECT_TRUE(is_near(last.it_value.tv_sec, 3600));

    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec time = {{5, 0}, {3600, 500}}, before, now;
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    EXPECT(timer_settime(timer, 0, &time, 0), 0);
    EXPECT(timer_gettime(timer, &now), 0);
    EXPECT_TRUE(is_near(now.it_value.tv_sec, 3600));
    EXPECT(now.it_interval.tv_sec, 5);
    EXPECT(timer_settime(timer, 0, &time, &before), 0);
    EXPECT(before.it_interval.tv_sec, 5);
    time.it_value.tv_nsec = 1000000000;
    EXPECT_ERROR(timer_settime(timer, 0, &time, 0), EINVAL);
    EXPECT(timer_delete(timer), 0);

    int fd = timerfd_create(CLOCK_REALTIME, 0);
    long long before_now = seconds_now();
    struct itimerspec beyond = {{0, 0}, {BEYOND, 0}};
    time.it_value.tv_nsec = 0;
    EXPECT_TRUE(fd >= 0);
    EXPECT(timerfd_settime(fd, 0, &time, 0), 0);
    EXPECT(timerfd_gettime(fd, &now), 0);
    EXPECT_TRUE(is_near(now.it_value.tv_sec, 3600));
    EXPECT_BEYOND(timerfd_settime(fd, TFD_TIMER_ABSTIME, &beyond, &before));
    if (!is_old_kernel) {
        EXPECT_TRUE(is_near(before.it_value.tv_sec, 3600));
        EXPECT(timerfd_gettime(fd, &now), 0);
        EXPECT_TRUE(is_near(now.it_value.tv_sec, BEYOND - before_now));
    }
    EXPECT_ERROR(timerfd_gettime(-1, &now), EBADF);
    EXPECT_ERROR(timerfd_settime(-1, 0, &time, 0), EBADF);
    close(fd);
}

int main(int count, char **arguments)
{
    look_at_arguments(count, arguments);
    clocks();
    setting();
    adjusting();
    sleeping();
    cancelling(3600);
    if (!is_old_kernel)
        cancelling(BEYOND);
    timers();
    return faults;
}
