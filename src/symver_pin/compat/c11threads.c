/* The threads of C11 (<threads.h>, 2.28), implemented with POSIX threads.

   The types are those of POSIX threads under other names. Assertions below check this if the build host has the header.
   Static initialisers are the same too: all bytes zero. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include "compat.h"

#ifdef __has_include
#if __has_include(<threads.h>)
#include <threads.h>
#define SAME(c11, posix)                                                                                               \
    _Static_assert(sizeof(c11) == sizeof(posix) && _Alignof(c11) == _Alignof(posix), #c11 " is not " #posix)
SAME(thrd_t, pthread_t);
SAME(mtx_t, pthread_mutex_t);
SAME(cnd_t, pthread_cond_t);
SAME(tss_t, pthread_key_t);
SAME(once_flag, pthread_once_t);
#endif
#endif

COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void, free, (void *));

enum { SUCCESS = 0, BUSY = 1, ERROR = 2, NO_MEMORY = 3, TIMED_OUT = 4 };
enum { RECURSIVE = 1 }; /* every mutex supports a lock with a deadline */

static inline int answer(int error)
{
    switch (error) {
    case 0:
        return SUCCESS;
    case EBUSY:
        return BUSY;
    case ENOMEM:
        return NO_MEMORY;
    case ETIMEDOUT:
        return TIMED_OUT;
    default:
        return ERROR;
    }
}

/* The function of a C11 thread returns an int, that of a POSIX thread a pointer. The pointer holds the int. */
static inline void *as_pointer(int result)
{
    return (void *)(intptr_t)result;
}

struct task {
    int (*run)(void *);
    void *argument;
};

static void *perform(void *given)
{
    struct task task = *(struct task *)given;
    plain_free(given);
    return as_pointer(task.run(task.argument));
}

COMPAT_DEFINE(int, thrd_create, (pthread_t * thread, int (*run)(void *), void *argument))
{
    struct task *task = plain_malloc(sizeof *task);
    if (task == 0)
        return NO_MEMORY;
    task->run = run;
    task->argument = argument;
    int error = pthread_create(thread, 0, perform, task);
    if (error != 0)
        plain_free(task);
    return answer(error);
}

COMPAT_DEFINE(void, thrd_exit, (int result))
{
    pthread_exit(as_pointer(result));
}

COMPAT_DEFINE(int, thrd_join, (pthread_t thread, int *result))
{
    void *returned;
    int error = pthread_join(thread, &returned);
    if (error == 0 && result != 0)
        *result = (int)(intptr_t)returned;
    return answer(error);
}

COMPAT_DEFINE(int, thrd_detach, (pthread_t thread))
{
    return answer(pthread_detach(thread));
}

COMPAT_DEFINE(pthread_t, thrd_current, (void))
{
    return pthread_self();
}

COMPAT_DEFINE(int, thrd_equal, (pthread_t one, pthread_t other))
{
    return pthread_equal(one, other);
}

/* Returns -1 after a signal and another negative number for an error. errno does not change. */
COMPAT_DEFINE(int, thrd_sleep, (const struct timespec *duration, struct timespec *left))
{
    int before = errno, result = 0;
    if (nanosleep(duration, left) != 0)
        result = errno == EINTR ? -1 : -2;
    errno = before;
    return result;
}

COMPAT_DEFINE(void, thrd_yield, (void))
{
    sched_yield();
}

COMPAT_DEFINE(void, call_once, (pthread_once_t * flag, void (*function)(void)))
{
    pthread_once(flag, function);
}

COMPAT_DEFINE(int, mtx_init, (pthread_mutex_t * mutex, int type))
{
    pthread_mutexattr_t attributes;
    if ((type & RECURSIVE) == 0)
        return answer(pthread_mutex_init(mutex, 0));
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return answer(error);
}

#define ANSWERED(symbol, posix, parameters, arguments)                                                                 \
    COMPAT_DEFINE(int, symbol, parameters)                                                                             \
    {                                                                                                                  \
        return answer(posix arguments);                                                                                \
    }

ANSWERED(mtx_lock, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
ANSWERED(mtx_trylock, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
ANSWERED(mtx_unlock, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex))
ANSWERED(mtx_timedlock, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const struct timespec *deadline),
         (mutex, deadline))

ANSWERED(cnd_init, pthread_cond_init, (pthread_cond_t * condition), (condition, 0))
ANSWERED(cnd_signal, pthread_cond_signal, (pthread_cond_t * condition), (condition))
ANSWERED(cnd_broadcast, pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
ANSWERED(cnd_wait, pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t *mutex), (condition, mutex))
ANSWERED(cnd_timedwait, pthread_cond_timedwait,
         (pthread_cond_t * condition, pthread_mutex_t *mutex, const struct timespec *deadline),
         (condition, mutex, deadline))

ANSWERED(tss_create, pthread_key_create, (pthread_key_t * key, void (*destroy)(void *)), (key, destroy))
ANSWERED(tss_set, pthread_setspecific, (pthread_key_t key, void *value), (key, value))

COMPAT_DEFINE(void, mtx_destroy, (pthread_mutex_t * mutex))
{
    pthread_mutex_destroy(mutex);
}

COMPAT_DEFINE(void, cnd_destroy, (pthread_cond_t * condition))
{
    pthread_cond_destroy(condition);
}

COMPAT_DEFINE(void, tss_delete, (pthread_key_t key))
{
    pthread_key_delete(key);
}

COMPAT_DEFINE(void *, tss_get, (pthread_key_t key))
{
    return pthread_getspecific(key);
}
