/* Modes apart from flags: what is saved and restored, and what stays as it is. */
#include <fenv.h>
#include <string.h>

#include "check.h"

int fegetmode(femode_t *), fesetmode(const femode_t *), fetestexceptflag(const fexcept_t *, int), fesetexcept(int);

static double third(void)
{
    volatile double one = 1, three = 3;
    return one / three;
}

int main(void)
{
    femode_t standard, upward;
    double nearest = third();
    EXPECT(fegetmode(&standard), 0);
    EXPECT(fesetround(FE_UPWARD), 0);
    EXPECT(fegetmode(&upward), 0);
    EXPECT_TRUE(memcmp(&standard, &upward, sizeof standard) != 0);
    EXPECT_TRUE(third() > nearest);

    /* Flags survive a change of modes. */
    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept(FE_DIVBYZERO);
    EXPECT(fesetmode(&standard), 0);
    EXPECT(fegetround(), FE_TONEAREST);
    EXPECT_TRUE(third() == nearest);
    feclearexcept(FE_INEXACT);
    EXPECT(fetestexcept(FE_ALL_EXCEPT), FE_DIVBYZERO);
    EXPECT(fesetmode(&upward), 0);
    EXPECT(fegetround(), FE_UPWARD);
    EXPECT_TRUE(third() > nearest);
    EXPECT(fesetmode(FE_DFL_MODE), 0);
    EXPECT(fegetround(), FE_TONEAREST);
    EXPECT_TRUE(third() == nearest);

    /* Setting flags raises no trap and leaves the other flags. */
    feclearexcept(FE_ALL_EXCEPT);
    EXPECT(fesetexcept(FE_OVERFLOW | FE_INVALID), 0);
    EXPECT(fetestexcept(FE_ALL_EXCEPT), FE_OVERFLOW | FE_INVALID);
    EXPECT(fesetexcept(FE_INEXACT), 0);
    EXPECT(fetestexcept(FE_ALL_EXCEPT), FE_OVERFLOW | FE_INVALID | FE_INEXACT);

    fexcept_t saved;
    EXPECT(fegetexceptflag(&saved, FE_ALL_EXCEPT), 0);
    EXPECT(fetestexceptflag(&saved, FE_OVERFLOW | FE_DIVBYZERO), FE_OVERFLOW);
    EXPECT(fetestexceptflag(&saved, FE_UNDERFLOW), 0);
    EXPECT(fetestexceptflag(&saved, FE_ALL_EXCEPT), FE_OVERFLOW | FE_INVALID | FE_INEXACT);
    return faults;
}
