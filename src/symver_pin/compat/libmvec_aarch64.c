/* libmvec on aarch64 (2.38 and later) for AdvSIMD: the functions that a vectorised loop calls. Each calls the scalar
   function for every lane.

   The names follow the vector function ABI for aarch64: _ZGV, n (AdvSIMD), N (no mask), the number of lanes, v for each
   parameter, the scalar function. The calling convention of that ABI preserves more registers than the ordinary one. */

#ifdef __aarch64__

#include "lanes.h"
#include "vector_functions.h"

typedef double double_2 __attribute__((vector_size(16)));
typedef float float_2 __attribute__((vector_size(8)));
typedef float float_4 __attribute__((vector_size(16)));

#define NEON __attribute__((aarch64_vector_pcs))

#define MEMBERS(members, v, scalar)                                                                                    \
    members(NEON, _ZGVnN2##v##_##scalar, double_2, double, scalar)                                                     \
    members(NEON, _ZGVnN2##v##_##scalar##f, float_2, float, scalar##f)                                                 \
    members(NEON, _ZGVnN4##v##_##scalar##f, float_4, float, scalar##f)

#define UNARY(scalar) PLAIN_UNARY(scalar) MEMBERS(MEMBER_1, v, scalar)
#define BINARY(scalar) PLAIN_BINARY(scalar) MEMBERS(MEMBER_2, vv, scalar)

COMMON_UNARY(UNARY) NEWER_UNARY(UNARY)
COMMON_BINARY(BINARY) NEWER_BINARY(BINARY)

#endif
