/* fromfp, ufromfp and their variants that raise "inexact", in every format. For code compiled with headers before 2.43
   they are those of TS 18661-1 (2.25), which return an integer type; with headers of 2.43 or later those of C23, which
   return the type of the operand. */

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
