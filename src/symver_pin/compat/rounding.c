/* roundeven, llogb (2.25), nextup, nextdown (2.24) and logp1 (2.40, C23's name of log1p) in every format. */

#include <limits.h>
#include <math.h>

#include "formats.h"

/* The results of ilogb and llogb for zero and NaN differ between architectures; math.h defines them. */
#ifdef FP_LLOGB0
#define LOGB_OF_ZERO FP_LLOGB0
#define LOGB_OF_NAN FP_LLOGBNAN
#else
#define LOGB_OF_ZERO (FP_ILOGB0 == INT_MIN ? LONG_MIN : -LONG_MAX)
#define LOGB_OF_NAN (FP_ILOGBNAN == INT_MIN ? LONG_MIN : LONG_MAX)
#endif

PLAIN(double, round, (double));
PLAIN(float, roundf, (float));
PLAIN(long double, roundl, (long double));
PLAIN(double, trunc, (double));
PLAIN(float, truncf, (float));
PLAIN(long double, truncl, (long double));
PLAIN(double, nextafter, (double, double));
PLAIN(float, nextafterf, (float, float));
PLAIN(long double, nextafterl, (long double, long double));
PLAIN(double, log1p, (double));
PLAIN(float, log1pf, (float));
PLAIN(long double, log1pl, (long double));
PLAIN(int, ilogb, (double));
PLAIN(int, ilogbf, (float));
PLAIN(int, ilogbl, (long double));

/* For a tie, the result is twice the rounded half. The fraction of the half is a quarter or three quarters, so it is no
   tie. */
#define ROUND_EVEN(suffix, real, base)                                                                                 \
    DEFINE(real, JOIN(roundeven, suffix), (real x))                                                                    \
    {                                                                                                                  \
        real fraction = x - JOIN(plain_trunc, base)(x);                                                                \
        real rounded = fraction == (real)0.5 || fraction == (real)-0.5 ? 2 * JOIN(plain_round, base)(x / 2)            \
                                                                       : JOIN(plain_round, base)(x);                   \
        return rounded == 0 ? (__builtin_signbit(x) ? -(real)0 : (real)0) : rounded;                                   \
    }

#define LLOGB(suffix, real, base)                                                                                      \
    DEFINE(long, JOIN(llogb, suffix), (real x))                                                                        \
    {                                                                                                                  \
        int exponent = JOIN(plain_ilogb, base)(x);                                                                     \
        return x == 0                ? LOGB_OF_ZERO                                                                    \
               : __builtin_isnan(x)  ? LOGB_OF_NAN                                                                     \
               : exponent == INT_MAX ? LONG_MAX                                                                        \
                                     : exponent;                                                                       \
    }

#define NEIGHBOURS(suffix, real, base)                                                                                 \
    DEFINE(real, JOIN(nextup, suffix), (real x))                                                                       \
    {                                                                                                                  \
        return JOIN(plain_nextafter, base)(x, (real)__builtin_inf());                                                  \
    }                                                                                                                  \
    DEFINE(real, JOIN(nextdown, suffix), (real x))                                                                     \
    {                                                                                                                  \
        return JOIN(plain_nextafter, base)(x, -(real)__builtin_inf());                                                 \
    }

#define LOGP1(suffix, real, base)                                                                                      \
    DEFINE(real, JOIN(logp1, suffix), (real x))                                                                        \
    {                                                                                                                  \
        return JOIN(plain_log1p, base)(x);                                                                             \
    }

FORMATS(ROUND_EVEN)
FORMATS(LLOGB)
FORMATS(NEIGHBOURS)
FORMATS(LOGP1)
