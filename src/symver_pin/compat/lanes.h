/* What the members of libmvec share: a loop over the lanes of a vector in memory, one for each scalar function. */

#ifndef SYMVER_PIN_LANES_H
#define SYMVER_PIN_LANES_H

#include "formats.h"

#define LANES(vector, real) (int)(sizeof(vector) / sizeof(real))

#define LOOP static __attribute__((noinline)) void

#define LOOP_1(scalar, real)                                                                                           \
    PLAIN(real, scalar, (real));                                                                                       \
    LOOP JOIN(each_, scalar)(real *x, int count)                                                                       \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            x[i] = JOIN(plain_, scalar)(x[i]);                                                                         \
    }

#define LOOP_2(scalar, real)                                                                                           \
    PLAIN(real, scalar, (real, real));                                                                                 \
    LOOP JOIN(each_, scalar)(real *x, const real *y, int count)                                                        \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            x[i] = JOIN(plain_, scalar)(x[i], y[i]);                                                                   \
    }

/* `isa` is the attribute of a member's instruction set or calling convention. */
#define MEMBER_1(isa, name, vector, real, scalar)                                                                      \
    DEFINE(isa vector, name, (vector x))                                                                               \
    {                                                                                                                  \
        JOIN(each_, scalar)((real *)&x, LANES(vector, real));                                                          \
        return x;                                                                                                      \
    }

#define MEMBER_2(isa, name, vector, real, scalar)                                                                      \
    DEFINE(isa vector, name, (vector x, vector y))                                                                     \
    {                                                                                                                  \
        JOIN(each_, scalar)((real *)&x, (const real *)&y, LANES(vector, real));                                        \
        return x;                                                                                                      \
    }

#endif
