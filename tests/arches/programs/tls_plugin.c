/* Thread-local variables of a plug-in that is opened while threads run: each thread gets its own, with its value.
   flags: -pthread
   libs: -ldl
   companion: plugin */
#include <dlfcn.h>
#include <pthread.h>
#include "expect.h"

static int (*step)(int);
static pthread_barrier_t barrier;
static void *work(void *argument)
{
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    int number = *(int *)argument;
    SAME(step(number), 70 + number);
    SAME(step(number), 70 + 2 * number);
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    int numbers[3] = {1, 2, 3};
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    pthread_barrier_wait(&barrier);
    void *plugin = dlopen("./tls_plugin.plugin.so", RTLD_NOW);
    if (plugin == NULL) {
        puts(dlerror());
        return 1;
    }
    step = (int (*)(int))dlsym(plugin, "step");
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    SAME(step(5), 75);
    int *value = dlsym(plugin, "value");
    CHECK(value != NULL && *value == 75);
    SAME(dlclose(plugin), 0);
    return faults;
}
