/* What 32-bit Arm's own libc_nonshared.a has: names of the Run-time ABI (RTABI) and of the C Library ABI (CLIBABI) for
   the Arm Architecture.

   `__aeabi_read_tp` returns the thread pointer. Code compiled with -mtp=soft calls it to reach thread-local variables:
   of Rust's standard library for armv7, and of compilers for processors before ARMv6K. RTABI: it preserves every
   register but r0, ip, lr and the flags. So it is a few instructions without a prologue.

   The others are the values of <limits.h>, <stdio.h>, <signal.h> ... that an object reads if it was compiled to run
   with any C library (_AEABI_PORTABILITY_LEVEL of CLIBABI). This file takes them from the build host's headers. */

#include "compat.h"

#ifdef __arm__

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#if __ARM_ARCH >= 7 || defined(__ARM_ARCH_6K__) || defined(__ARM_ARCH_6ZK__) || defined(__ARM_ARCH_6KZ__)
/* The register of the thread id that user code may read (TPIDRURO), which Linux sets. */
#define READ_THREAD_POINTER "mrc p15, 0, r0, c13, c0, 3\n\tbx lr"
#define READER __attribute__((naked))
#else
/* Older processors: a function of the kernel at a fixed address, 0xffff0fe0, which changes r0 and the flags alone
   (Documentation/arch/arm/kernel_user_helpers.rst). It returns to lr. */
#define READ_THREAD_POINTER "mvn r0, #0xf000\n\tsub pc, r0, #31"
#define READER __attribute__((naked, target("arm")))
#endif

READER COMPAT_DEFINE(void *, __aeabi_read_tp, (void))
{
    __asm__(READ_THREAD_POINTER);
}

#define VALUE(type, name, value) COMPAT_DATA(const type, __aeabi_##name) = value
#define NUMBER(name) COMPAT_DATA(const int, __aeabi_##name) = name

VALUE(int, JMP_BUF_SIZE, sizeof(jmp_buf) / 8); /* double words */
VALUE(int, CLOCKS_PER_SEC, 1000000);
NUMBER(EDOM);
NUMBER(ERANGE);
NUMBER(EILSEQ);
NUMBER(MB_LEN_MAX);
NUMBER(LC_COLLATE);
NUMBER(LC_CTYPE);
NUMBER(LC_MONETARY);
NUMBER(LC_NUMERIC);
NUMBER(LC_TIME);
NUMBER(LC_ALL);
NUMBER(SIGABRT);
NUMBER(SIGFPE);
NUMBER(SIGILL);
NUMBER(SIGINT);
NUMBER(SIGSEGV);
NUMBER(SIGTERM);
VALUE(int, IOFBF, _IOFBF);
VALUE(int, IOLBF, _IOLBF);
VALUE(int, IONBF, _IONBF);
NUMBER(BUFSIZ);
NUMBER(FOPEN_MAX);
NUMBER(TMP_MAX);
NUMBER(FILENAME_MAX);
VALUE(int, L_tmpnam, L_tmpnam);
VALUE(double, HUGE_VAL, __builtin_huge_val());
VALUE(long double, HUGE_VALL, __builtin_huge_vall());
VALUE(float, HUGE_VALF, __builtin_huge_valf());
VALUE(float, INFINITY, __builtin_inff());
VALUE(float, NAN, __builtin_nanf(""));

#endif
