/* free_sized, memset_explicit, memalignment, uabs and their relatives. */

#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "check.h"

extern void free_sized(void *, size_t);
extern void free_aligned_sized(void *, size_t, size_t);
extern void *memset_explicit(void *, int, size_t);
extern void *__memset_explicit_chk(void *, int, size_t, size_t);
extern size_t memalignment(const void *);
extern unsigned uabs(int);
extern unsigned long ulabs(long);
extern unsigned long long ullabs(long long);
extern uintmax_t umaxabs(intmax_t);
extern int __memcmpeq(const void *, const void *, size_t);

int main(void)
{
    char text[] = "########";
    char *memory;
    pid_t child;
    int status = 0;

    errno = 77;
    free_sized(malloc(100), 100);
    free_sized(malloc(10000000), 10000000);
    free_sized(0, 0);
    memory = 0;
    EXPECT(posix_memalign((void **)&memory, 256, 512), 0);
    EXPECT(memalignment(memory) >= 256, 1);
    free_aligned_sized(memory, 256, 512);
    free_aligned_sized(0, 0, 0);
    EXPECT(errno, 77);

    EXPECT_TRUE(memset_explicit(text + 1, 'x', 3) == text + 1);
    EXPECT(strcmp(text, "#xxx####"), 0);
    EXPECT_TRUE(__memset_explicit_chk(text, 'y', 8, 8) == text);
    EXPECT(strcmp(text, "yyyyyyyy"), 0);
    if ((child = fork()) == 0) {
        close(1);
        close(2);
        __memset_explicit_chk(text, 'z', 8, 7);
        _exit(0);
    }
    waitpid(child, &status, 0);
    EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGABRT);

    EXPECT(memalignment(0), 0);
    EXPECT(memalignment((void *)1), 1);
    EXPECT(memalignment((void *)24), 8);
    EXPECT(memalignment((void *)4096), 4096);
    EXPECT(uabs(-5), 5);
    EXPECT(uabs(7), 7);
    EXPECT(uabs(INT_MIN), (unsigned)INT_MAX + 1);
    EXPECT(ulabs(LONG_MIN), (unsigned long)LONG_MAX + 1);
    EXPECT(ulabs(-1), 1);
    EXPECT(ullabs(LLONG_MIN), (unsigned long long)LLONG_MAX + 1);
    EXPECT(ullabs(LLONG_MAX), LLONG_MAX);
    EXPECT(umaxabs(INTMAX_MIN), (uintmax_t)INTMAX_MAX + 1);
    EXPECT(umaxabs(-9), 9);
    EXPECT(__memcmpeq("abc", "abd", 2), 0);
    EXPECT_TRUE(__memcmpeq("abc", "abd", 3));
    return faults;
}
