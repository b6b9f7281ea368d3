/* libmvec on aarch64 (2.38 and later) for SVE: the functions that a vectorised loop calls. Each calls the scalar
   function for every active lane.

   The names follow the vector function ABI for aarch64: _ZGV, s (SVE), M (a mask follows the vectors), x (as many lanes
   as the processor has), v for each parameter, the scalar function. */

#ifdef __ARM_FEATURE_SVE

#include <arm_sve.h>
#include <stdint.h>

#include "formats.h"
#include "vector_functions.h"

#define LARGEST 256 /* the largest size of a vector in bytes that the architecture allows */

/* Lanes that the mask excludes keep their values. Nobody uses these values, and computing them could raise
   exceptions. */
#define LOOPS(real, word)                                                                                              \
    static __attribute__((noinline)) void JOIN(each_, real)(real * x, const word *mask, int count,                     \
                                                            real (*scalar)(real))                                      \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            if (mask[i])                                                                                               \
                x[i] = scalar(x[i]);                                                                                   \
    }                                                                                                                  \
    static __attribute__((noinline)) void JOIN(each_pair_of_, real)(real * x, const real *y, const word *mask,         \
                                                                    int count, real (*scalar)(real, real))             \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            if (mask[i])                                                                                               \
                x[i] = scalar(x[i], y[i]);                                                                             \
    }
LOOPS(double, uint64_t)
LOOPS(float, uint32_t)

#define MEMBER_1(name, vector, real, word, bits, scalar)                                                               \
    DEFINE(vector, name, (vector x, svbool_t mask))                                                                    \
    {                                                                                                                  \
        real values[LARGEST / sizeof(real)];                                                                           \
        word active[LARGEST / sizeof(word)];                                                                           \
        svbool_t all = svptrue_b##bits();                                                                              \
        svst1(all, values, x);                                                                                         \
        svst1(all, active, svdup_n_u##bits##_z(mask, 1));                                                              \
        JOIN(each_, real)(values, active, (int)svcntb() / (int)sizeof(real), JOIN(plain_, scalar));                    \
        return svld1(all, values);                                                                                     \
    }

#define MEMBER_2(name, vector, real, word, bits, scalar)                                                               \
    DEFINE(vector, name, (vector x, vector y, svbool_t mask))                                                          \
    {                                                                                                                  \
        real values[LARGEST / sizeof(real)], others[LARGEST / sizeof(real)];                                           \
        word active[LARGEST / sizeof(word)];                                                                           \
        svbool_t all = svptrue_b##bits();                                                                              \
        svst1(all, values, x);                                                                                         \
        svst1(all, others, y);                                                                                         \
        svst1(all, active, svdup_n_u##bits##_z(mask, 1));                                                              \
        JOIN(each_pair_of_, real)(values, others, active, (int)svcntb() / (int)sizeof(real), JOIN(plain_, scalar));    \
        return svld1(all, values);                                                                                     \
    }

#define UNARY(scalar)                                                                                                  \
    PLAIN_UNARY(scalar)                                                                                                \
    MEMBER_1(_ZGVsMxv_##scalar, svfloat64_t, double, uint64_t, 64, scalar)                                             \
    MEMBER_1(_ZGVsMxv_##scalar##f, svfloat32_t, float, uint32_t, 32, scalar##f)
#define BINARY(scalar)                                                                                                 \
    PLAIN_BINARY(scalar)                                                                                               \
    MEMBER_2(_ZGVsMxvv_##scalar, svfloat64_t, double, uint64_t, 64, scalar)                                            \
    MEMBER_2(_ZGVsMxvv_##scalar##f, svfloat32_t, float, uint32_t, 32, scalar##f)

COMMON_UNARY(UNARY) NEWER_UNARY(UNARY)
COMMON_BINARY(BINARY) NEWER_BINARY(BINARY)

#endif
