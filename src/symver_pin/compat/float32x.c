/* libm's functions of _Float32x: double under another name. */

#define N_SUFFIX f32x
#define N_REAL double
#define N_BASE 

#include "floatn.h"
