/* A robust mutex whose owner has ended, and a mutex with priority inheritance.
   flags: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include "expect.h"

static pthread_mutex_t mutex, inheriting;
static void *take_and_end(void *nothing) { pthread_mutex_lock(&mutex); return nothing; }

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t thread;
    pthread_mutexattr_init(&attributes);
    SAME(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), 0);
    SAME(pthread_mutex_init(&mutex, &attributes), 0);
    pthread_create(&thread, NULL, take_and_end, NULL);
    pthread_join(thread, NULL);
    SAME(pthread_mutex_trylock(&mutex), EOWNERDEAD);
    if (faults)
        return faults; /* it is still locked, and would be waited for without end */
    SAME(pthread_mutex_consistent(&mutex), 0);
    SAME(pthread_mutex_unlock(&mutex), 0);
    SAME(pthread_mutex_lock(&mutex), 0);
    SAME(pthread_mutex_unlock(&mutex), 0);
    pthread_mutexattr_init(&attributes);
    SAME(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), 0);
    SAME(pthread_mutex_init(&inheriting, &attributes), 0);
    SAME(pthread_mutex_lock(&inheriting), 0);
    SAME(pthread_mutex_unlock(&inheriting), 0);
    return faults;
}
