// Opens a library, uses it in a thread that ends, closes it; twice.
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <thread>

int main() {
    std::atexit([] { std::puts("atexit of the program"); });
    for (int round = 1; round <= 2; ++round) {
        void *library = dlopen("./libplugin.so", RTLD_NOW | RTLD_LOCAL);
        if (!library) return std::puts(dlerror()), 1;
        auto use = reinterpret_cast<void (*)()>(dlsym(library, "use"));
        std::thread(use).join();
        std::puts("close");
        if (dlclose(library) != 0) return 2;
        std::puts("closed");
    }
}
