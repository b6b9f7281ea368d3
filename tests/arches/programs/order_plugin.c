/* Constructors, destructors and atexit handlers of a plug-in run when it is opened and closed.
   flags: -rdynamic
   libs: -ldl
   companion: plugin */
#include <dlfcn.h>
#include "expect.h"

char trace[100];
void add(char letter) { trace[strlen(trace)] = letter; }

int main(void)
{
    void *plugin = dlopen("./order_plugin.plugin.so", RTLD_NOW);
    if (plugin == NULL) {
        puts(dlerror());
        return 1;
    }
    TEXT(trace, "ab");
    void (*use)(void) = (void (*)(void))dlsym(plugin, "use");
    use();
    TEXT(trace, "abu");
    SAME(dlclose(plugin), 0);
    TEXT(trace, "abudx");
    return faults;
}
