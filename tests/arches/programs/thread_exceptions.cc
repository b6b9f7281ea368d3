/* Many threads that throw and catch at once, while libraries are opened and closed.
   flags: -pthread -rdynamic
   libs: -ldl
   companion: plugin */
#include <atomic>
#include <dlfcn.h>
#include <stdexcept>
#include <thread>
#include <vector>
#include "expect.h"

static std::atomic<int> caught{0};
static void deep(int left)
{
    if (left == 0)
        throw std::runtime_error("deep");
    deep(left - 1);
}
static void work()
{
    for (int i = 0; i < 100; i++)
        try {
            deep(i % 10);
        } catch (const std::exception &) {
            caught++;
        }
}

int main()
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++)
        threads.emplace_back(work);
    for (int i = 0; i < 20; i++) {
        void *plugin = dlopen("./thread_exceptions.plugin.so", RTLD_NOW);
        CHECK(plugin != nullptr);
        auto twice = reinterpret_cast<int (*)(int)>(dlsym(plugin, "twice"));
        SAME(twice(i), 2 * i);
        dlclose(plugin);
    }
    for (auto &thread : threads)
        thread.join();
    SAME(caught, 300);
    return faults;
}
