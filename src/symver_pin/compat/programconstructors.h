/* run_constructors for the shared compat library, which is beside the program.

   startup.c says why a program's constructors do not run with an old __libc_start_main. In the archive the member is
   linked into the program and has its _init and the bounds of its .init_array. The library reads the program's dynamic
   section: DT_INIT and DT_INIT_ARRAY, as __libc_start_main itself does since 2.34. The loader leaves both of these
   addresses as they are in the file.

   From 2.34 on libc has the function under the same version and comes first, so the library's is not called. If it is,
   the older function that it calls runs the init function that it is given, and no constructor besides. */

#include <link.h>
#include <stddef.h>

extern struct r_debug loaded_objects __asm__("_r_debug");

static void run_constructors(int argc, char **argv, char **envp)
{
    const struct link_map *program = loaded_objects.r_map; /* the first object of the loader's list */
    ElfW(Addr) base = program->l_addr, init = 0, array = 0;
    size_t size = 0;
    for (const ElfW(Dyn) *entry = program->l_ld; entry && entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_INIT)
            init = entry->d_un.d_ptr;
        else if (entry->d_tag == DT_INIT_ARRAY)
            array = entry->d_un.d_ptr;
        else if (entry->d_tag == DT_INIT_ARRAYSZ)
            size = entry->d_un.d_val;
    }
    if (init)
        ((constructor *)(base + init))(argc, argv, envp);
    if (array)
        for (size_t i = 0; i < size / sizeof(ElfW(Addr)); ++i)
            ((constructor **)(base + array))[i](argc, argv, envp);
}
