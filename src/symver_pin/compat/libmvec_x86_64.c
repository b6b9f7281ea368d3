/* libmvec on x86-64 (2.22, more functions since 2.35): the functions that a vectorised loop calls. Each calls the
   scalar function for every lane.

   Names and types follow the x86-64 vector function ABI: _ZGV, the instruction set (b SSE, c AVX, d AVX2, e AVX-512), N
   (no mask), the number of lanes, v for each parameter, the scalar function. Vectors of pointers are vectors of
   integers. With AVX they are 128 bits wide, because AVX has no wider ones. The caller has checked that the processor
   has the instruction set, so a member may use the one in its name. Functions without pointers are the same for AVX2
   and AVX; the table gives them both names. */

#ifdef __x86_64__

#include "lanes.h"
#include "vector_functions.h"

typedef double double_2 __attribute__((vector_size(16)));
typedef double double_4 __attribute__((vector_size(32)));
typedef double double_8 __attribute__((vector_size(64)));
typedef float float_4 __attribute__((vector_size(16)));
typedef float float_8 __attribute__((vector_size(32)));
typedef float float_16 __attribute__((vector_size(64)));
typedef unsigned long long pointers_2 __attribute__((vector_size(16)));
typedef unsigned long long pointers_4 __attribute__((vector_size(32)));
typedef unsigned long long pointers_8 __attribute__((vector_size(64)));

#define SSE __attribute__((target("sse2")))
#define AVX __attribute__((target("avx")))
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f")))
#define MEMBERS(members, v, scalar)                                                                                    \
    members(SSE, _ZGVbN2##v##_##scalar, double_2, double, scalar)                                                      \
    members(AVX, _ZGVcN4##v##_##scalar, double_4, double, scalar)                                                      \
    members(AVX512, _ZGVeN8##v##_##scalar, double_8, double, scalar)                                                   \
    members(SSE, _ZGVbN4##v##_##scalar##f, float_4, float, scalar##f)                                                  \
    members(AVX, _ZGVcN8##v##_##scalar##f, float_8, float, scalar##f)                                                  \
    members(AVX512, _ZGVeN16##v##_##scalar##f, float_16, float, scalar##f)

#define UNARY(scalar) PLAIN_UNARY(scalar) MEMBERS(MEMBER_1, v, scalar)
#define BINARY(scalar) PLAIN_BINARY(scalar) MEMBERS(MEMBER_2, vv, scalar)

COMMON_UNARY(UNARY)
COMMON_BINARY(BINARY)

/* sincos stores through two vectors of pointers. Each vector is passed in as many parameters as it needs registers. */
#define LOOP_SINCOS(scalar, real)                                                                                      \
    PLAIN(void, scalar, (real, real *, real *));                                                                       \
    LOOP JOIN(each_, scalar)(const real *x, real *const *sines, real *const *cosines, int count)                       \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            JOIN(plain_, scalar)(x[i], sines[i], cosines[i]);                                                          \
    }
LOOP_SINCOS(sincos, double)
LOOP_SINCOS(sincosf, float)

#define SINCOS(vector, real, scalar)                                                                                   \
    JOIN(each_, scalar)((const real *)&x, (real *const *)sines, (real *const *)cosines, LANES(vector, real))

#define SINCOS_1(isa, name, vector, real, scalar, pointers)                                                            \
    DEFINE(isa void, name, (vector x, pointers s, pointers c))                                                         \
    {                                                                                                                  \
        pointers sines[] = {s}, cosines[] = {c};                                                                       \
        SINCOS(vector, real, scalar);                                                                                  \
    }
#define SINCOS_2(isa, name, vector, real, scalar, pointers)                                                            \
    DEFINE(isa void, name, (vector x, pointers s, pointers s2, pointers c, pointers c2))                               \
    {                                                                                                                  \
        pointers sines[] = {s, s2}, cosines[] = {c, c2};                                                               \
        SINCOS(vector, real, scalar);                                                                                  \
    }
#define SINCOS_4(isa, name, vector, real, scalar, pointers)                                                            \
    DEFINE(isa void, name, (vector x, pointers s, pointers s2, pointers s3, pointers s4, pointers c, pointers c2,      \
                            pointers c3, pointers c4))                                                                 \
    {                                                                                                                  \
        pointers sines[] = {s, s2, s3, s4}, cosines[] = {c, c2, c3, c4};                                               \
        SINCOS(vector, real, scalar);                                                                                  \
    }

SINCOS_1(SSE, _ZGVbN2vvv_sincos, double_2, double, sincos, pointers_2)
SINCOS_2(AVX, _ZGVcN4vvv_sincos, double_4, double, sincos, pointers_2)
SINCOS_1(AVX2, _ZGVdN4vvv_sincos, double_4, double, sincos, pointers_4)
SINCOS_1(AVX512, _ZGVeN8vvv_sincos, double_8, double, sincos, pointers_8)
SINCOS_2(SSE, _ZGVbN4vvv_sincosf, float_4, float, sincosf, pointers_2)
SINCOS_4(AVX, _ZGVcN8vvv_sincosf, float_8, float, sincosf, pointers_2)
SINCOS_2(AVX2, _ZGVdN8vvv_sincosf, float_8, float, sincosf, pointers_4)
SINCOS_2(AVX512, _ZGVeN16vvv_sincosf, float_16, float, sincosf, pointers_8)

#endif
