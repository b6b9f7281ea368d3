/* The names that -ffast-math once made of mathematical functions give what these give. */
#include <math.h>

#include "check.h"

#define UNARY(name)                                                                                                    \
    double __##name##_finite(double);                                                                                  \
    float __##name##f_finite(float);                                                                                   \
    long double __##name##l_finite(long double);
#define BINARY(name)                                                                                                   \
    double __##name##_finite(double, double);                                                                          \
    float __##name##f_finite(float, float);                                                                            \
    long double __##name##l_finite(long double, long double);
#define ORDER(name)                                                                                                    \
    double __##name##_finite(int, double);                                                                             \
    float __##name##f_finite(int, float);                                                                              \
    long double __##name##l_finite(int, long double);
#define EVERY(X)                                                                                                       \
    X(acos) X(asin) X(atanh) X(cosh) X(exp) X(exp10) X(exp2) X(j0) X(j1) X(log) X(log10) X(log2) X(sinh) X(sqrt) X(y0) X(y1)
#define EVERY_2(X) X(atan2) X(fmod) X(hypot) X(pow) X(remainder) X(scalb)
EVERY(UNARY) UNARY(acosh) EVERY_2(BINARY) ORDER(jn) ORDER(yn)
double __gamma_r_finite(double, int *), __lgamma_r_finite(double, int *);
float __gammaf_r_finite(float, int *);
long double __lgammal_r_finite(long double, int *), scalbl(long double, long double);

#define SAME_1(name)                                                                                                   \
    EXPECT_TRUE(__##name##_finite(x) == name(x));                                                                      \
    EXPECT_TRUE(__##name##f_finite((float)x) == name##f((float)x));                                                    \
    EXPECT_TRUE(__##name##l_finite((long double)x) == name##l((long double)x));
#define SAME_2(name)                                                                                                   \
    EXPECT_TRUE(__##name##_finite(x, 2.0) == name(x, 2.0));                                                            \
    EXPECT_TRUE(__##name##f_finite((float)x, 2.0f) == name##f((float)x, 2.0f));                                        \
    EXPECT_TRUE(__##name##l_finite((long double)x, 2.0L) == name##l((long double)x, 2.0L));

int main(void)
{
    volatile double x = 0.625;
    int sign = 0, wanted = 0;
    EVERY(SAME_1)
    EVERY_2(SAME_2)
    EXPECT_TRUE(__jn_finite(2, x) == jn(2, x));
    EXPECT_TRUE(__ynf_finite(2, (float)x) == ynf(2, (float)x));
    EXPECT_TRUE(__lgamma_r_finite(-x, &sign) == lgamma_r(-x, &wanted));
    EXPECT(sign, wanted);
    double gamma = __gamma_r_finite(-x, &sign);
    EXPECT_TRUE((sign < 0 ? -gamma : gamma) == tgamma(-x));
    x = 1.625;
    SAME_1(acosh)
    return faults;
}
