/* POSIX semaphores without and with a name, and timed waits.
   flags: -pthread */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>
#include "expect.h"

static sem_t ping, pong;
static int turns;
static void *answer(void *nothing)
{
    for (int i = 0; i < 200; i++) {
        sem_wait(&ping);
        turns++;
        sem_post(&pong);
    }
    return nothing;
}

int main(void)
{
    pthread_t thread;
    struct timespec now;
    int value = -1;
    char name[40];
    SAME(sem_init(&ping, 0, 0), 0);
    SAME(sem_init(&pong, 0, 0), 0);
    pthread_create(&thread, NULL, answer, NULL);
    for (int i = 0; i < 200; i++) {
        sem_post(&ping);
        sem_wait(&pong);
    }
    pthread_join(thread, NULL);
    SAME(turns, 200);
    SAME(sem_trywait(&ping), -1);
    SAME(errno, EAGAIN);
    clock_gettime(CLOCK_REALTIME, &now);
    SAME(sem_timedwait(&ping, &now), -1);
    SAME(errno, ETIMEDOUT);
    clock_gettime(CLOCK_MONOTONIC, &now);
    SAME(sem_clockwait(&ping, CLOCK_MONOTONIC, &now), -1);
    SAME(errno, ETIMEDOUT);
    SAME(sem_post(&ping), 0);
    SAME(sem_getvalue(&ping, &value), 0);
    SAME(value, 1);
    snprintf(name, sizeof name, "/arches-%d", (int)getpid());
    sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
    if (named != SEM_FAILED) {
        SAME(sem_wait(named), 0);
        SAME(sem_getvalue(named, &value), 0);
        SAME(value, 1);
        sem_close(named);
        SAME(sem_unlink(name), 0);
    } else /* a root without /dev/shm */
        CHECK(errno == ENOENT || errno == ENOSYS);
    return faults;
}
