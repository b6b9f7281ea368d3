/* Two symbols that the C++ and Rust runtimes use: a hint and a registry of destructors. */

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#include "compat.h"

/* A value other than zero promises that no second thread exists, so atomic operations may be skipped. Zero is always
   correct. */
COMPAT_DATA(char, __libc_single_threaded) = 0;

/* __cxa_thread_atexit_impl(destroy, object, dso): run the destructor of a thread_local object when its thread ends.

   libc has the function since 2.18, and if the running libc has it, it is called. An older libc has thread-specific
   data, whose destructors run at the end of a thread, and __cxa_atexit for the thread that calls exit(). */

COMPAT_PLAIN(void *, dlsym, (void *, const char *));
COMPAT_PLAIN(void *, dlopen, (const char *, int));
COMPAT_PLAIN(int, dladdr, (const void *, Dl_info *));
COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(int, __cxa_atexit, (void (*)(void *), void *, void *));

extern void *dso_handle __asm__("__dso_handle") COMPAT_HIDDEN __attribute__((weak));

typedef int registrar(void (*)(void *), void *, void *);

struct pending {
    struct pending *older;
    void (*destroy)(void *);
    void *object;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int key_made;

/* A destructor may register more objects, so take one at a time until none is left. */
static void destroy_pending(void *newest)
{
    struct pending *entry;
    pthread_setspecific(key, newest);
    while ((entry = pthread_getspecific(key)) != 0) {
        pthread_setspecific(key, entry->older);
        entry->destroy(entry->object);
        plain_free(entry);
    }
}

static void destroy_at_exit(void *unused)
{
    (void)unused;
    destroy_pending(pthread_getspecific(key));
}

/* This code and the destructors must stay mapped until the last thread has ended. glibc counts registrations and delays
   dlclose(); here the library is never unloaded. For the executable itself there is nothing to keep. */
static void prepare(void)
{
    Dl_info self;
    key_made = pthread_key_create(&key, destroy_pending) == 0;
    if (plain_dladdr(&key_made, &self) && self.dli_fname)
        plain_dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

static int register_pending(void (*destroy)(void *), void *object)
{
    struct pending *entry;
    pthread_once(&once, prepare);
    if (!key_made || (entry = plain_malloc(sizeof *entry)) == 0)
        return -1;
    entry->destroy = destroy;
    entry->object = object;
    entry->older = pthread_getspecific(key);
    /* Handlers of exit() run in reverse order. One handler for each object ensures that the thread_local objects of the
       exiting thread are destroyed before every static object that is older than the newest of them. */
    if (pthread_setspecific(key, entry) != 0
        || plain___cxa_atexit(destroy_at_exit, 0, &dso_handle ? dso_handle : 0) != 0) {
        pthread_setspecific(key, entry->older);
        plain_free(entry);
        return -1;
    }
    return 0;
}

COMPAT_DEFINE(int, __cxa_thread_atexit_impl, (void (*destroy)(void *), void *object, void *dso))
{
    static void *real;
    registrar *running = (registrar *)COMPAT_RUNNING(real, "__cxa_thread_atexit_impl");
    return running ? running(destroy, object, dso) : register_pending(destroy, object);
}
