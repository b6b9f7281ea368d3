/* The function behind <sys/platform/x86.h>, exported by the loader (2.33): the features in one CPUID leaf.

   If the running loader has the function, it is called. For a leaf that it does not know, the loader returns a leaf
   without features, and programs use their general code. Without a loader's function the member returns that for every
   leaf. */

#include "compat.h"
#include "running.h"

#if defined __x86_64__ || defined __i386__

struct features {
    unsigned present[4], active[4];
};

COMPAT_DEFINE(const struct features *, __x86_get_cpuid_feature_leaf, (unsigned leaf))
{
    static const struct features none;
    COMPAT_PREFER_RUNNING(const struct features *, __x86_get_cpuid_feature_leaf, (unsigned), (leaf));
    return &none;
}

#endif
