// While threads throw through a loaded library, forked children throw through it.

#include <dlfcn.h>
#include <pthread.h>

#include "attack.h"

static bool stop;
static void (*pass)(void (*)());

static void thrower()
{
    throw 7;
}

static bool catches()
{
    try {
        pass(thrower);
    } catch (int seven) {
        return seven == 7;
    }
    return false;
}

static void *run(void *)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        EXPECT_TRUE(catches());
    return nullptr;
}

int main(int count, char **arguments)
{
    pthread_t threads[3];
    begin(count, arguments);
    void *library = dlopen("./passing0.so", RTLD_NOW);
    EXPECT_TRUE(library != nullptr);
    if (!library)
        return end();
    pass = reinterpret_cast<void (*)(void (*)())>(dlsym(library, "pass"));
    EXPECT_TRUE(catches());
    for (pthread_t &thread : threads)
        EXPECT(pthread_create(&thread, nullptr, run, nullptr), 0);
    for (; has_time(); ++loops) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            alarm(10);
            _exit(catches() ? 0 : 1);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (pthread_t thread : threads)
        EXPECT(pthread_join(thread, nullptr), 0);
    return end();
}
