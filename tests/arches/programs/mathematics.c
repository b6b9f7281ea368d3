/* libm: double, float and complex functions against values and identities; errno and special values.
   libs: -lm */
#define _GNU_SOURCE
#include <complex.h>
#include <float.h>
#include "expect.h"

#define NEAR(actual, expected) CHECK(fabs((actual) - (double)(expected)) <= 4e-16 * (1 + fabs((double)(expected))))
#define NEAR_F(actual, expected) CHECK(fabsf((actual) - (expected)) <= 2.5e-7f * (1 + fabsf(expected)))

int main(void)
{
    volatile double x = 0.75, big = 1e308, minus = -1, zero = 0;
    volatile float f = 0.75f;
    int sign = 0, quotient = 0;
    NEAR(sin(x), 0.68163876002333416673);
    NEAR(cos(x), 0.73168886887382088631);
    NEAR(tan(x), 0.93159645994407246117);
    NEAR(asin(x), 0.84806207898148100805);
    NEAR(acos(x), 0.72273424781341561118);
    NEAR(atan(x), 0.64350110879328438680);
    NEAR(sinh(x), 0.82231673193582998071);
    NEAR(exp(x), 2.1170000166126746685);
    NEAR(exp2(x), 1.6817928305074290861);
    NEAR(exp10(x), 5.6234132519034908039);
    NEAR(expm1(x), 1.1170000166126746685);
    NEAR(log(x), -0.28768207245178092744);
    NEAR(log2(x), -0.41503749927884381855);
    NEAR(log10(x), -0.12493873660829995313);
    NEAR(log1p(x), 0.55961578793542268627);
    NEAR(pow(x, 2.5), 0.48713928962874674);
    NEAR(cbrt(x), 0.90856029641606982945);
    NEAR(hypot(3 * x, 4 * x), 3.75);
    NEAR(erf(x), 0.71115563365351513160);
    NEAR(tgamma(x), 1.2254167024651776451);
    NEAR(lgamma_r(x, &sign), 0.20328095143129537215);
    NEAR(j0(x), 0.86424227516664803);
    CHECK(remquo(7, 3, &quotient) == 1 && quotient == 2);
    CHECK(fma(x, 4, 1) == 4 && fdim(3, 1) == 2 && fmax(NAN, 2) == 2 && ilogb(8.5) == 3 && logb(8.5) == 3);
    CHECK(round(-2.5) == -3 && rint(2.5) == 2 && lround(2.5) == 3 && llround(-0.5) == -1 && scalbn(x, 2) == 3);
    CHECK(nextafter(1, 2) == 1 + DBL_EPSILON && nexttoward(1, 2) > 1 && isinf(exp(big)));
    errno = 0;
    CHECK(isinf(exp(big)) && errno == ERANGE);
    errno = 0;
    CHECK(isnan(sqrt(minus)) && errno == EDOM);
    errno = 0;
    CHECK(isinf(log(zero)) && errno == ERANGE);
    errno = 0;
    CHECK(isnan(pow(minus, 0.5)) && errno == EDOM);
    NEAR_F(sinf(f), 0.68163876f);
    NEAR_F(expf(f), 2.117f);
    NEAR_F(logf(f), -0.28768207f);
    NEAR_F(powf(f, 2.5f), 0.48713929f);
    NEAR_F(atan2f(f, f), 0.78539816f);
    NEAR_F(tgammaf(f), 1.2254167f);
    sincos(x, (double *)&big, (double *)&minus);
    NEAR(big, 0.68163876002333416673);
    double complex z = 3 + 4 * I, w = csqrt(z);
    CHECK(cabs(z) == 5 && creal(w) == 2 && cimag(w) == 1 && conj(z) == 3 - 4 * I);
    NEAR(creal(cexp(I * M_PI)), -1);
    NEAR(cimag(clog(I)), M_PI_2);
    NEAR(creal(cpow(z, 2)) / -7, 1);
    NEAR(carg(-1), M_PI);
    CHECK(cabsf(3 + 4 * I) == 5);
    return faults;
}
