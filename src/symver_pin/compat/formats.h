/* The formats of libm's type-generic families. FORMATS(X) expands X(suffix, C type, suffix of the C type's functions)
   for each. The functions of _Float32, _Float64 and so on are those of the C type with the same format; the table gives
   them the additional names. */

#ifndef SYMVER_PIN_FORMATS_H
#define SYMVER_PIN_FORMATS_H

#include <float.h>

#include "compat.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define DEFINE(result, symbol, parameters) COMPAT_DEFINE(result, symbol, parameters)
#define PLAIN(result, symbol, parameters) COMPAT_PLAIN(result, symbol, parameters)

/* A type of its own for binary128, beside a long double of another format: x87's 80 bits, or IBM's sum of two numbers
   (PowerPC). */
#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 106
#define HAS_QUAD_TYPE
#endif

#define FORMATS(X) X(, double, ) X(f, float, f) X(l, long double, l)

#endif
