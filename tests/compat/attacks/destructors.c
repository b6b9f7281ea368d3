/* Threads register destructors of a plug-in through the program; the plug-in is closed while they run. Each destructor
   runs once, and memory does not grow with the number of threads. */

#include <dlfcn.h>
#include <pthread.h>

#include "attack.h"

extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);

int registers(void (*destroy)(void *), void *object, void *dso)
{
    return __cxa_thread_atexit_impl(destroy, object, dso);
}

static pthread_barrier_t barrier;
static int destroyed;

static void *run(void *function)
{
    ((void (*)(int *))function)(&destroyed);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return 0;
}

static long resident_pages(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident;
}

#define THREADS 4

int main(int count, char **arguments)
{
    pthread_t threads[THREADS];
    long pages = 0;
    begin(count, arguments);
    pthread_barrier_init(&barrier, 0, THREADS + 1);
    for (; has_time(); ++loops) {
        void *library = dlopen("./plugin.so", RTLD_NOW);
        void *function = library ? dlsym(library, "use_thread_local") : 0;
        EXPECT_TRUE(function);
        if (!function)
            break;
        destroyed = 0;
        for (int i = 0; i < THREADS; ++i)
            EXPECT(pthread_create(&threads[i], 0, run, function), 0);
        pthread_barrier_wait(&barrier);
        EXPECT(dlclose(library), 0);
        pthread_barrier_wait(&barrier);
        for (int i = 0; i < THREADS; ++i)
            EXPECT(pthread_join(threads[i], 0), 0);
        EXPECT(destroyed, 2 * THREADS);
        if (loops == 200)
            pages = resident_pages();
    }
    if (pages > 0)
        EXPECT_TRUE(resident_pages() < pages + 256); /* a megabyte */
    return end();
}
