/* Start-up code: run the constructors of an executable.

   Up to glibc 2.33 the executable ran them itself: crt1.o passed the address of __libc_csu_init (from libc_nonshared.a)
   to __libc_start_main, which called it just before main. Since 2.34, crt1.o passes NULL, and the new
   __libc_start_main@@GLIBC_2.34 reads DT_INIT and DT_INIT_ARRAY itself. If such a crt1.o is linked against the older
   symbol, the constructors of the program never run, and there is no message.

   The kit's __libc_start_main wraps the target's old symbol and passes a real init function to it. It runs nothing
   else. In every release the dynamic loader runs DT_PREINIT_ARRAY of the executable, the constructors of shared
   libraries, and at exit (through rtld_fini) DT_FINI_ARRAY and DT_FINI of all of them, including the executable. In
   glibc 2.34 and later, the old symbol calls an init function that is not NULL and does not read DT_INIT itself, so
   every constructor runs once there too. */

#include "compat.h"

typedef void constructor(int argc, char **argv, char **envp);

#ifdef SYMVER_PIN_SHARED
#include "programconstructors.h"
#else

/* These are weak because a linker need not define the bounds of an array that does not exist, and crti.o of newer
   architectures has no _init. */
extern constructor *const array_start[] __asm__("__init_array_start") COMPAT_HIDDEN __attribute__((weak));
extern constructor *const array_end[] __asm__("__init_array_end") COMPAT_HIDDEN __attribute__((weak));
extern void section_init(void) __asm__("_init") COMPAT_HIDDEN __attribute__((weak));

static void run_constructors(int argc, char **argv, char **envp)
{
    if (section_init)
        section_init();
    for (constructor *const *entry = array_start; entry != array_end; ++entry)
        (*entry)(argc, argv, envp);
}

#endif

#ifdef SYMVER_PIN_OLD___libc_start_main

#ifdef __powerpc__

/* On PowerPC, main, init and fini are passed in a structure. */
struct startup_info {
    void *sda_base;
    int (*main)(int, char **, char **, void *);
    void (*init)(int, char **, char **);
    void (*fini)(void);
};

COMPAT_OLD(int, __libc_start_main, SYMVER_PIN_OLD___libc_start_main,
           (int, char **, char **, void *, void (*)(void), struct startup_info *, char **));

COMPAT_DEFINE(int, __libc_start_main,
              (int argc, char **argv, char **envp, void *auxv, void (*rtld_fini)(void), struct startup_info *info,
               char **stack))
{
    static struct startup_info with_init; /* the caller's structure is in read-only memory */
    with_init = *info;
    if (!with_init.init)
        with_init.init = run_constructors;
    return old___libc_start_main(argc, argv, envp, auxv, rtld_fini, &with_init, stack);
}

#else

typedef int main_function(int, char **, char **);

COMPAT_OLD(int, __libc_start_main, SYMVER_PIN_OLD___libc_start_main,
           (main_function *, int, char **, constructor *, void (*)(void), void (*)(void), void *));

COMPAT_DEFINE(int, __libc_start_main,
              (main_function *main, int argc, char **argv, constructor *init, void (*fini)(void),
               void (*rtld_fini)(void), void *stack_end))
{
    return old___libc_start_main(main, argc, argv, init ? init : run_constructors, fini, rtld_fini, stack_end);
}

#endif
#endif

/* The symbols that the crt1.o of a build host older than 2.34 references. The loader runs the destructors, so fini does
   nothing. */

COMPAT_DEFINE(void, __libc_csu_init, (int argc, char **argv, char **envp))
{
    run_constructors(argc, argv, envp);
}

COMPAT_DEFINE(void, __libc_csu_fini, (void))
{
}
