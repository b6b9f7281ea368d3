/* Start-up: who runs the constructors of an executable.

   Until glibc 2.33 the executable did it: crt1.o handed the address of __libc_csu_init (from libc_nonshared.a) to
   __libc_start_main, which called it just before main.  Since 2.34 crt1.o hands over NULL, and the new
   __libc_start_main@@GLIBC_2.34 reads DT_INIT and DT_INIT_ARRAY itself.  Such a crt1.o linked against the older symbol
   gives a program whose constructors never run, without any message.

   So the kit's __libc_start_main stands between the two: it hands a real init function to the target's old symbol.
   The rest is not ours to run: in every release the dynamic loader runs DT_PREINIT_ARRAY of the executable, the
   constructors of shared libraries, and at exit (through rtld_fini) DT_FINI_ARRAY and DT_FINI of all of them, the
   executable included.  A glibc of 2.34 or later that is asked for the old symbol calls a non-NULL init and then does
   not read DT_INIT itself, so everything runs once there too. */

#include "compat.h"

typedef void constructor(int argc, char **argv, char **envp);

/* Weak, because a linker need not define the bounds of an array that does not exist, and crti.o of younger
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

#ifdef SYMVER_PIN_OLD___libc_start_main

#ifdef __powerpc__

/* PowerPC passes main, init and fini in a record. */
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
    static struct startup_info with_init; /* the caller's record lies in read-only memory */
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

/* What the crt1.o of a build host older than 2.34 asks for; the loader runs the destructors, so fini has no work. */

COMPAT_DEFINE(void, __libc_csu_init, (int argc, char **argv, char **envp))
{
    run_constructors(argc, argv, envp);
}

COMPAT_DEFINE(void, __libc_csu_fini, (void))
{
}
