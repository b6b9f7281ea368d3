/* Scheduling: policies, priorities, affinity, thread attributes, nice, and limits.
   flags: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include "expect.h"

static void *work(void *argument)
{
    pthread_attr_t attributes;
    size_t size = 0, guard = 0;
    int state = -1;
    SAME(pthread_getattr_np(pthread_self(), &attributes), 0);
    SAME(pthread_attr_getstacksize(&attributes, &size), 0);
    SAME(pthread_attr_getguardsize(&attributes, &guard), 0);
    SAME(pthread_attr_getdetachstate(&attributes, &state), 0);
    CHECK(size >= 300000 && guard >= 4096);
    SAME(state, PTHREAD_CREATE_JOINABLE);
    pthread_attr_destroy(&attributes);
    return argument;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    struct sched_param parameter = {0};
    int policy = -1;
    cpu_set_t processors;
    SAME(sched_getscheduler(0), SCHED_OTHER);
    CHECK(sched_get_priority_max(SCHED_FIFO) > sched_get_priority_min(SCHED_FIFO));
    SAME(pthread_getschedparam(pthread_self(), &policy, &parameter), 0);
    SAME(policy, SCHED_OTHER);
    SAME(pthread_getaffinity_np(pthread_self(), sizeof processors, &processors), 0);
    SAME(pthread_setaffinity_np(pthread_self(), sizeof processors, &processors), 0);
    SAME(pthread_attr_init(&attributes), 0);
    SAME(pthread_attr_setstacksize(&attributes, 1 << 20), 0);
    SAME(pthread_attr_setguardsize(&attributes, 65536), 0);
    SAME(pthread_attr_setaffinity_np(&attributes, sizeof processors, &processors), 0);
    SAME(pthread_create(&thread, &attributes, work, NULL), 0);
    SAME(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    SAME(sched_yield(), 0);
    errno = 0;
    SAME(getpriority(PRIO_PROCESS, 0) >= -20 && errno == 0, 1);
    struct rlimit limit, again;
    SAME(getrlimit(RLIMIT_NOFILE, &limit), 0);
    SAME(prlimit(0, RLIMIT_NOFILE, NULL, &again), 0);
    SAME(again.rlim_cur, limit.rlim_cur);
    limit.rlim_cur = 64;
    SAME(setrlimit(RLIMIT_NOFILE, &limit), 0);
    SAME(getrlimit(RLIMIT_NOFILE, &again), 0);
    SAME(again.rlim_cur, 64);
    return faults;
}
