/* fromfp, ufromfp and their forms that raise "inexact", in every format: those of TS 18661-1 (2.25), which give an
   integer type, or for code compiled with headers of 2.43 or later those of C23, which give the operand's type. */

#include <features.h>
#include <stdint.h>

#include "engines.h"

#if __GLIBC_PREREQ(2, 43)
#define INTEGER(name, manner, result, suffix, real, format)                                                            \
    DEFINE(real, JOIN(name, suffix), (real x, int direction, unsigned width))                                          \
    {                                                                                                                  \
        symver_pin_to_integer(format, &x, direction, width, manner);                                                   \
        return x;                                                                                                      \
    }
#else
#define INTEGER(name, manner, result, suffix, real, format)                                                            \
    DEFINE(result, JOIN(name, suffix), (real x, int direction, unsigned width))                                        \
    {                                                                                                                  \
        return (result)symver_pin_to_integer(format, &x, direction, width, (manner) | GIVES_INTEGER);                  \
    }
#endif

#define ALL(suffix, real, format)                                                                                      \
    INTEGER(fromfp, 0, intmax_t, suffix, real, format)                                                                 \
    INTEGER(fromfpx, RAISES_INEXACT, intmax_t, suffix, real, format)                                                   \
    INTEGER(ufromfp, UNSIGNED_INTEGER, uintmax_t, suffix, real, format)                                                \
    INTEGER(ufromfpx, UNSIGNED_INTEGER | RAISES_INEXACT, uintmax_t, suffix, real, format)

ENGINE_FORMATS(ALL)
