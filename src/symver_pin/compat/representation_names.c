/* The functions on representations, in every format: NaN payloads, canonicalize, iseqsig (2.25), total order (pointer
   parameters since 2.31), __issignaling (2.18). */

#include <features.h>

#include "engines.h"

/* Headers before 2.31 declare functions with the numbers themselves as parameters. */
#if __GLIBC_PREREQ(2, 31)
#define ORDER(name, question, suffix, real, format)                                                                    \
    DEFINE(int, JOIN(name, suffix), (const real *x, const real *y))                                                    \
    {                                                                                                                  \
        return symver_pin_representation(question, format, x, y, 0);                                                   \
    }
#else
#define ORDER(name, question, suffix, real, format)                                                                    \
    DEFINE(int, JOIN(name, suffix), (real x, real y))                                                                  \
    {                                                                                                                  \
        return symver_pin_representation(question, format, &x, &y, 0);                                                 \
    }
#endif

#define SETTER(name, question, suffix, real, format)                                                                   \
    DEFINE(int, JOIN(name, suffix), (real *result, real x))                                                            \
    {                                                                                                                  \
        return symver_pin_representation(question, format, &x, 0, result);                                             \
    }

#define ALL(suffix, real, format)                                                                                      \
    ORDER(totalorder, TOTAL_ORDER, suffix, real, format)                                                               \
    ORDER(totalordermag, TOTAL_ORDER_MAG, suffix, real, format)                                                        \
    SETTER(setpayload, SET_PAYLOAD, suffix, real, format)                                                              \
    SETTER(setpayloadsig, SET_PAYLOAD_SIGNALING, suffix, real, format)                                                 \
    DEFINE(int, JOIN(canonicalize, suffix), (real *result, const real *x))                                             \
    {                                                                                                                  \
        return symver_pin_representation(CANONICALIZE, format, x, 0, result);                                          \
    }                                                                                                                  \
    DEFINE(real, JOIN(getpayload, suffix), (const real *x))                                                            \
    {                                                                                                                  \
        real result;                                                                                                   \
        symver_pin_representation(GET_PAYLOAD, format, x, 0, &result);                                                 \
        return result;                                                                                                 \
    }

ENGINE_FORMATS(ALL)

/* Functions behind macros of math.h, one for each format. */
#define QUESTIONS(suffix, real, format)                                                                                \
    DEFINE(int, JOIN(__issignaling, suffix), (real x))                                                                 \
    {                                                                                                                  \
        return symver_pin_representation(IS_SIGNALING, format, &x, 0, 0);                                              \
    }                                                                                                                  \
    DEFINE(int, JOIN(__iseqsig, suffix), (real x, real y))                                                             \
    {                                                                                                                  \
        return symver_pin_representation(EQUAL_OR_INVALID, format, &x, &y, 0);                                         \
    }

QUESTIONS(, double, BINARY64)
QUESTIONS(f, float, BINARY32)
#ifdef LONG_DOUBLE
QUESTIONS(l, long double, LONG_DOUBLE)
#endif
#ifdef HAS_QUAD_TYPE
QUESTIONS(f128, QUAD, BINARY128)
DEFINE(int, __iscanonicall, (long double x))
{
    return symver_pin_representation(IS_CANONICAL, EXTENDED, &x, 0, 0);
}
#endif
