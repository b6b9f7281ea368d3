/* Arithmetic that rounds once to a narrower type (ISO C23, 7.12.14; since 2.28, roots and multiply-add since 2.35).
   fadd is the sum of two doubles as a float, f64mulf128 the product of two _Float128 as a _Float64. The table gives
   these functions the names for other pairs of types with the same formats. */

#include "engines.h"

#define NAME_(prefix, operation, suffix) prefix##operation##suffix
#define NAME(prefix, operation, suffix) NAME_(prefix, operation, suffix)

#define BINARY(symbol, code, result, to, operand, from)                                                                \
    DEFINE(result, symbol, (operand x, operand y))                                                                     \
    {                                                                                                                  \
        result value;                                                                                                  \
        symver_pin_arithmetic(code, to, &value, from, &x, &y, 0);                                                      \
        return value;                                                                                                  \
    }

#define FAMILY(prefix, suffix, result, to, operand, from)                                                              \
    BINARY(NAME(prefix, add, suffix), ADD, result, to, operand, from)                                                  \
    BINARY(NAME(prefix, sub, suffix), SUBTRACT, result, to, operand, from)                                             \
    BINARY(NAME(prefix, mul, suffix), MULTIPLY, result, to, operand, from)                                             \
    BINARY(NAME(prefix, div, suffix), DIVIDE, result, to, operand, from)                                               \
    DEFINE(result, NAME(prefix, sqrt, suffix), (operand x))                                                            \
    {                                                                                                                  \
        result value;                                                                                                  \
        symver_pin_arithmetic(SQUARE_ROOT, to, &value, from, &x, 0, 0);                                                \
        return value;                                                                                                  \
    }                                                                                                                  \
    DEFINE(result, NAME(prefix, fma, suffix), (operand x, operand y, operand z))                                       \
    {                                                                                                                  \
        result value;                                                                                                  \
        symver_pin_arithmetic(MULTIPLY_ADD, to, &value, from, &x, &y, &z);                                             \
        return value;                                                                                                  \
    }

FAMILY(f, , float, BINARY32, double, BINARY64)
FAMILY(f32x, f64, double, BINARY64, double, BINARY64)

#ifdef LONG_DOUBLE
FAMILY(f, l, float, BINARY32, long double, LONG_DOUBLE)
FAMILY(d, l, double, BINARY64, long double, LONG_DOUBLE)
#endif

#ifdef QUAD
FAMILY(f32, f128, float, BINARY32, QUAD, BINARY128)
FAMILY(f64, f128, double, BINARY64, QUAD, BINARY128)
#endif
#if LDBL_MANT_DIG == 106
FAMILY(f64x, f128, QUAD, BINARY128, QUAD, BINARY128)
#elif LDBL_MANT_DIG > 53
FAMILY(f64x, f128, long double, LONG_DOUBLE, QUAD, BINARY128)
#endif
