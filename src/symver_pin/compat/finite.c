/* The functions that code compiled with -ffast-math and headers of 2.15 to 2.30 calls instead of acos, exp, pow ...
   They need not handle errors, so the plain functions can replace them. */

#include "formats.h"

#define FORWARD(symbol, plain, result, parameters, arguments)                                                          \
    PLAIN(result, plain, parameters);                                                                                  \
    DEFINE(result, symbol, parameters)                                                                                 \
    {                                                                                                                  \
        return JOIN(plain_, plain) arguments;                                                                          \
    }

#define UNARY(name, suffix, real, base) FORWARD(__##name##suffix##_finite, name##base, real, (real x), (x))
#define BINARY(name, suffix, real, base) FORWARD(__##name##suffix##_finite, name##base, real, (real x, real y), (x, y))
#define ORDER(name, suffix, real, base) FORWARD(__##name##suffix##_finite, name##base, real, (int n, real x), (n, x))

/* The gamma function without its sign. The caller negates the result if *sign is negative. */
#define GAMMA(suffix, real, base)                                                                                      \
    PLAIN(real, tgamma##base, (real));                                                                                 \
    DEFINE(real, __gamma##suffix##_r_finite, (real x, int *sign))                                                      \
    {                                                                                                                  \
        *sign = 1;                                                                                                     \
        return plain_tgamma##base(x);                                                                                  \
    }

#define ALL(suffix, real, base)                                                                                        \
    UNARY(acos, suffix, real, base)                                                                                    \
    UNARY(acosh, suffix, real, base)                                                                                   \
    UNARY(asin, suffix, real, base)                                                                                    \
    UNARY(atanh, suffix, real, base)                                                                                   \
    UNARY(cosh, suffix, real, base)                                                                                    \
    UNARY(exp, suffix, real, base)                                                                                     \
    UNARY(exp10, suffix, real, base)                                                                                   \
    UNARY(exp2, suffix, real, base)                                                                                    \
    UNARY(log, suffix, real, base)                                                                                     \
    UNARY(log10, suffix, real, base)                                                                                   \
    UNARY(log2, suffix, real, base)                                                                                    \
    UNARY(sinh, suffix, real, base)                                                                                    \
    UNARY(sqrt, suffix, real, base)                                                                                    \
    BINARY(atan2, suffix, real, base)                                                                                  \
    BINARY(fmod, suffix, real, base)                                                                                   \
    BINARY(hypot, suffix, real, base)                                                                                  \
    BINARY(pow, suffix, real, base)                                                                                    \
    BINARY(remainder, suffix, real, base)

/* Functions that older libm has, but not for _Float128 on x86. */
#define SPECIAL(suffix, real, base)                                                                                    \
    UNARY(j0, suffix, real, base)                                                                                      \
    UNARY(j1, suffix, real, base)                                                                                      \
    UNARY(y0, suffix, real, base)                                                                                      \
    UNARY(y1, suffix, real, base)                                                                                      \
    ORDER(jn, suffix, real, base)                                                                                      \
    ORDER(yn, suffix, real, base)                                                                                      \
    BINARY(scalb, suffix, real, base)                                                                                  \
    GAMMA(suffix, real, base)                                                                                          \
    FORWARD(__lgamma##suffix##_r_finite, lgamma##base##_r, real, (real x, int *sign), (x, sign))

ALL(, double, )
ALL(f, float, f)
ALL(l, long double, l)
SPECIAL(, double, )
SPECIAL(f, float, f)
SPECIAL(l, long double, l)
#ifdef HAS_QUAD_TYPE
ALL(f128, __float128, f128)
#endif
