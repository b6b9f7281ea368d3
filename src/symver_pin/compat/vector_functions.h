/* The scalar functions that have vector versions in libmvec, for double and for float. */

#ifndef SYMVER_PIN_VECTOR_FUNCTIONS_H
#define SYMVER_PIN_VECTOR_FUNCTIONS_H

#include "formats.h"

#define PLAIN_UNARY(scalar)                                                                                            \
    PLAIN(double, scalar, (double));                                                                                   \
    PLAIN(float, scalar##f, (float));
#define PLAIN_BINARY(scalar)                                                                                           \
    PLAIN(double, scalar, (double, double));                                                                           \
    PLAIN(float, scalar##f, (float, float));

/* Functions with vector versions on every architecture that has libmvec. */
#define COMMON_UNARY(X)                                                                                                \
    X(acos) X(acosh) X(asin) X(asinh) X(atan) X(atanh) X(cbrt) X(cos) X(cosh) X(erf) X(erfc) X(exp) X(exp10) X(exp2)   \
    X(expm1) X(log) X(log10) X(log1p) X(log2) X(sin) X(sinh) X(tan) X(tanh)
#define COMMON_BINARY(X) X(atan2) X(hypot) X(pow)

/* Functions of C23 with vector versions on aarch64 only (2.41 and later). */
#define NEWER_UNARY(X)                                                                                                 \
    X(acospi) X(asinpi) X(atanpi) X(cospi) X(exp10m1) X(exp2m1) X(log10p1) X(log2p1) X(logp1) X(rsqrt) X(sinpi) X(tanpi)
#define NEWER_BINARY(X) X(atan2pi)

#endif
