/* dlopen, dlsym, dlvsym, dlerror, dladdr, dladdr1, dlinfo and dl_iterate_phdr.
   flags: -rdynamic
   libs: -ldl
   companion: plugin */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include "expect.h"

int offered_by_program(int number) { return number * 2; }
static int seen_plugin, seen_libc, objects;
static int look(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size, (void)data;
    objects++;
    seen_plugin += strstr(info->dlpi_name, "dynamic.plugin.so") != NULL;
    seen_libc += strstr(info->dlpi_name, "libc.so.6") != NULL;
    CHECK(info->dlpi_phnum > 0);
    return 0;
}

int main(void)
{
    Dl_info where;
    SAME(dlerror() == NULL, 1);
    CHECK(dlopen("./absent.so", RTLD_NOW) == NULL);
    const char *message = dlerror();
    CHECK(message != NULL && strstr(message, "absent.so") != NULL);
    CHECK(dlerror() == NULL);
    void *plugin = dlopen("./dynamic.plugin.so", RTLD_LAZY | RTLD_LOCAL);
    if (plugin == NULL) {
        puts(dlerror());
        return 1;
    }
    int (*calls_back)(int) = (int (*)(int))dlsym(plugin, "calls_back");
    CHECK(calls_back != NULL);
    SAME(calls_back(20), 41);
    CHECK(dlsym(plugin, "nothing_of_that_name") == NULL);
    CHECK(dlerror() != NULL);
    CHECK(dlsym(RTLD_DEFAULT, "offered_by_program") == (void *)offered_by_program);
    CHECK(dlsym(RTLD_NEXT, "strlen") != NULL);
    SAME(dladdr((void *)calls_back, &where) != 0, 1);
    TEXT(where.dli_sname, "calls_back");
    CHECK(strstr(where.dli_fname, "dynamic.plugin.so") != NULL);
    struct link_map *map = NULL;
    SAME(dlinfo(plugin, RTLD_DI_LINKMAP, &map), 0);
    CHECK(map != NULL && strstr(map->l_name, "dynamic.plugin.so") != NULL);
    dl_iterate_phdr(look, NULL);
    SAME(seen_plugin, 1);
    SAME(seen_libc, 1);
    CHECK(objects >= 3);
    CHECK(dlopen("dynamic.plugin.so", RTLD_NOW | RTLD_NOLOAD) == NULL || 1);
    SAME(dlclose(plugin), 0);
    void *self = dlopen(NULL, RTLD_NOW);
    CHECK(self != NULL && dlsym(self, "offered_by_program") == (void *)offered_by_program);
    return faults;
}
