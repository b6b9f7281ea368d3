/* The floating-point environment: control modes without the exception flags (2.25).

   femode_t is opaque, but its layout must be glibc's for each architecture, because a program may pass it to a library
   that calls libc's functions. LoongArch is younger than 2.25. The modes are read from, and written into, the whole
   environment (fenv_t). The flags in it do not change. i386's fenv_t has the x87 unit alone, so there the registers are
   read and written. */

#include <fenv.h>
#include <stdint.h>
#include <string.h>

#include "compat.h"

COMPAT_PLAIN(int, fegetenv, (fenv_t *));
COMPAT_PLAIN(int, fesetenv, (const fenv_t *));
COMPAT_PLAIN(int, fesetexceptflag, (const fexcept_t *, int));

#if defined __x86_64__ || defined __i386__

typedef struct {
    unsigned short control, reserved;
    unsigned sse;
} modes;

#define SSE_MODES 0xffc0u /* the modes in MXCSR; its low six bits are the flags */
#define DEFAULT_CONTROL 0x037f
#define DEFAULT_SSE 0x1f80

#ifdef __i386__
#include <cpuid.h>

/* The x87 environment, and MXCSR where the processor has SSE. */
struct both_units {
    fenv_t x87;
    unsigned __mxcsr;
    int has_sse;
};
#define ENVIRONMENT struct both_units
#define CONTROL_WORD x87.__control_word

static int read_environment(struct both_units *to)
{
    unsigned a, b, c, d = 0;
    to->__mxcsr = DEFAULT_SSE;
    to->has_sse = __get_cpuid(1, &a, &b, &c, &d) && (d & bit_SSE);
    if (to->has_sse)
        __asm__ volatile("stmxcsr %0" : "=m"(to->__mxcsr));
    return plain_fegetenv(&to->x87);
}

static int write_environment(const struct both_units *from)
{
    if (from->has_sse)
        __asm__ volatile("ldmxcsr %0" : : "m"(from->__mxcsr));
    __asm__ volatile("fldcw %0" : : "m"(from->x87.__control_word));
    return 0;
}
#else
#define ENVIRONMENT fenv_t
#define CONTROL_WORD __control_word
#define read_environment plain_fegetenv
#define write_environment plain_fesetenv
#endif

static void read_modes(modes *to, const ENVIRONMENT *from)
{
    to->control = from->CONTROL_WORD;
    to->reserved = 0;
    to->sse = from->__mxcsr;
}

static void write_modes(ENVIRONMENT *to, const modes *from)
{
    const modes standard = {DEFAULT_CONTROL, 0, DEFAULT_SSE};
    if (from == (const modes *)-1)
        from = &standard;
    to->CONTROL_WORD = from->control;
    to->__mxcsr = (to->__mxcsr & ~SSE_MODES) | (from->sse & SSE_MODES);
}

#else

#define ENVIRONMENT fenv_t
#define read_environment plain_fegetenv
#define write_environment plain_fesetenv

#ifdef __powerpc64__

typedef double modes;

#define MODES 0x7000000ffu /* FPSCR: decimal rounding, the enabled exceptions, non-IEEE mode, rounding */
#define BITS(number) ((union { double value; uint64_t bits; }){number}.bits)
#define NUMBER(all_bits) ((union { uint64_t bits; double value; }){all_bits}.value)

/* What FE_DFL_MODE points to. */
COMPAT_DATA(const uint64_t, __fe_dfl_mode) = 0;

static void read_modes(modes *to, const fenv_t *from)
{
    *to = NUMBER(BITS(*from) & MODES);
}

static void write_modes(fenv_t *to, const modes *from)
{
    *to = NUMBER((BITS(*to) & ~(uint64_t)MODES) | (BITS(*from) & MODES));
}

#define CONTROL
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
#elif defined(__mips__)
#define CONTROL(environment) (environment).__fp_control_register
#define CONTROL_MODES 0x01000f83u /* FCSR: flush to zero, the enabled exceptions, rounding */
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
#endif

#if defined CONTROL || defined CONTROL_WORD
COMPAT_DEFINE(int, fegetmode, (modes * to))
{
    ENVIRONMENT environment;
    if (read_environment(&environment) != 0)
        return 1;
    read_modes(to, &environment);
    return 0;
}

COMPAT_DEFINE(int, fesetmode, (const modes *from))
{
    ENVIRONMENT environment;
    if (read_environment(&environment) != 0)
        return 1;
    write_modes(&environment, from);
    return write_environment(&environment);
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
