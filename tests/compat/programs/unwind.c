/* _dl_find_object describes the object of an address, through dlopen, dlclose and many threads. */

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include "check.h"

static int stop;

static int inside(void *address)
{
    struct dl_find_object found;
    return _dl_find_object(address, &found) == 0 && found.dlfo_map_start <= address && address < found.dlfo_map_end;
}

static void *look(void *address)
{
    long misses = 0;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        for (int i = 0; i < 100; ++i)
            misses += !inside(address) + !inside((void *)&look);
    return (void *)misses;
}

struct expected {
    void *address, *eh_frame;
};

static int table_of(struct dl_phdr_info *info, size_t size, void *data)
{
    struct expected *expected = data;
    void *table = 0;
    int mine = 0;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        ElfW(Addr) start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_GNU_EH_FRAME)
            table = (void *)start;
        if (segment->p_type == PT_LOAD && (ElfW(Addr))expected->address - start < segment->p_memsz)
            mine = 1;
    }
    if (mine)
        expected->eh_frame = table;
    return mine;
}

static void describe(void *address)
{
    struct dl_find_object found;
    struct link_map *map = 0;
    struct expected expected = {address, 0};
    Dl_info symbol;
    memset(&found, 0xa5, sizeof found);
    EXPECT(_dl_find_object(address, &found), 0);
    EXPECT(dl_iterate_phdr(table_of, &expected), 1);
    EXPECT((size_t)found.dlfo_eh_frame, (size_t)expected.eh_frame);
    EXPECT_TRUE(found.dlfo_map_start <= address && address < found.dlfo_map_end);
    EXPECT(found.dlfo_flags, 0);
    EXPECT_TRUE(dladdr1(address, &symbol, (void **)&map, RTLD_DL_LINKMAP));
    EXPECT((size_t)found.dlfo_link_map, (size_t)map);
    EXPECT((size_t)found.dlfo_map_start, (size_t)symbol.dli_fbase);
}

int main(void)
{
    struct dl_find_object found;
    void *heap = malloc(10);
    describe((void *)&main);
    describe((void *)&faults);
    describe(dlsym(RTLD_DEFAULT, "printf"));
    describe((void *)&main);
    EXPECT(_dl_find_object(heap, &found), -1);
    EXPECT(_dl_find_object(0, &found), -1);
    EXPECT(_dl_find_object((void *)-1, &found), -1);

    pthread_t threads[3];
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_create(&threads[i], 0, look, dlsym(RTLD_DEFAULT, "printf")), 0);
    for (int i = 0; i < 200; ++i) {
        void *library = dlopen("libresolv.so.2", RTLD_NOW);
        EXPECT_TRUE(library);
        void *function = library ? dlsym(library, "__res_query") : 0;
        if (!function)
            function = library ? dlsym(library, "ns_initparse") : 0;
        EXPECT_TRUE(function);
        EXPECT_TRUE(inside(function));
        if (i == 0)
            describe(function);
        EXPECT(dlclose(library), 0);
        if (!dlopen("libresolv.so.2", RTLD_NOW | RTLD_NOLOAD))
            EXPECT(_dl_find_object(function, &found), -1);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; ++i) {
        void *misses;
        EXPECT(pthread_join(threads[i], &misses), 0);
        EXPECT((long)misses, 0);
    }
    return faults;
}
