/* Code that the members of libmvec share: loops over the lanes of a vector in memory. */

#ifndef SYMVER_PIN_LANES_H
#define SYMVER_PIN_LANES_H

#include "formats.h"

#define LANES(vector, real) (int)(sizeof(vector) / sizeof(real))

#define LOOP static __attribute__((noinline, unused)) void

/* These are not separate loops for each scalar function, because that increases the compile time by half. */
#define LOOPS(real)                                                                                                    \
    LOOP JOIN(each_, real)(real *x, int count, real (*scalar)(real))                                                   \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            x[i] = scalar(x[i]);                                                                                       \
    }                                                                                                                  \
    LOOP JOIN(each_pair_of_, real)(real *x, const real *y, int count, real (*scalar)(real, real))                      \
    {                                                                                                                  \
        for (int i = 0; i < count; i++)                                                                                \
            x[i] = scalar(x[i], y[i]);                                                                                 \
    }
LOOPS(double)
LOOPS(float)

/* `isa` is the attribute for a member's instruction set or calling convention. */
#define MEMBER_1(isa, name, vector, real, scalar)                                                                      \
    DEFINE(isa vector, name, (vector x))                                                                               \
    {                                                                                                                  \
        JOIN(each_, real)((real *)&x, LANES(vector, real), JOIN(plain_, scalar));                                      \
        return x;                                                                                                      \
    }

#define MEMBER_2(isa, name, vector, real, scalar)                                                                      \
    DEFINE(isa vector, name, (vector x, vector y))                                                                     \
    {                                                                                                                  \
        JOIN(each_pair_of_, real)((real *)&x, (const real *)&y, LANES(vector, real), JOIN(plain_, scalar));            \
        return x;                                                                                                      \
    }

#endif
