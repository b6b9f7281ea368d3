/* What <sys/platform/x86.h> asks of the loader (2.33): the features of one CPUID leaf.

   A loader that does not know a leaf answers with one that has no feature, and programs take their general code then;
   so here every leaf is answered. */

#include "compat.h"

#if defined __x86_64__ || defined __i386__

struct features {
    unsigned present[4], active[4];
};

COMPAT_DEFINE(const struct features *, __x86_get_cpuid_feature_leaf, (unsigned leaf))
{
    static const struct features none;
    (void)leaf;
    return &none;
}

#endif
