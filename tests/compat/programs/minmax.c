/* The maximum and minimum functions, by the rules of IEEE 754-2019, on every pair of telling operands. */
#include <math.h>

#include "check.h"

#define SAME(a, b) ((isnan(a) && isnan(b)) || ((a) == (b) && !signbit(a) == !signbit(b)))

/* The rules once more, by rank: -inf < -2 < -1 < -0 < +0 < 1 < 2 < inf. */
static double larger(double x, double y)
{
    return x > y ? x : y > x ? y : signbit(x) ? y : x;
}

static double smaller(double x, double y)
{
    return larger(x, y) == x && !signbit(larger(x, y)) == !signbit(x) ? y : x;
}

static double expected(int largest, int number, int magnitude, double x, double y)
{
    if (isnan(x) || isnan(y))
        return number && !(isnan(x) && isnan(y)) ? (isnan(x) ? y : x) : NAN;
    if (magnitude && fabs(x) != fabs(y))
        return (fabs(x) > fabs(y)) == largest ? x : y;
    return largest ? larger(x, y) : smaller(x, y);
}

#define CHECK(name, largest, number, magnitude)                                                                        \
    EXPECT(SAME(name(x, y), expected(largest, number, magnitude, x, y)), 1);                                           \
    EXPECT(SAME(name##f((float)x, (float)y), expected(largest, number, magnitude, x, y)), 1);                          \
    EXPECT(SAME(name##l((long double)x, (long double)y), expected(largest, number, magnitude, x, y)), 1);              \
    EXPECT(SAME(name##f32((float)x, (float)y), expected(largest, number, magnitude, x, y)), 1);                        \
    EXPECT(SAME(name##f64(x, y), expected(largest, number, magnitude, x, y)), 1);                                      \
    EXPECT(SAME(name##f32x(x, y), expected(largest, number, magnitude, x, y)), 1);                                     \
    EXPECT(SAME(name##f64x((long double)x, (long double)y), expected(largest, number, magnitude, x, y)), 1);

#define DECLARE(name)                                                                                                  \
    double name(double, double);                                                                                       \
    float name##f(float, float);                                                                                       \
    long double name##l(long double, long double);                                                                     \
    float name##f32(float, float);                                                                                     \
    double name##f64(double, double);                                                                                  \
    double name##f32x(double, double);                                                                                 \
    long double name##f64x(long double, long double);

#undef fmaxmag
#undef fminmag
#if !__GLIBC_PREREQ(2, 35)
DECLARE(fmaximum) DECLARE(fminimum) DECLARE(fmaximum_num) DECLARE(fminimum_num) DECLARE(fmaximum_mag)
DECLARE(fminimum_mag) DECLARE(fmaximum_mag_num) DECLARE(fminimum_mag_num)
#endif

int main(void)
{
    volatile double points[] = {-INFINITY, -2, -1, -0.0, 0.0, 1, 2, INFINITY, NAN};
    for (unsigned i = 0; i < 9; i++)
        for (unsigned j = 0; j < 9; j++) {
            double x = points[i], y = points[j];
            CHECK(fmaximum, 1, 0, 0)
            CHECK(fminimum, 0, 0, 0)
            CHECK(fmaximum_num, 1, 1, 0)
            CHECK(fminimum_num, 0, 1, 0)
            CHECK(fmaximum_mag, 1, 0, 1)
            CHECK(fminimum_mag, 0, 0, 1)
            CHECK(fmaximum_mag_num, 1, 1, 1)
            CHECK(fminimum_mag_num, 0, 1, 1)
            if (x != 0 || y != 0) { /* 754-2008 leaves open which of two zeros it is */
                CHECK(fmaxmag, 1, 1, 1)
                CHECK(fminmag, 0, 1, 1)
            }
        }
    return faults;
}
