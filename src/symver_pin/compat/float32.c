/* libm's functions of _Float32: float under another name. */

#define N_SUFFIX f32
#define N_REAL float
#define N_BASE f

#include "floatn.h"
