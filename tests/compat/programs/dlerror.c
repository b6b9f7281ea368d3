/* What dlerror() says is not changed by a function that is not about libraries, not even by its first call. */

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <time.h>

#include "check.h"

extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
extern int pthread_gettid_np(pthread_t);
extern unsigned long getauxval(unsigned long);
extern int pthread_getattr_default_np(pthread_attr_t *);
extern int pthread_setattr_default_np(const pthread_attr_t *);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
extern int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *, int);

static void nothing(void *unused)
{
    (void)unused;
}

#define UNCHANGED(call)                                                                                                \
    do {                                                                                                               \
        EXPECT_TRUE(!dlopen("/no/such/library.so", RTLD_NOW));                                                         \
        (void)(call);                                                                                                  \
        const char *said = dlerror();                                                                                  \
        EXPECT_TRUE(said && strstr(said, "/no/such/library.so"));                                                      \
        (void)(call);                                                                                                  \
        EXPECT_TRUE(!dlerror());                                                                                       \
    } while (0)

int main(void)
{
    struct timespec past = {1, 0};
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_attr_t attributes;
    posix_spawn_file_actions_t actions;
    sem_t semaphore;
    struct dl_find_object object;
    sem_init(&semaphore, 0, 0);
    posix_spawn_file_actions_init(&actions);

    UNCHANGED(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &past));
    UNCHANGED(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &past));
    UNCHANGED(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &past));
    UNCHANGED(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &past));
    UNCHANGED(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past));
    UNCHANGED(pthread_gettid_np(pthread_self()));
    UNCHANGED(getauxval(6));
    UNCHANGED(secure_getenv("PATH"));
    UNCHANGED(pthread_getattr_default_np(&attributes));
    UNCHANGED(pthread_setattr_default_np(&attributes));
    UNCHANGED(posix_spawn_file_actions_addchdir_np(&actions, "/"));
    UNCHANGED(posix_spawn_file_actions_addfchdir_np(&actions, 0));
    UNCHANGED(posix_spawn_file_actions_addclosefrom_np(&actions, 3));
    UNCHANGED(posix_spawn_file_actions_addtcsetpgrp_np(&actions, 0));
    UNCHANGED(__cxa_thread_atexit_impl(nothing, 0, &__dso_handle));
    UNCHANGED(_dl_find_object((void *)&main, &object));
    return faults;
}
