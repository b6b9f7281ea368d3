/* long double in printf, scanf, strtold and libm: the format differs by architecture, and so do the functions.
   libs: -lm */
#define _GNU_SOURCE
#include <complex.h>
#include <float.h>
#include "expect.h"

/* IBM's format, a sum of two doubles, has no fixed number of digits: its LDBL_EPSILON is the smallest number. */
#define SMALL (LDBL_MANT_DIG == 106 ? 0x1p-100L : LDBL_EPSILON)

int main(void)
{
    char text[100];
    long double value = 0, third = 1.0L / 3;
    volatile long double two = 2;
    snprintf(text, sizeof text, "%.10Lf %Lg %Le", 2.5L, 1e10L, 0.125L);
    TEXT(text, "2.5000000000 1e+10 1.250000e-01");
    SAME(sscanf("-3.25", "%Lf", &value), 1);
    CHECK(value == -3.25L);
    snprintf(text, sizeof text, "%.*Lg", LDBL_DIG + 8, third);
    CHECK(fabsl(strtold(text, NULL) - third) <= SMALL);
    CHECK(strtold("0x1.8p3", NULL) == 12);
    CHECK(strtold("inf", NULL) > LDBL_MAX);
    snprintf(text, sizeof text, "%Lf", strtold("nan", NULL));
    TEXT(text, "nan");
    CHECK(fabsl(sqrtl(two) * sqrtl(two) - 2) < 8 * SMALL);
    CHECK(fabsl(expl(logl(two)) - 2) < 16 * SMALL);
    CHECK(fabsl(sinl(two) * sinl(two) + cosl(two) * cosl(two) - 1) < 16 * SMALL);
    CHECK(powl(two, 10) == 1024);
    CHECK(floorl(-2.5L) == -3 && ceill(2.5L) == 3 && truncl(-2.5L) == -2 && roundl(2.5L) == 3);
    CHECK(fmodl(7.5L, two) == 1.5L && ldexpl(two, 4) == 32 && fmal(two, 3, 4) == 10);
    int exponent = 0;
    CHECK(frexpl(48.0L, &exponent) == 0.75L && exponent == 6);
    CHECK(nextafterl(1.0L, 2.0L) > 1.0L && copysignl(1.0L, -two) == -1 && isnan(nanl("")));
    CHECK(fabsl(lgammal(5.0L) - logl(24.0L)) < 64 * SMALL && fabsl(tgammal(5.0L) - 24) < 256 * SMALL);
    CHECK(cabsl(3 + 4 * (long double complex)I) == 5);
    CHECK(fabsl(atan2l(1, 1) * 4 - 3.14159265358979323846264338327950288L) < 8 * SMALL);
    char *converted = NULL;
    SAME(asprintf(&converted, "%La", 1.0L) > 0, 1);
    CHECK(strtold(converted, NULL) == 1);
    free(converted);
    return faults;
}
