/* libm's functions of _Float64x: long double under another name, and those of _Float128 where that is long double. */

#define N_SUFFIX f64x
#define N_REAL long double
#define N_BASE l

#include "floatn.h"
