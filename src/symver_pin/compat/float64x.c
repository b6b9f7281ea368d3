/* libm's functions of _Float64x: long double under another name. */

#define N_SUFFIX f64x
#define N_REAL long double
#define N_BASE l

#include "floatn.h"
