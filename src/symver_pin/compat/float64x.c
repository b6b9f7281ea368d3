/* libm's functions of _Float64x: those of long double under other names. The table also gives them the names of
   _Float128 where that has the same format. */

#define N_SUFFIX f64x
#define N_REAL long double
#define N_BASE l

#include "floatn.h"
