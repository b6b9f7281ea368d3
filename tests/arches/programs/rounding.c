/* fenv: rounding directions, exceptions, the environment, lrint and printf under them.
   flags: -frounding-math
   libs: -lm */
#include <fenv.h>
#include "expect.h"

int main(void)
{
    volatile double one = 1, three = 3, zero = 0, half = 2.5;
    fenv_t saved;
    CHECK(fegetround() == FE_TONEAREST);
    volatile double near = one / three;
    SAME(fesetround(FE_UPWARD), 0);
    volatile double up = one / three;
    SAME(lrint(half), 3);
    SAME(fesetround(FE_DOWNWARD), 0);
    volatile double down = one / three;
    SAME(lrint(half), 2);
    CHECK(nearbyint(-half) == -3);
    SAME(fesetround(FE_TOWARDZERO), 0);
    SAME(llrint(-half), -2);
    SAME(fesetround(FE_TONEAREST), 0);
    CHECK(down < up && (near == up || near == down));
    SAME(feclearexcept(FE_ALL_EXCEPT), 0);
    volatile double infinite = one / zero;
    CHECK(fetestexcept(FE_DIVBYZERO));
    CHECK(isinf(infinite));
    SAME(feholdexcept(&saved), 0);
    CHECK(!fetestexcept(FE_ALL_EXCEPT));
    volatile double invalid = zero / zero;
    CHECK(fetestexcept(FE_INVALID) && isnan(invalid));
    SAME(fesetenv(&saved), 0);
    CHECK(fetestexcept(FE_DIVBYZERO) && !fetestexcept(FE_INVALID));
    SAME(feraiseexcept(FE_OVERFLOW), 0);
    CHECK(fetestexcept(FE_OVERFLOW));
    fesetenv(FE_DFL_ENV);
    SAME(fegetround(), FE_TONEAREST);
    return faults;
}
