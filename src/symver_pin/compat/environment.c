/* The floating-point environment: control modes without the exception flags (2.25).

   femode_t is opaque, but its layout must be glibc's for each architecture, because a program may pass it to a library
   that calls libc's functions. Architectures not listed here have none of these functions. The modes are read from, and
   written into, the whole environment (fenv_t). The flags in it do not change. */

#include <fenv.h>
#include <string.h>

#include "compat.h"

COMPAT_PLAIN(int, fegetenv, (fenv_t *));
COMPAT_PLAIN(int, fesetenv, (const fenv_t *));
COMPAT_PLAIN(int, fesetexceptflag, (const fexcept_t *, int));

#ifdef __x86_64__

typedef struct {
    unsigned short control, reserved;
    unsigned sse;
} modes;

#define SSE_MODES 0xffc0u /* the modes in MXCSR; its low six bits are the flags */
#define DEFAULT_CONTROL 0x037f
#define DEFAULT_SSE 0x1f80

static void read_modes(modes *to, const fenv_t *from)
{
    to->control = from->__control_word;
    to->reserved = 0;
    to->sse = from->__mxcsr;
}

static void write_modes(fenv_t *to, const modes *from)
{
    const modes standard = {DEFAULT_CONTROL, 0, DEFAULT_SSE};
    if (from == (const modes *)-1)
        from = &standard;
    to->__control_word = from->control;
    to->__mxcsr = (to->__mxcsr & ~SSE_MODES) | (from->sse & SSE_MODES);
}

#else

typedef unsigned modes;

#ifdef __aarch64__
#define CONTROL(environment) (environment).__fpcr
#define CONTROL_MODES ~0u
#elif defined(__arm__)
#define CONTROL(environment) (environment).__cw
#define CONTROL_MODES 0xffffff60u /* the modes in FPSCR; bits 0 to 4 and bit 7 are the flags */
#elif defined(__riscv)
#define CONTROL(environment) (environment)
#define CONTROL_MODES 0xe0u /* frm; the five bits below are the flags */
#elif defined(__s390x__)
#define CONTROL(environment) (environment).__fpc
#define CONTROL_MODES 0xff000007u /* all bits except the flags and the data exception code */
#endif

#ifdef CONTROL
static void read_modes(modes *to, const fenv_t *from)
{
    *to = CONTROL(*from) & CONTROL_MODES;
}

static void write_modes(fenv_t *to, const modes *from)
{
    CONTROL(*to) = (CONTROL(*to) & ~CONTROL_MODES) | (from == (const modes *)-1 ? 0 : *from & CONTROL_MODES);
}
#endif
#endif

#if defined(CONTROL) || defined(__x86_64__)
COMPAT_DEFINE(int, fegetmode, (modes * to))
{
    fenv_t environment;
    if (plain_fegetenv(&environment) != 0)
        return 1;
    read_modes(to, &environment);
    return 0;
}

COMPAT_DEFINE(int, fesetmode, (const modes *from))
{
    fenv_t environment;
    if (plain_fegetenv(&environment) != 0)
        return 1;
    write_modes(&environment, from);
    return plain_fesetenv(&environment);
}
#endif

/* An fexcept_t holds the old flags at their positions in the register. */
COMPAT_DEFINE(int, fetestexceptflag, (const fexcept_t *saved, int exceptions))
{
    return (int)*saved & exceptions & FE_ALL_EXCEPT;
}

COMPAT_DEFINE(int, fesetexcept, (int exceptions))
{
    fexcept_t flags = (fexcept_t)(exceptions & FE_ALL_EXCEPT);
    return plain_fesetexceptflag(&flags, exceptions & FE_ALL_EXCEPT);
}
