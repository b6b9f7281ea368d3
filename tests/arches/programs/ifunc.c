/* Functions that a resolver chooses at load time (IFUNC), in the program and in its library.
   companion: shared
   without: aarch64 the loader of glibc 2.17 does not apply R_AARCH64_IRELATIVE
   without: riscv64 the loader of glibc 2.27 does not apply R_RISCV_IRELATIVE
   without: mips64 its ABI has no IFUNC relocation, and gcc refuses the attribute */
#include "expect.h"

static int fast(int number) { return number * 3; }
static int (*resolve(void))(int) { return fast; }
int chosen(int) __attribute__((ifunc("resolve")));
int chosen_in_library(int);
int calls_inside(int);

int main(void)
{
    int (*volatile pointer)(int) = chosen_in_library;
    SAME(chosen(7), 21);
    SAME(chosen_in_library(7), 35);
    SAME(pointer(2), 10);
    SAME(calls_inside(1), 5);
    return faults;
}
