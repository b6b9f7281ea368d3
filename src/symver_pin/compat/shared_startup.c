/* The start-up code of the shared compat library: run the constructors of the program that calls it.

   startup.c says why a program's constructors do not run with an old __libc_start_main. There the member is linked into
   the program and has its _init and the bounds of its .init_array. Here it is in a library beside the program, so it
   reads the program's dynamic section: DT_INIT and DT_INIT_ARRAY, as __libc_start_main itself does since 2.34. The
   loader leaves both of these addresses as they are in the file.

   From 2.34 on libc has the function under the same version and comes first, so this one is not called. If it is, the
   older function that it calls runs the init function that it is given, and no constructor besides. */

#include <link.h>
#include <stddef.h>

#include "compat.h"

#ifdef SYMVER_PIN_OLD___libc_start_main

typedef void shared_constructor(int argc, char **argv, char **envp);

extern struct r_debug loaded_objects __asm__("_r_debug");

static void run_program_constructors(int argc, char **argv, char **envp)
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
        ((shared_constructor *)(base + init))(argc, argv, envp);
    if (array)
        for (size_t i = 0; i < size / sizeof(ElfW(Addr)); ++i)
            ((shared_constructor **)(base + array))[i](argc, argv, envp);
}

#ifdef __powerpc__

/* On PowerPC, main, init and fini are passed in a structure. */
struct shared_startup_info {
    void *sda_base;
    int (*main)(int, char **, char **, void *);
    shared_constructor *init;
    void (*fini)(void);
};

COMPAT_OLD(int, __libc_start_main, SYMVER_PIN_OLD___libc_start_main,
           (int, char **, char **, void *, void (*)(void), struct shared_startup_info *, char **));

COMPAT_DEFINE(int, __libc_start_main,
              (int argc, char **argv, char **envp, void *auxv, void (*rtld_fini)(void),
               struct shared_startup_info *info, char **stack))
{
    static struct shared_startup_info with_init; /* the caller's structure is in read-only memory */
    with_init = *info;
    if (!with_init.init)
        with_init.init = run_program_constructors;
    return old___libc_start_main(argc, argv, envp, auxv, rtld_fini, &with_init, stack);
}

#else

typedef int shared_main(int, char **, char **);

COMPAT_OLD(int, __libc_start_main, SYMVER_PIN_OLD___libc_start_main,
           (shared_main *, int, char **, shared_constructor *, void (*)(void), void (*)(void), void *));

COMPAT_DEFINE(int, __libc_start_main,
              (shared_main *main, int argc, char **argv, shared_constructor *init, void (*fini)(void),
               void (*rtld_fini)(void), void *stack_end))
{
    return old___libc_start_main(main, argc, argv, init ? init : run_program_constructors, fini, rtld_fini,
                                 stack_end);
}

#endif
#endif
