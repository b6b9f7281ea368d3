/* Two symbols that the C++ and Rust runtimes use: a hint and a registry of destructors. */

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "compat.h"
#include "running.h"

/* A value other than zero promises that no second thread exists, so atomic operations may be skipped. Zero is always
   correct. */
COMPAT_DATA(char, __libc_single_threaded) = 0;

/* __cxa_thread_atexit_impl(destroy, object, dso): run the destructor of a thread_local object when its thread ends.

   libc has the function since 2.18, and if the running libc has it, it is called. An older libc has thread-specific
   data, whose destructors run at the end of a thread, and __cxa_atexit for the thread that calls exit(). */

COMPAT_PLAIN(void *, dlopen, (const char *, int));
COMPAT_PLAIN(int, dladdr1, (const void *, Dl_info *, void **, int));
COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(int, __cxa_atexit, (void (*)(void *), void *, void *));
COMPAT_PLAIN(long, syscall, (long, ...));

extern void *dso_handle __asm__("__dso_handle") COMPAT_HIDDEN __attribute__((weak));

typedef void destructor(void *);
typedef int registrar(destructor *, void *, void *);

struct pending {
    struct pending *older;
    destructor *destroy;
    void *object;
};

/* A set of addresses that only grows. No address is in it twice, unless two threads add it at the same time. */
struct known_address {
    struct known_address *next;
    const void *address;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int key_made;
static struct known_address *loaded_forever, *seen_destructors;

static int is_known(struct known_address **set, const void *address)
{
    const struct known_address *at = __atomic_load_n(set, __ATOMIC_ACQUIRE);
    while (at && at->address != address)
        at = at->next;
    return at != 0;
}

/* Returns 0, or -1 without memory. */
static int make_known(struct known_address **set, const void *address)
{
    struct known_address *added = plain_malloc(sizeof *added);
    if (!added)
        return -1;
    added->address = address;
    added->next = __atomic_load_n(set, __ATOMIC_ACQUIRE);
    while (!__atomic_compare_exchange_n(set, &added->next, added, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        continue;
    return 0;
}

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

/* glibc counts the registrations of a library and delays dlclose(). Here the library that contains an address is never
   unloaded. For the program itself, which has no name in the loader's list, there is nothing to keep. */
static void keep_loaded(const void *inside)
{
    Dl_info unused;
    struct link_map *object = 0;
    if (plain_dladdr1(inside, &unused, (void **)&object, RTLD_DL_LINKMAP) && object && object->l_name && *object->l_name)
        plain_dlopen(object->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

/* The destructor of the key is in this object. The shared library is never unloaded (-z nodelete), and dlopen would
   discard the message of dlerror(). */
static void prepare(void)
{
    key_made = pthread_key_create(&key, destroy_pending) == 0;
#ifndef SYMVER_PIN_SHARED
    keep_loaded(&key_made);
#endif
}

/* Handlers of exit() run in reverse order. A handler for each object would ensure that the thread_local objects of the
   exiting thread are destroyed before every static object that is older than the newest of them. But libc never frees
   a handler. So every object has one in the main thread, which usually calls exit(), and in other threads the first
   object of each destructor. Returns 0, or -1 without memory. */
static int destroy_before_exit(destructor *destroy)
{
    int is_main = plain_syscall(SYS_gettid) == plain_syscall(SYS_getpid);
    if (!is_main && is_known(&seen_destructors, (const void *)destroy))
        return 0;
    if (plain___cxa_atexit(destroy_at_exit, 0, &dso_handle ? dso_handle : 0) != 0)
        return -1;
    return is_main ? 0 : make_known(&seen_destructors, (const void *)destroy);
}

static int register_pending(destructor *destroy, void *object, void *dso)
{
    struct pending *entry;
    pthread_once(&once, prepare);
    if (!key_made || (entry = plain_malloc(sizeof *entry)) == 0)
        return -1;
    entry->destroy = destroy;
    entry->object = object;
    entry->older = pthread_getspecific(key);
    if (dso && !is_known(&loaded_forever, dso)) {
        keep_loaded(dso);
        if (make_known(&loaded_forever, dso) != 0) {
            plain_free(entry);
            return -1;
        }
    }
    if (pthread_setspecific(key, entry) != 0 || destroy_before_exit(destroy) != 0) {
        pthread_setspecific(key, entry->older);
        plain_free(entry);
        return -1;
    }
    return 0;
}

COMPAT_DEFINE(int, __cxa_thread_atexit_impl, (destructor *destroy, void *object, void *dso))
{
    static void *real;
    registrar *running = (registrar *)COMPAT_RUNNING(real, "__cxa_thread_atexit_impl");
    return running ? running(destroy, object, dso) : register_pending(destroy, object, dso);
}
