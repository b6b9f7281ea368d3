/* roundeven, llogb, nextup, nextdown and logp1 on values whose results are known exactly. */
#include <float.h>
#include <limits.h>
#include <math.h>

#include "check.h"

#if !__GLIBC_PREREQ(2, 40)
double logp1(double);
float logp1f(float);
long double logp1l(long double);
#endif

#define SAME(a, b) ((isnan(a) && isnan(b)) || ((a) == (b) && !signbit(a) == !signbit(b)))

int main(void)
{
    static const double ties[][2] = {{0.5, 0},      {-0.5, -0.0}, {1.5, 2},    {2.5, 2},   {-2.5, -2},       {3.5, 4},
                                     {2.25, 2},     {-7.75, -8},  {0.0, 0.0},  {-0.0, -0.0}, {1e300, 1e300}, {0.25, 0},
                                     {-0.25, -0.0}, {1048576.5, 1048576}, {INFINITY, INFINITY}, {NAN, NAN}};
    for (unsigned i = 0; i < sizeof ties / sizeof *ties; i++) {
        volatile double x = ties[i][0];
        double wanted = ties[i][1];
        EXPECT(SAME(roundeven(x), wanted), 1);
        EXPECT(SAME(roundevenl((long double)x), wanted), 1);
        EXPECT(SAME(roundevenf64(x), wanted), 1);
        if (fabs(x) < 1e6 || !isfinite(x))
            EXPECT(SAME(roundevenf((float)x), wanted), 1);
    }
    volatile double largest_half = 4503599627370495.5;
    EXPECT(SAME(roundeven(largest_half), 4503599627370496.0), 1);

    volatile double zero = 0, one = 1, big = DBL_MAX, tiny = DBL_TRUE_MIN, infinite = INFINITY, none = NAN;
    EXPECT(llogb(one), 0);
    EXPECT(llogb(tiny), -1074);
    EXPECT(llogb(big), 1023);
    EXPECT(llogbf(0.75f), -1);
    EXPECT(llogbl((long double)big * 4), 1025);
    EXPECT(llogb(zero), FP_LLOGB0);
    EXPECT(llogb(none), FP_LLOGBNAN);
    EXPECT(llogb(-infinite), LONG_MAX);

    EXPECT(SAME(nextup(zero), DBL_TRUE_MIN), 1);
    EXPECT(SAME(nextup(-tiny), -0.0), 1);
    EXPECT(SAME(nextup(one), 1 + DBL_EPSILON), 1);
    EXPECT(SAME(nextup(big), INFINITY), 1);
    EXPECT(SAME(nextup(infinite), INFINITY), 1);
    EXPECT(SAME(nextup(-infinite), -DBL_MAX), 1);
    EXPECT(SAME(nextdown(one), 1 - DBL_EPSILON / 2), 1);
    EXPECT(SAME(nextdown(zero), -DBL_TRUE_MIN), 1);
    EXPECT(SAME(nextdownf(1.0f), 1 - FLT_EPSILON / 2), 1);
    EXPECT(SAME(nextupl(1.0L), 1 + LDBL_EPSILON), 1);
    EXPECT(SAME(nextup(none), none), 1);

    EXPECT(SAME(logp1(zero), 0.0), 1);
    EXPECT(SAME(logp1(one), log1p(one)), 1);
    EXPECT(SAME(logp1f(0.5f), log1pf(0.5f)), 1);
    EXPECT(SAME(logp1l(0.5L), log1pl(0.5L)), 1);
    return faults;
}
