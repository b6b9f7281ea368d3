/* Weak references: to functions that exist nowhere, that the libc has, and that the library's newer self has.
   companion: shared */
#include "expect.h"

__attribute__((weak)) int exists_nowhere(int);
__attribute__((weak)) extern int variable_nowhere;
__attribute__((weak)) size_t strlen(const char *);
__attribute__((weak)) int of_library(int);
__attribute__((weak)) int own_definition(void) { return 5; }
int asks_program(void);

int main(void)
{
    CHECK(exists_nowhere == NULL);
    CHECK(&variable_nowhere == NULL);
    CHECK(strlen != NULL);
    CHECK(of_library != NULL);
    SAME(of_library(4), 8);
    SAME(own_definition(), 5);
    SAME(asks_program(), -1);
    return faults;
}
