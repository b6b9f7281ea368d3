/* Load the plug-in argv[1] and print what its function run returns. The library argv[2], if any, is loaded first and for
   everybody, like the libstdc++.so.6 of a program that is linked with it. */
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char **words)
{
    if (count > 2 && !dlopen(words[2], RTLD_NOW | RTLD_GLOBAL))
        return puts(dlerror()), 3;
    void *plugin = dlopen(words[1], RTLD_NOW);
    if (!plugin)
        return puts(dlerror()), 3;
    const char *(*run)(void) = (const char *(*)(void))dlsym(plugin, "run");
    return puts(run()) < 0;
}
