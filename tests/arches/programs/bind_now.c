/* A program and library that are bound at once, with relocations made read-only afterwards.
   flags: -Wl,-z,now -Wl,-z,relro -fPIE -pie
   companion: shared -Wl,-z,now -lm
   libs: -lm */
#include <link.h>
#include <elf.h>
#include "expect.h"

int twice(int);
double root(double);

int main(void)
{
    int now = 0;
    for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
        now |= entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW);
        now |= entry->d_tag == DT_BIND_NOW || (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW));
    }
    SAME(now, 1);
    SAME(twice(21), 42);
    CHECK(root(49) == 7);
    volatile double x = 3;
    CHECK(fabs(exp(log(x)) - 3) < 1e-15 * 8);
    return faults;
}
