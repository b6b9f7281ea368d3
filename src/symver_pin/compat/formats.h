/* The formats that libm's type-generic families come in: FORMATS(X) expands X(suffix, C type, suffix of the C type's own
   functions) for each.  */

#ifndef SYMVER_PIN_FORMATS_H
#define SYMVER_PIN_FORMATS_H

#include "compat.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define DEFINE(result, symbol, parameters) COMPAT_DEFINE(result, symbol, parameters)
#define PLAIN(result, symbol, parameters) COMPAT_PLAIN(result, symbol, parameters)

#define FORMATS(X)                                                                                                     \
    X(, double, )                                                                                                      \
    X(f, float, f)                                                                                                     \
    X(l, long double, l)                                                                                               \
    X(f32, float, f)                                                                                                   \
    X(f64, double, )                                                                                                   \
    X(f32x, double, )                                                                                                  \
    X(f64x, long double, l)

#endif
