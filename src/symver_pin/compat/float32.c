/* libm's functions of _Float32: those of float under other names. */

#define N_SUFFIX f32
#define N_REAL float
#define N_BASE f

#include "floatn.h"
