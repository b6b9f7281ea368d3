/* The functions of C23's elementary functions, in every format: exp2m1, log2p1 ... (2.40), sinpi ... (2.41), pown, powr
   ... (2.42). */

#include "engines.h"

#define UNARY(name, code, suffix, real, format)                                                                        \
    DEFINE(real, JOIN(name, suffix), (real x))                                                                         \
    {                                                                                                                  \
        symver_pin_elementary(code, format, &x, 0, 0);                                                                 \
        return x;                                                                                                      \
    }

#define BINARY(name, code, suffix, real, format)                                                                       \
    DEFINE(real, JOIN(name, suffix), (real x, real y))                                                                 \
    {                                                                                                                  \
        symver_pin_elementary(code, format, &x, &y, 0);                                                                \
        return x;                                                                                                      \
    }

#define WITH_WHOLE(name, code, suffix, real, format)                                                                   \
    DEFINE(real, JOIN(name, suffix), (real x, long long n))                                                            \
    {                                                                                                                  \
        symver_pin_elementary(code, format, &x, 0, n);                                                                 \
        return x;                                                                                                      \
    }

#define ALL(suffix, real, format)                                                                                      \
    UNARY(exp2m1, EXP2M1, suffix, real, format)                                                                        \
    UNARY(exp10m1, EXP10M1, suffix, real, format)                                                                      \
    UNARY(log2p1, LOG2P1, suffix, real, format)                                                                        \
    UNARY(log10p1, LOG10P1, suffix, real, format)                                                                      \
    UNARY(sinpi, SINPI, suffix, real, format)                                                                          \
    UNARY(cospi, COSPI, suffix, real, format)                                                                          \
    UNARY(tanpi, TANPI, suffix, real, format)                                                                          \
    UNARY(asinpi, ASINPI, suffix, real, format)                                                                        \
    UNARY(acospi, ACOSPI, suffix, real, format)                                                                        \
    UNARY(atanpi, ATANPI, suffix, real, format)                                                                        \
    UNARY(rsqrt, RSQRT, suffix, real, format)                                                                          \
    BINARY(atan2pi, ATAN2PI, suffix, real, format)                                                                     \
    BINARY(powr, POWR, suffix, real, format)                                                                           \
    WITH_WHOLE(pown, POWN, suffix, real, format)                                                                       \
    WITH_WHOLE(rootn, ROOTN, suffix, real, format)                                                                     \
    WITH_WHOLE(compoundn, COMPOUNDN, suffix, real, format)

ENGINE_FORMATS(ALL)
