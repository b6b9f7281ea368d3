/* A leaf is always answered, and one that nobody knows has no feature. */

#include "check.h"

struct features {
    unsigned present[4], active[4];
};

extern const struct features *__x86_get_cpuid_feature_leaf(unsigned);

int main(void)
{
    static const struct features none;
    const struct features *unknown = __x86_get_cpuid_feature_leaf(1000000);
    for (unsigned leaf = 0; leaf < 5; ++leaf)
        EXPECT_TRUE(__x86_get_cpuid_feature_leaf(leaf));
    EXPECT_TRUE(unknown);
    EXPECT(unknown ? memcmp(unknown, &none, sizeof none) : 1, 0);
    return faults;
}
