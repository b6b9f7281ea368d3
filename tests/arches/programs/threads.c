/* Mutexes of all kinds, conditions with a chosen clock, barriers, read-write locks, spin locks, once, keys, names.
   flags: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
#include <unistd.h>
#include "expect.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;
static pthread_barrier_t barrier;
static pthread_rwlock_t both = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int counter, spun, ready, begun, destroyed, serials;

static void begin(void) { begun++; }
static void destroy(void *value) { __atomic_add_fetch(&destroyed, *(int *)value, __ATOMIC_SEQ_CST); }
static void *work(void *argument)
{
    static int one = 1;
    pthread_once(&once, begin);
    pthread_setspecific(key, &one);
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
        pthread_spin_lock(&spin);
        spun++;
        pthread_spin_unlock(&spin);
    }
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
        __atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
    pthread_rwlock_rdlock(&both);
    pthread_rwlock_unlock(&both);
    pthread_mutex_lock(&lock);
    if (++ready == 4)
        pthread_cond_signal(&condition);
    pthread_mutex_unlock(&lock);
    return argument;
}

int main(void)
{
    pthread_condattr_t attributes;
    pthread_t threads[4];
    struct timespec until;
    pthread_condattr_init(&attributes);
    SAME(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), 0);
    SAME(pthread_cond_init(&condition, &attributes), 0);
    SAME(pthread_barrier_init(&barrier, NULL, 4), 0);
    SAME(pthread_spin_init(&spin, 0), 0);
    SAME(pthread_key_create(&key, destroy), 0);
    for (int i = 0; i < 4; i++)
        SAME(pthread_create(&threads[i], NULL, work, &threads[i]), 0);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 100;
    pthread_mutex_lock(&lock);
    while (ready < 4)
        SAME(pthread_cond_timedwait(&condition, &lock, &until), 0);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 4; i++) {
        void *result = NULL;
        SAME(pthread_join(threads[i], &result), 0);
        CHECK(result == &threads[i]);
    }
    SAME(counter, 4000);
    SAME(spun, 4000);
    SAME(begun, 1);
    SAME(destroyed, 4);
    SAME(serials, 1);
    clock_gettime(CLOCK_MONOTONIC, &until);
    pthread_mutex_lock(&lock);
    SAME(pthread_cond_timedwait(&condition, &lock, &until), ETIMEDOUT);
    SAME(pthread_cond_clockwait(&condition, &lock, CLOCK_MONOTONIC, &until), ETIMEDOUT);
    SAME(pthread_mutex_trylock(&lock), EBUSY);
    clock_gettime(CLOCK_REALTIME, &until);
    SAME(pthread_mutex_timedlock(&lock, &until), ETIMEDOUT);
    pthread_mutex_unlock(&lock);
    pthread_mutexattr_t kinds;
    pthread_mutex_t recursive, checking;
    pthread_mutexattr_init(&kinds);
    pthread_mutexattr_settype(&kinds, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &kinds);
    pthread_mutexattr_settype(&kinds, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&checking, &kinds);
    SAME(pthread_mutex_lock(&recursive), 0);
    SAME(pthread_mutex_lock(&recursive), 0);
    SAME(pthread_mutex_unlock(&recursive), 0);
    SAME(pthread_mutex_lock(&checking), 0);
    SAME(pthread_mutex_lock(&checking), EDEADLK);
    SAME(pthread_rwlock_wrlock(&both), 0);
    SAME(pthread_rwlock_tryrdlock(&both), EBUSY);
    SAME(pthread_rwlock_unlock(&both), 0);
    char name[16] = "";
    SAME(pthread_setname_np(pthread_self(), "worker"), 0);
    SAME(pthread_getname_np(pthread_self(), name, sizeof name), 0);
    TEXT(name, "worker");
    pthread_attr_t attribute;
    void *stack;
    size_t size;
    SAME(pthread_getattr_np(pthread_self(), &attribute), 0);
    SAME(pthread_attr_getstack(&attribute, &stack, &size), 0);
    CHECK((char *)&attribute > (char *)stack && (char *)&attribute < (char *)stack + size);
    pthread_attr_destroy(&attribute);
    return faults;
}
