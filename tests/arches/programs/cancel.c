/* Cancellation: clean-up handlers run in their order, at a system call, at a wait, and asynchronously.
   flags: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>
#include "expect.h"

static int order[10], at, pipes[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static volatile int spins;

static void note(void *number) { order[at++] = *(int *)number; }
static void release(void *mutex) { pthread_mutex_unlock(mutex); }
static void *in_read(void *nothing)
{
    static int one = 1, two = 2;
    char byte;
    pthread_cleanup_push(note, &one);
    pthread_cleanup_push(note, &two);
    (void)!read(pipes[0], &byte, 1);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return nothing;
}
static void *in_wait(void *nothing)
{
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(release, &lock);
    for (;;)
        pthread_cond_wait(&never, &lock);
    pthread_cleanup_pop(1);
    return nothing;
}
static void *in_loop(void *nothing)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;)
        spins++;
    return nothing;
}
static void *disabled(void *nothing)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_cancel(pthread_self());
    pthread_testcancel();
    order[at++] = 3;
    pthread_setcancelstate(before, NULL);
    pthread_testcancel();
    order[at++] = 4;
    return nothing;
}
static void cancel(void *(*function)(void *), int pause)
{
    pthread_t thread;
    void *result = NULL;
    SAME(pthread_create(&thread, NULL, function, NULL), 0);
    usleep(pause);
    pthread_cancel(thread);
    SAME(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

int main(void)
{
    SAME(pipe(pipes), 0);
    cancel(in_read, 100000);
    SAME(at, 2);
    SAME(order[0], 2);
    SAME(order[1], 1);
    cancel(in_wait, 100000);
    SAME(pthread_mutex_trylock(&lock), 0);
    cancel(in_loop, 100000);
    at = 0;
    cancel(disabled, 0);
    SAME(at, 1);
    SAME(order[0], 3);
    return faults;
}
