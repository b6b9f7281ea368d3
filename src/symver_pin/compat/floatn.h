/* The _FloatN names of libm's functions (2.27): sinf32, sinf64, sinf64x. Each is the function of the C type with the
   same format. The table gives the functions of _Float64 and _Float64x further names: sinf32x, and where long double
   has the format binary128, sinf128. A file of this family defines N_SUFFIX (f32), N_REAL (float) and N_BASE (f, or
   nothing), and includes this file.

   The older function under the base name sets errno as the new one does. It also calls a matherr of the program, but no
   program compiled with new headers can have one. lgamma also sets signgam. */

#include "formats.h"

#define OLD(name) JOIN(name, N_BASE)
#define NEW(name) JOIN(name, N_SUFFIX)
#define CALL(name) JOIN(plain_, OLD(name))

#define N_COMPLEX N_REAL _Complex

#define FORWARD(result, name, parameters, arguments)                                                                   \
    PLAIN(result, OLD(name), parameters);                                                                              \
    DEFINE(result, NEW(name), parameters)                                                                              \
    {                                                                                                                  \
        return CALL(name) arguments;                                                                                   \
    }

#define UNARY(name) FORWARD(N_REAL, name, (N_REAL x), (x))
#define BINARY(name) FORWARD(N_REAL, name, (N_REAL x, N_REAL y), (x, y))
#define COMPLEX(name) FORWARD(N_COMPLEX, name, (N_COMPLEX z), (z))
#define PART(name) FORWARD(N_REAL, name, (N_COMPLEX z), (z))

UNARY(acos) UNARY(acosh) UNARY(asin) UNARY(asinh) UNARY(atan) UNARY(atanh) UNARY(cbrt) UNARY(ceil) UNARY(cos) UNARY(cosh)
UNARY(erf) UNARY(erfc) UNARY(exp) UNARY(exp10) UNARY(exp2) UNARY(expm1) UNARY(fabs) UNARY(floor) UNARY(j0) UNARY(j1)
UNARY(lgamma) UNARY(log) UNARY(log10) UNARY(log1p) UNARY(log2) UNARY(logb) UNARY(nearbyint) UNARY(rint) UNARY(round)
UNARY(sin) UNARY(sinh) UNARY(sqrt) UNARY(tan) UNARY(tanh) UNARY(tgamma) UNARY(trunc) UNARY(y0) UNARY(y1)

BINARY(atan2) BINARY(copysign) BINARY(fdim) BINARY(fmax) BINARY(fmin) BINARY(fmod) BINARY(hypot) BINARY(nextafter)
BINARY(pow) BINARY(remainder)

FORWARD(N_REAL, fma, (N_REAL x, N_REAL y, N_REAL z), (x, y, z))
FORWARD(N_REAL, frexp, (N_REAL x, int *e), (x, e))
FORWARD(N_REAL, jn, (int n, N_REAL x), (n, x))
FORWARD(N_REAL, yn, (int n, N_REAL x), (n, x))
FORWARD(N_REAL, ldexp, (N_REAL x, int e), (x, e))
FORWARD(N_REAL, scalbn, (N_REAL x, int e), (x, e))
FORWARD(N_REAL, scalbln, (N_REAL x, long e), (x, e))
FORWARD(N_REAL, modf, (N_REAL x, N_REAL *whole), (x, whole))
FORWARD(N_REAL, nan, (const char *tag), (tag))
FORWARD(N_REAL, remquo, (N_REAL x, N_REAL y, int *quotient), (x, y, quotient))
FORWARD(int, ilogb, (N_REAL x), (x))
FORWARD(long, lrint, (N_REAL x), (x))
FORWARD(long, lround, (N_REAL x), (x))
FORWARD(long long, llrint, (N_REAL x), (x))
FORWARD(long long, llround, (N_REAL x), (x))

PLAIN(void, OLD(sincos), (N_REAL, N_REAL *, N_REAL *));
DEFINE(void, NEW(sincos), (N_REAL x, N_REAL *sine, N_REAL *cosine))
{
    CALL(sincos)(x, sine, cosine);
}

PLAIN(N_REAL, JOIN(OLD(lgamma), _r), (N_REAL, int *));
DEFINE(N_REAL, JOIN(NEW(lgamma), _r), (N_REAL x, int *sign))
{
    return JOIN(CALL(lgamma), _r)(x, sign);
}

COMPLEX(cacos) COMPLEX(cacosh) COMPLEX(casin) COMPLEX(casinh) COMPLEX(catan) COMPLEX(catanh) COMPLEX(ccos) COMPLEX(ccosh)
COMPLEX(cexp) COMPLEX(clog) COMPLEX(clog10) COMPLEX(conj) COMPLEX(cproj) COMPLEX(csin) COMPLEX(csinh) COMPLEX(csqrt)
COMPLEX(ctan) COMPLEX(ctanh)
FORWARD(N_COMPLEX, cpow, (N_COMPLEX base, N_COMPLEX exponent), (base, exponent))
PART(cabs) PART(carg) PART(cimag) PART(creal)
