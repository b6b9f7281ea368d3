/* A plug-in that throws, and one through which an exception of the program passes.
   flags: -rdynamic
   libs: -ldl
   companion: plugin */
#include <dlfcn.h>
#include <stdexcept>
#include "expect.h"

static void thrower() { throw 7; }

int main()
{
    for (int round = 0; round < 3; round++) {
        void *plugin = dlopen("./plugin_exceptions.plugin.so", RTLD_NOW);
        if (plugin == nullptr) {
            std::puts(dlerror());
            return 1;
        }
        auto throws = reinterpret_cast<void (*)()>(dlsym(plugin, "throws"));
        auto passes = reinterpret_cast<void (*)(void (*)())>(dlsym(plugin, "passes"));
        try {
            throws();
            CHECK(false);
        } catch (const std::exception &error) {
            TEXT(error.what(), "from the plug-in");
        }
        try {
            passes(thrower);
            CHECK(false);
        } catch (int seven) {
            SAME(seven, 7);
        }
        dlclose(plugin);
    }
    return faults;
}
