/* The names of _FloatN functions with pointers, integers or complex numbers do what the function of the same format
   does. floatn.c has those with plain operands. */

#include "check.h"

/* Each function is declared under a name of its own, because headers declare these with types of their own. */
#define DECLARE(result, symbol, parameters) extern result call_##symbol parameters __asm__(#symbol)

#define FORMAT(type, n, old)                                                                                           \
    DECLARE(type, fma##n, (type, type, type));                                                                         \
    DECLARE(type, frexp##n, (type, int *));                                                                            \
    DECLARE(type, jn##n, (int, type));                                                                                 \
    DECLARE(type, yn##n, (int, type));                                                                                 \
    DECLARE(type, ldexp##n, (type, int));                                                                              \
    DECLARE(type, scalbn##n, (type, int));                                                                             \
    DECLARE(type, scalbln##n, (type, long));                                                                           \
    DECLARE(type, lgamma##n##_r, (type, int *));                                                                       \
    DECLARE(type, modf##n, (type, type *));                                                                            \
    DECLARE(type, remquo##n, (type, type, int *));                                                                     \
    DECLARE(type, nan##n, (const char *));                                                                             \
    DECLARE(void, sincos##n, (type, type *, type *));                                                                  \
    DECLARE(_Complex type, cpow##n, (_Complex type, _Complex type));                                                   \
    DECLARE(type, jn##old, (int, type));                                                                               \
    DECLARE(type, yn##old, (int, type));                                                                               \
    DECLARE(type, lgamma##old##_r, (type, int *));                                                                     \
    DECLARE(void, sincos##old, (type, type *, type *));                                                                \
    DECLARE(_Complex type, cpow##old, (_Complex type, _Complex type));                                                 \
    DECLARE(long, llogb##n, (type));                                                                                   \
    DECLARE(type, logp1##n, (type));                                                                                   \
    DECLARE(type, log1p##old, (type));                                                                                 \
    DECLARE(type, nextup##n, (type));                                                                                  \
    DECLARE(type, nextdown##n, (type));                                                                                \
    DECLARE(type, nextafter##old, (type, type));                                                                       \
    DECLARE(type, roundeven##n, (type));                                                                               \
                                                                                                                       \
    static void check##n(void)                                                                                         \
    {                                                                                                                  \
        int number = 0, again = 0;                                                                                     \
        volatile type x = (type)0.75, big = (type)10.5;                                                                \
        type one, other, first, second;                                                                                \
        EXPECT_TRUE(call_fma##n(x, 4, 1) == 4);                                                                        \
        EXPECT_TRUE(call_frexp##n(big, &number) == (type)0.65625);                                                     \
        EXPECT(number, 4);                                                                                             \
        EXPECT_TRUE(call_jn##n(2, x) == call_jn##old(2, x));                                                           \
        EXPECT_TRUE(call_yn##n(2, x) == call_yn##old(2, x));                                                           \
        EXPECT_TRUE(call_ldexp##n(x, 3) == 6);                                                                         \
        EXPECT_TRUE(call_scalbn##n(x, 3) == 6);                                                                        \
        EXPECT_TRUE(call_scalbln##n(x, 3) == 6);                                                                       \
        EXPECT_TRUE(call_lgamma##n##_r(-x, &number) == call_lgamma##old##_r(-x, &again));                              \
        EXPECT(number, again);                                                                                         \
        EXPECT(number, -1);                                                                                            \
        EXPECT_TRUE(call_modf##n(big, &one) == (type)0.5 && one == 10);                                                \
        EXPECT_TRUE(call_remquo##n(big, 4, &number) == (type)-1.5);                                                    \
        EXPECT(number & 7, 3);                                                                                         \
        EXPECT_TRUE(call_nan##n("") != call_nan##n(""));                                                               \
        call_sincos##n(x, &one, &other);                                                                               \
        call_sincos##old(x, &first, &second);                                                                          \
        EXPECT_TRUE(one == first && other == second);                                                                  \
        EXPECT_TRUE(call_cpow##n(x, 3) == call_cpow##old(x, 3));                                                       \
        EXPECT(call_llogb##n(big), 3);                                                                                 \
        EXPECT_TRUE(call_logp1##n(x) == call_log1p##old(x));                                                           \
        EXPECT_TRUE(call_nextup##n(x) == call_nextafter##old(x, 1));                                                   \
        EXPECT_TRUE(call_nextdown##n(x) == call_nextafter##old(x, 0));                                                 \
        EXPECT_TRUE(call_roundeven##n(big) == 10);                                                                     \
    }

FORMAT(float, f32, f)
FORMAT(double, f64, )
FORMAT(long double, f64x, l)

DECLARE(double, fmaf32x, (double, double, double));
DECLARE(double, frexpf32x, (double, int *));
DECLARE(double, jnf32x, (int, double));
DECLARE(double, ynf32x, (int, double));
DECLARE(double, ldexpf32x, (double, int));
DECLARE(double, scalbnf32x, (double, int));
DECLARE(double, scalblnf32x, (double, long));
DECLARE(double, lgammaf32x_r, (double, int *));
DECLARE(double, modff32x, (double, double *));
DECLARE(double, remquof32x, (double, double, int *));
DECLARE(double, nanf32x, (const char *));
DECLARE(void, sincosf32x, (double, double *, double *));
DECLARE(_Complex double, cpowf32x, (_Complex double, _Complex double));
DECLARE(long, llogbf32x, (double));
DECLARE(double, logp1f32x, (double));
DECLARE(double, nextupf32x, (double));
DECLARE(double, nextdownf32x, (double));
DECLARE(double, roundevenf32x, (double));
DECLARE(float, nextupf, (float));
DECLARE(long double, nextdownl, (long double));

/* The same function as the one for _Float64. */
static void checkf32x(void)
{
    int number = 0;
    volatile double x = 0.75;
    double one, other, first, second;
    EXPECT_TRUE(call_fmaf32x(x, 4, 1) == 4);
    EXPECT_TRUE(call_frexpf32x(x, &number) == x && number == 0);
    EXPECT_TRUE(call_jnf32x(2, x) == call_jnf64(2, x) && call_ynf32x(2, x) == call_ynf64(2, x));
    EXPECT_TRUE(call_ldexpf32x(x, 3) == 6 && call_scalbnf32x(x, 3) == 6 && call_scalblnf32x(x, 3) == 6);
    EXPECT_TRUE(call_lgammaf32x_r(-x, &number) == call_lgammaf64_r(-x, &number));
    EXPECT_TRUE(call_modff32x(1.5, &one) == 0.5 && one == 1);
    EXPECT_TRUE(call_remquof32x(10.5, 4, &number) == -1.5);
    EXPECT_TRUE(call_nanf32x("") != call_nanf32x(""));
    call_sincosf32x(x, &one, &other);
    call_sincosf64(x, &first, &second);
    EXPECT_TRUE(one == first && other == second);
    EXPECT_TRUE(call_cpowf32x(x, 3) == call_cpowf64(x, 3));
    EXPECT(call_llogbf32x(10.5), 3);
    EXPECT_TRUE(call_logp1f32x(x) == call_logp1f64(x));
    EXPECT_TRUE(call_nextupf32x(x) == call_nextupf64(x) && call_nextdownf32x(x) == call_nextdownf64(x));
    EXPECT_TRUE(call_roundevenf32x(10.5) == 10);
    EXPECT_TRUE(call_nextupf(1) == call_nextupf32(1) && call_nextdownl(1) == call_nextdownf64x(1));
}

/* On x86, _Float128 has functions of its own. */
#define CHOICE(symbol, expected)                                                                                       \
    do {                                                                                                               \
        DECLARE(__float128, symbol, (__float128, __float128));                                                         \
        EXPECT((int)call_##symbol(-3, 2), expected);                                                                   \
        EXPECT((int)call_##symbol(2, -3), expected);                                                                   \
    } while (0)

static void quads(void)
{
    typedef _Complex float __attribute__((mode(TC))) pair;
    DECLARE(void, sincosf128, (__float128, __float128 *, __float128 *));
    DECLARE(__float128, sinf128, (__float128));
    DECLARE(__float128, cosf128, (__float128));
    DECLARE(__float128, atan2f128, (__float128, __float128));
    DECLARE(__float128, cabsf128, (pair));
    DECLARE(__float128, cargf128, (pair));
    __float128 sine, cosine, x = 0.75;
    pair z;
    call_sincosf128(x, &sine, &cosine);
    EXPECT_TRUE(sine == call_sinf128(x) && cosine == call_cosf128(x));
    __real__ z = 3;
    __imag__ z = 4;
    EXPECT((int)call_cabsf128(z), 5);
    EXPECT_TRUE(call_cargf128(z) == call_atan2f128(4, 3));
}

int main(void)
{
    quads();
    checkf32();
    checkf64();
    checkf64x();
    checkf32x();
    CHOICE(fmaximumf128, 2);
    CHOICE(fminimumf128, -3);
    CHOICE(fmaximum_numf128, 2);
    CHOICE(fminimum_numf128, -3);
    CHOICE(fmaximum_magf128, -3);
    CHOICE(fminimum_magf128, 2);
    CHOICE(fmaximum_mag_numf128, -3);
    CHOICE(fminimum_mag_numf128, 2);
    CHOICE(fmaxmagf128, -3);
    CHOICE(fminmagf128, 2);
    return faults;
}
