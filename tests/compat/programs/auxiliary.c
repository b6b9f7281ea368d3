/* The auxiliary vector, the environment of a process that is not privileged, and the data of restartable sequences. */

#include <elf.h>
#include <stddef.h>
#include <sys/auxv.h>

#include "check.h"

extern unsigned long __getauxval(unsigned long);
extern const ptrdiff_t __rseq_offset;
extern const unsigned __rseq_size, __rseq_flags;

int main(int count, char **arguments)
{
    (void)count, (void)arguments;
    errno = 77;
    EXPECT(getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
    EXPECT(getauxval(AT_UID), getuid());
    EXPECT(getauxval(AT_SECURE), 0);
    EXPECT(__getauxval(AT_CLKTCK), sysconf(_SC_CLK_TCK));
    EXPECT(strlen((const char *)getauxval(AT_EXECFN)) > 0, 1);
    EXPECT(errno, 77);
    EXPECT(getauxval(123456), 0);
    EXPECT(__getauxval(123456), 0);

    setenv("PRESENT", "value", 1);
    EXPECT_TRUE(secure_getenv("PRESENT") == getenv("PRESENT"));
    EXPECT_TRUE(secure_getenv("ABSENT") == 0);

    EXPECT_TRUE(__rseq_size == 0 || (__rseq_size >= 20 && __rseq_offset != 0));
    EXPECT(__rseq_flags, 0);
    return faults;
}
