/* libm's functions of _Float64: those of double under other names. The table also gives them the names of _Float32x. */

#define N_SUFFIX f64
#define N_REAL double
#define N_BASE 

#include "floatn.h"
