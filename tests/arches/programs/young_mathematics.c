/* Functions of libm that are younger than the target: fmaximum, roundeven, exp10m1, fadd, canonicalize, totalorder.
   libs: -lm
   flags: -fno-builtin */
#define _GNU_SOURCE
#include <stdint.h>
#include "expect.h"

double fmaximum(double, double), fminimum_num(double, double), roundeven(double), nextup(double), nextdown(double);
float fmaximumf(float, float), roundevenf(float), fadd(double, double);
long double fmaximuml(long double, long double), roundevenl(long double), nextupl(long double);
#if !__GLIBC_PREREQ(2, 43) /* from there on it gives a double */
intmax_t fromfp(double, int, unsigned);
#endif
int canonicalize(double *, const double *), totalorder(const double *, const double *);
double exp10m1(double), log2p1(double), sinpi(double), cospi(double);
double daddl(long double, long double);
float fdiv(double, double), ffma(double, double, double), fsqrt(double);
long llogb(double);
int strfromd(char *, size_t, const char *, double), strfromf(char *, size_t, const char *, float);
int strfroml(char *, size_t, const char *, long double);

int main(void)
{
    double value = 0, other = 2.5;
    char text[40];
    CHECK(fmaximum(1, 2) == 2 && isnan(fmaximum(NAN, 2)) && fminimum_num(NAN, 2) == 2);
    CHECK(fmaximumf(-0.0f, 0.0f) == 0 && !signbit(fmaximumf(-0.0f, 0.0f)));
    CHECK(fmaximuml(3, 4) == 4 && roundevenl(2.5L) == 2 && nextupl(1) > 1);
    CHECK(roundeven(2.5) == 2 && roundeven(3.5) == 4 && roundeven(-0.5) == 0 && roundevenf(1.5f) == 2);
    CHECK(nextup(0) > 0 && nextdown(1) < 1 && llogb(9) == 3);
    CHECK(fromfp(2.5, 1, 8) == 2);
    SAME(canonicalize(&value, &other), 0);
    CHECK(value == 2.5);
    value = 1;
    CHECK(totalorder(&value, &other) && !totalorder(&other, &value));
    CHECK(fadd(0.5, 0.25) == 0.75f && fdiv(1, 4) == 0.25f && ffma(2, 3, 4) == 10 && fsqrt(16) == 4);
    CHECK(daddl(1, 2) == 3);
    CHECK(fabs(exp10m1(1) - 9) < 1e-14 && log2p1(7) == 3 && sinpi(0.5) == 1 && cospi(1) == -1);
    SAME(strfromd(text, sizeof text, "%.3f", 1.25), 5);
    TEXT(text, "1.250");
    SAME(strfromf(text, sizeof text, "%g", 0.5f), 3);
    SAME(strfroml(text, sizeof text, "%g", 0.125L), 5);
    TEXT(text, "0.125");
    return faults;
}
