/* aligned_alloc aligns, and refuses what is no power of two. */

#include <stdint.h>

#include "check.h"

int main(void)
{
    for (size_t alignment = 1; alignment <= 65536; alignment *= 2) {
        char *block = aligned_alloc(alignment, 100);
        EXPECT_TRUE(block);
        EXPECT((uintptr_t)block % alignment, 0);
        memset(block, 1, 100);
        free(block);
    }
    size_t volatile odd = 24, none = 0, huge = SIZE_MAX - 100;
    errno = 0;
    EXPECT_TRUE(aligned_alloc(odd, 48) == 0);
    EXPECT(errno, EINVAL);
    errno = 0;
    EXPECT_TRUE(aligned_alloc(none, 48) == 0);
    EXPECT(errno, EINVAL);
    errno = 0;
    EXPECT_TRUE(aligned_alloc(64, huge) == 0);
    EXPECT(errno, ENOMEM);
    return faults;
}
