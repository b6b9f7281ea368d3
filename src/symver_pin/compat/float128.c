/* libm's functions of _Float128 where that is long double under another name; binary128.c has those of x86. */

#include <float.h>

#if LDBL_MANT_DIG == 113

#define N_SUFFIX f128
#define N_REAL long double
#define N_BASE l

#include "floatn.h"

#endif
