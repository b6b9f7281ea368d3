/* The engines: functions that compute on floating-point numbers of any format with integer arithmetic only.

   A member of a type-generic family consists of a few instructions that call an engine with the addresses of the
   operands. Each engine is one hidden function with a name of this project, in its own member (kind `engine` in the
   table), so that all users share one copy. Its result does not depend on the architecture, the version of libm or the
   compiler's flags. */

#ifndef SYMVER_PIN_ENGINES_H
#define SYMVER_PIN_ENGINES_H

#include <float.h>

#include "formats.h"

enum format { BINARY32, BINARY64, EXTENDED, BINARY128 };

#if LDBL_MANT_DIG == 53
#define LONG_DOUBLE BINARY64
#elif LDBL_MANT_DIG == 64
#define LONG_DOUBLE EXTENDED
#define QUAD __float128
#elif LDBL_MANT_DIG == 113
#define LONG_DOUBLE BINARY128
#define QUAD long double
#elif LDBL_MANT_DIG == 106 /* the engines do not support IBM's long double, a sum of two numbers */
#define QUAD __float128
#endif

/* ENGINE_FORMATS(X) expands X(suffix, C type, format) for each C type, and for _Float128 where that is a type with its
   own format. The table gives the other names, as in formats.h. */
#ifdef LONG_DOUBLE
#define LONG_TYPE(X) X(l, long double, LONG_DOUBLE)
#else
#define LONG_TYPE(X)
#endif
#ifdef HAS_QUAD_TYPE
#define QUAD_TYPE(X) X(f128, QUAD, BINARY128)
#else
#define QUAD_TYPE(X)
#endif
#define ENGINE_FORMATS(X) X(, double, BINARY64) X(f, float, BINARY32) LONG_TYPE(X) QUAD_TYPE(X)

/* *result, of format `to`, is computed from one to three operands of format `from`. */
enum operation { ADD, SUBTRACT, MULTIPLY, DIVIDE, SQUARE_ROOT, MULTIPLY_ADD };
extern COMPAT_HIDDEN void symver_pin_arithmetic(enum operation operation, enum format to, void *result,
                                                enum format from, const void *x, const void *y, const void *z);

/* C23's elementary functions. *x is replaced by the result, which has the same format. *y is read if the function has
   two operands. */
enum function {
    EXP2M1, EXP10M1, LOG2P1, LOG10P1, SINPI, COSPI, TANPI, ASINPI, ACOSPI, ATANPI, ATAN2PI, POWN, POWR, ROOTN, RSQRT,
    COMPOUNDN
};
extern COMPAT_HIDDEN void symver_pin_elementary(enum function function, enum format format, void *x, const void *y,
                                                long long whole);

/* The elementary functions of binary128 that older libm has only in shorter formats. *x is replaced by the result. */
enum quad_function {
    EXP, EXP2, EXP10, EXPM1, LOG, LOG2, LOG10, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, ATAN2, SINH, COSH, TANH, ASINH,
    ACOSH, ATANH, CBRT, HYPOT, POW, ERF, ERFC
};
extern COMPAT_HIDDEN void symver_pin_quad(enum quad_function function, void *x, const void *y);

/* Questions about a representation. The answer is a truth value; for questions that store a number in *result it is 0
   for success. */
enum question {
    TOTAL_ORDER, TOTAL_ORDER_MAG, IS_SIGNALING, IS_CANONICAL, CANONICALIZE, GET_PAYLOAD, SET_PAYLOAD,
    SET_PAYLOAD_SIGNALING, EQUAL_OR_INVALID
};
extern COMPAT_HIDDEN int symver_pin_representation(enum question question, enum format format, const void *x,
                                                   const void *y, void *result);

/* Rounding to an integer of a given width. C23's functions store it in *x, those of TS 18661-1 return an integer. */
enum manner { UNSIGNED_INTEGER = 1, RAISES_INEXACT = 2, GIVES_INTEGER = 4 };
extern COMPAT_HIDDEN unsigned long long symver_pin_to_integer(enum format format, void *x, int direction,
                                                              unsigned width, int manner);

#endif
