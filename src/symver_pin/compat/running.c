/* The search that running.h names: one function for all members. */

#include "runningfunction.h"
#include "running.h"

struct wanted {
    const char *name;
    void *found;
};

static int find_in_namespace(struct dl_phdr_info *info, size_t size, void *data)
{
    struct wanted *wanted = data;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum && info->dlpi_name && *info->dlpi_name; ++i)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            ElfW(Addr) start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            struct symbols symbols = symbols_of(info->dlpi_addr, (const ElfW(Dyn) *)start);
            wanted->found = exported_function(&symbols, wanted->name);
        }
    return wanted->found != 0;
}

/* The libc that counts is the one that this object calls. */
COMPAT_HIDDEN void *symver_pin_running_function(const char *name)
{
    const char *(*version)(void) = (const char *(*)(void))function_from_start("gnu_get_libc_version");
    if (version && version() == plain_gnu_get_libc_version()) /* the text is part of the library */
        return function_from_start(name);
    struct wanted wanted = {name, 0};
    plain_dl_iterate_phdr(find_in_namespace, &wanted);
    return wanted.found;
}
