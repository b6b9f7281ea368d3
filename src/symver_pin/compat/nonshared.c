/* Functions that no libc.so exports. glibc has them in libc_nonshared.a, because they need the identity of the object
   into which they are linked. dlclose() of that object then runs the registered functions and removes them. */

#include "compat.h"

/* Defined by crtbegin.o: NULL in an executable, its own address in a shared library. The reference is weak for links
   without crtbegin.o. */
extern void *dso_handle __asm__("__dso_handle") COMPAT_HIDDEN __attribute__((weak));

static inline void *this_object(void)
{
    return &dso_handle ? dso_handle : 0;
}

COMPAT_PLAIN(int, __cxa_atexit, (void (*)(void *), void *, void *));
COMPAT_PLAIN(int, __cxa_at_quick_exit, (void (*)(void *), void *));
COMPAT_PLAIN(int, __register_atfork, (void (*)(void), void (*)(void), void (*)(void), void *));
COMPAT_PLAIN(void, __stack_chk_fail, (void)) __attribute__((noreturn));

COMPAT_DEFINE(int, atexit, (void (*function)(void)))
{
    /* Called with one more argument than it has, which every Linux calling convention allows. */
    return plain___cxa_atexit((void (*)(void *))(void *)function, 0, this_object());
}

COMPAT_DEFINE(int, at_quick_exit, (void (*function)(void)))
{
    return plain___cxa_at_quick_exit((void (*)(void *))(void *)function, this_object());
}

COMPAT_DEFINE(int, pthread_atfork, (void (*prepare)(void), void (*parent)(void), void (*child)(void)))
{
    return plain___register_atfork(prepare, parent, child, this_object());
}

/* i386 and a few other architectures call this hidden name, because a call through the PLT would need %ebx to be set
   up. */
COMPAT_DEFINE(void, __stack_chk_fail_local, (void))
{
    plain___stack_chk_fail();
}
