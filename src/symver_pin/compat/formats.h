/* The formats that libm's type-generic families come in: FORMATS(X) expands X(suffix, C type, suffix of the C type's
   own functions) for each. */

#ifndef SYMVER_PIN_FORMATS_H
#define SYMVER_PIN_FORMATS_H

#include <float.h>

#include "compat.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define DEFINE(result, symbol, parameters) COMPAT_DEFINE(result, symbol, parameters)
#define PLAIN(result, symbol, parameters) COMPAT_PLAIN(result, symbol, parameters)

#define C_FORMATS(X)                                                                                                   \
    X(, double, )                                                                                                      \
    X(f, float, f)                                                                                                     \
    X(l, long double, l)                                                                                               \
    X(f32, float, f)                                                                                                   \
    X(f64, double, )                                                                                                   \
    X(f32x, double, )                                                                                                  \
    X(f64x, long double, l)

/* _Float128 has functions of the C type's own where long double is that format. */
#if LDBL_MANT_DIG == 113
#define FORMATS(X) C_FORMATS(X) X(f128, long double, l)
#else
#define FORMATS(X) C_FORMATS(X)
#endif

#endif
