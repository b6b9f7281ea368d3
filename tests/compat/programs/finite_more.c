/* The names of -ffast-math in old objects with pointers or integers, and those of _Float128, do what the functions
   without the underscores do. finite.c has the others. */

#include "check.h"

#define DECLARE(result, symbol, parameters) extern result call_##symbol parameters __asm__(#symbol)
#define SAME(type, finite, plain, parameters, arguments)                                                               \
    do {                                                                                                               \
        DECLARE(type, finite, parameters);                                                                             \
        DECLARE(type, plain, parameters);                                                                              \
        EXPECT_TRUE(call_##finite arguments == call_##plain arguments);                                                \
    } while (0)
#define QUAD(name, x) SAME(__float128, __##name##f128_finite, name##f128, (__float128), ((__float128)(x)))
#define QUAD2(name) SAME(__float128, __##name##f128_finite, name##f128, (__float128, __float128), (3, 2))

int main(void)
{
    int sign = 0;
    SAME(float, __lgammaf_r_finite, lgammaf_r, (float, int *), (0.75f, &sign));
    SAME(long double, __lgammal_r_finite, lgammal_r, (long double, int *), (0.75L, &sign));
    SAME(float, __jnf_finite, jnf, (int, float), (2, 0.75f));
    SAME(long double, __jnl_finite, jnl, (int, long double), (2, 0.75L));
    SAME(double, __yn_finite, yn, (int, double), (2, 0.75));
    SAME(long double, __ynl_finite, ynl, (int, long double), (2, 0.75L));
    DECLARE(float, __gammaf_r_finite, (float, int *));
    DECLARE(long double, __gammal_r_finite, (long double, int *));
    DECLARE(long double, tgammal, (long double));
    EXPECT_TRUE(call___gammaf_r_finite(5, &sign) == 24 && sign == 1);
    EXPECT_TRUE(call___gammal_r_finite(5, &sign) == call_tgammal(5) && sign == 1);
    QUAD(acos, 0.5);
    QUAD(acosh, 1.5);
    QUAD(asin, 0.5);
    QUAD(atanh, 0.5);
    QUAD(cosh, 0.5);
    QUAD(exp10, 0.5);
    QUAD(exp2, 0.5);
    QUAD(exp, 0.5);
    QUAD(log10, 0.5);
    QUAD(log2, 0.5);
    QUAD(log, 0.5);
    QUAD(sinh, 0.5);
    QUAD(sqrt, 0.5);
    QUAD2(atan2);
    QUAD2(fmod);
    QUAD2(hypot);
    QUAD2(pow);
    QUAD2(remainder);
    return faults;
}
