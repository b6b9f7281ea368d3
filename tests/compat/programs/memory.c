/* reallocarray sees overflow, mallinfo2 counts what malloc gave. */

#include <malloc.h>
#include <stdint.h>

#include "check.h"

extern void *reallocarray(void *, size_t, size_t);

int main(void)
{
    char *block = reallocarray(0, 10, 20);
    EXPECT_TRUE(block);
    strcpy(block, "kept");
    errno = 0;
    EXPECT_TRUE(reallocarray(block, SIZE_MAX / 2, 3) == 0);
    EXPECT(errno, ENOMEM);
    EXPECT_TRUE(reallocarray(block, ((size_t)1 << (sizeof(size_t) * 4)), ((size_t)1 << (sizeof(size_t) * 4))) == 0);
    block = reallocarray(block, 1000, 100);
    EXPECT(strcmp(block, "kept"), 0);

    struct mallinfo2 before = mallinfo2();
    void *more = malloc(50000);
    struct mallinfo2 after = mallinfo2();
    EXPECT_TRUE(after.uordblks >= before.uordblks + 50000 && after.uordblks < before.uordblks + 60000);
    EXPECT_TRUE(after.arena >= after.uordblks && after.arena == after.uordblks + after.fordblks);
    free(more);
    free(block);
    return faults;
}
