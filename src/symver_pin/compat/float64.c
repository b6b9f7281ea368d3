/* libm's functions of _Float64: double under another name, and those of _Float32x. */

#define N_SUFFIX f64
#define N_REAL double
#define N_BASE 

#include "floatn.h"
