/* Symbol versions of the program's own library: the default version, and an older one by dlvsym.
   libs: -ldl
   companion: shared -Wl,--version-script=versions.map */
#define _GNU_SOURCE
#include <dlfcn.h>
#include "expect.h"

int answer(void);
int only(void);

int main(void)
{
    SAME(answer(), 2);
    SAME(only(), 7);
    int (*old)(void) = (int (*)(void))dlvsym(RTLD_DEFAULT, "answer", "MINE_1");
    int (*new)(void) = (int (*)(void))dlvsym(RTLD_DEFAULT, "answer", "MINE_2");
    CHECK(old != NULL && new != NULL);
    if (old != NULL && new != NULL)
        SAME(old() * 10 + new(), 12);
    CHECK(dlvsym(RTLD_DEFAULT, "answer", "MINE_3") == NULL);
    return faults;
}
