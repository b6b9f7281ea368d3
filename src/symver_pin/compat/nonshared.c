/* Functions that no libc.so exports: glibc puts them into libc_nonshared.a, because they must know the object that
   they are linked into.  dlclose() of that object then runs and forgets what was registered. */

#include "compat.h"

/* Defined by crtbegin.o: NULL in an executable, its own address in a shared library.  Weak for links without it. */
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
    /* Called with one argument too many, which every Linux calling convention allows. */
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

/* i386 and a few others call this hidden name, since a call through the PLT would need a set-up %ebx. */
COMPAT_DEFINE(void, __stack_chk_fail_local, (void))
{
    plain___stack_chk_fail();
}
