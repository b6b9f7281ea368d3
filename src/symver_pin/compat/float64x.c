/* libm's functions of _Float64x: long double under another name; not on PowerPC, where the symbols of old libm under the
   long double names are for the IBM format. */

#ifndef __powerpc64__

#define N_SUFFIX f64x
#define N_REAL long double
#define N_BASE l

#include "floatn.h"

#endif
