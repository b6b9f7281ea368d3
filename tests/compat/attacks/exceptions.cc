// Exceptions pass through libraries that are loaded and unloaded all the time, in three threads; a fourth throws.

#include <dlfcn.h>
#include <pthread.h>

#include "attack.h"

static bool stop;

__attribute__((noinline)) static void thrower()
{
    throw 7;
}

static void *with_library(void *name)
{
    long done = 0;
    for (; !__atomic_load_n(&stop, __ATOMIC_RELAXED); ++done) {
        void *library = dlopen(static_cast<const char *>(name), RTLD_NOW);
        EXPECT_TRUE(library != nullptr);
        if (!library)
            break;
        auto pass = reinterpret_cast<void (*)(void (*)())>(dlsym(library, "pass"));
        bool caught = false;
        try {
            pass(thrower);
        } catch (int seven) {
            caught = seven == 7;
        }
        EXPECT_TRUE(caught);
        EXPECT(dlclose(library), 0);
    }
    __atomic_add_fetch(&loops, done, __ATOMIC_RELAXED);
    return nullptr;
}

static void *without(void *)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        try {
            thrower();
        } catch (int) {
        }
    return nullptr;
}

int main(int count, char **arguments)
{
    static char names[][16] = {"./passing0.so", "./passing1.so", "./passing2.so"};
    pthread_t threads[4];
    begin(count, arguments);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_create(&threads[i], nullptr, with_library, names[i]), 0);
    EXPECT(pthread_create(&threads[3], nullptr, without, nullptr), 0);
    while (has_time())
        usleep(10000);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (pthread_t thread : threads)
        EXPECT(pthread_join(thread, nullptr), 0);
    return end();
}
