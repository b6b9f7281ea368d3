/* The _FloatN names give what the function of the C type of that format gives. */
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <string.h>

#include "check.h"

static volatile double points[] = {0.0, -0.0, 0.25, 0.5, -0.75, 1.0, 1.5, -2.5, 3.0, 10.25, 700.5, -1e10, 1e300, 1e-310};

/* Equal as bits would be, but that any NaN is any NaN. */
#define SAME(a, b) ((isnan(a) && isnan(b)) || ((a) == (b) && !signbit(a) == !signbit(b)))

#define UNARY(name)                                                                                                    \
    EXPECT(SAME(name##f32((float)x), name##f((float)x)), 1);                                                           \
    EXPECT(SAME(name##f64(x), name(x)), 1);                                                                            \
    EXPECT(SAME(name##f32x(x), name(x)), 1);                                                                           \
    EXPECT(SAME(name##f64x((long double)x), name##l((long double)x)), 1);
#define BINARY(name)                                                                                                   \
    EXPECT(SAME(name##f32((float)x, (float)y), name##f((float)x, (float)y)), 1);                                       \
    EXPECT(SAME(name##f64(x, y), name(x, y)), 1);                                                                      \
    EXPECT(SAME(name##f32x(x, y), name(x, y)), 1);                                                                     \
    EXPECT(SAME(name##f64x((long double)x, (long double)y), name##l((long double)x, (long double)y)), 1);
#define WHOLE(name)                                                                                                    \
    EXPECT(name##f32((float)x), name##f((float)x));                                                                    \
    EXPECT(name##f64(x), name(x));                                                                                     \
    EXPECT(name##f32x(x), name(x));                                                                                    \
    EXPECT(name##f64x((long double)x), name##l((long double)x));
#define PART(name)                                                                                                     \
    EXPECT(SAME(name##f32((float complex)z), name##f((float complex)z)), 1);                                           \
    EXPECT(SAME(name##f64(z), name(z)), 1);                                                                            \
    EXPECT(SAME(name##f32x(z), name(z)), 1);                                                                           \
    EXPECT(SAME(name##f64x((long double complex)z), name##l((long double complex)z)), 1);
#define COMPLEX(name)                                                                                                  \
    EXPECT(SAME(creal(name##f64(z)), creal(name(z))), 1);                                                              \
    EXPECT(SAME(cimag(name##f64(z)), cimag(name(z))), 1);                                                              \
    EXPECT(SAME(creal(name##f32x(z)), creal(name(z))), 1);                                                             \
    EXPECT(SAME(crealf(name##f32((float complex)z)), crealf(name##f((float complex)z))), 1);                           \
    EXPECT(SAME(creall(name##f64x((long double complex)z)), creall(name##l((long double complex)z))), 1);

static void one(double x)
{
    UNARY(acos) UNARY(acosh) UNARY(asin) UNARY(asinh) UNARY(atan) UNARY(atanh) UNARY(cbrt) UNARY(ceil) UNARY(cos)
    UNARY(cosh) UNARY(erf) UNARY(erfc) UNARY(exp) UNARY(exp10) UNARY(exp2) UNARY(expm1) UNARY(fabs) UNARY(floor)
    UNARY(j0) UNARY(j1) UNARY(lgamma) UNARY(log) UNARY(log10) UNARY(log1p) UNARY(log2) UNARY(logb) UNARY(nearbyint)
    UNARY(rint) UNARY(round) UNARY(sin) UNARY(sinh) UNARY(sqrt) UNARY(tan) UNARY(tanh) UNARY(tgamma) UNARY(trunc)
    UNARY(y0) UNARY(y1)
    WHOLE(ilogb)
    if (fabs(x) < 1e6) {
        WHOLE(lrint) WHOLE(lround) WHOLE(llrint) WHOLE(llround)
    }
    int exponent = 0, wanted = 0, sign = 0, wanted_sign = 0;
    double whole = 0, wanted_whole = 0, sine = 0, cosine = 0;
    EXPECT(SAME(frexpf64(x, &exponent), frexp(x, &wanted)), 1);
    EXPECT(exponent, wanted);
    EXPECT(SAME(modff64(x, (_Float64 *)&whole), modf(x, &wanted_whole)), 1);
    EXPECT(SAME(whole, wanted_whole), 1);
    EXPECT(SAME(ldexpf32x(x, 3), ldexp(x, 3)), 1);
    EXPECT(SAME(scalbnf64(x, -3), scalbn(x, -3)), 1);
    EXPECT(SAME(scalblnf64x(x, 4L), scalblnl(x, 4L)), 1);
    EXPECT(SAME(jnf64(2, x), jn(2, x)), 1);
    EXPECT(SAME(ynf32(2, (float)x), ynf(2, (float)x)), 1);
    EXPECT(SAME(lgammaf64_r(x, &sign), lgamma_r(x, &wanted_sign)), 1);
    EXPECT(sign, wanted_sign);
    sincosf64(x, (_Float64 *)&sine, (_Float64 *)&cosine);
    EXPECT(SAME(sine, sin(x)), 1);
    EXPECT(SAME(cosine, cos(x)), 1);
}

static void two(double x, double y)
{
    BINARY(atan2) BINARY(copysign) BINARY(fdim) BINARY(fmax) BINARY(fmin) BINARY(fmod) BINARY(hypot) BINARY(nextafter)
    BINARY(pow) BINARY(remainder)
    int quotient = 0, wanted = 0;
    EXPECT(SAME(fmaf64(x, y, 0.5), fma(x, y, 0.5)), 1);
    EXPECT(SAME(remquof32((float)x, (float)y, &quotient), remquof((float)x, (float)y, &wanted)), 1);
    double complex z = x + y * I;
    PART(cabs) PART(carg) PART(cimag) PART(creal)
    if (fabs(x) < 100 && fabs(y) < 100) {
        COMPLEX(cacos) COMPLEX(cacosh) COMPLEX(casin) COMPLEX(casinh) COMPLEX(catan) COMPLEX(catanh) COMPLEX(ccos)
        COMPLEX(ccosh) COMPLEX(cexp) COMPLEX(clog) COMPLEX(clog10) COMPLEX(conj) COMPLEX(cproj) COMPLEX(csin)
        COMPLEX(csinh) COMPLEX(csqrt) COMPLEX(ctan) COMPLEX(ctanh)
        EXPECT(SAME(creal(cpowf64(z, 2.0 + I)), creal(cpow(z, 2.0 + I))), 1);
    }
}

int main(void)
{
    unsigned count = sizeof points / sizeof *points;
    for (unsigned i = 0; i < count; i++) {
        one(points[i]);
        for (unsigned j = 0; j < count; j++)
            two(points[i], points[j]);
    }
    EXPECT(isnan(nanf64("7")), 1);
    EXPECT(isnan(nanf32("")), 1);
    return faults;
}
