/* Memory protection keys: refusals on any processor, rights on one that has them. */

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "check.h"

static sigjmp_buf back;

static void refused(int signal)
{
    siglongjmp(back, signal);
}

static void rights(char *page)
{
    volatile char seen;
    int key = pkey_alloc(0, PKEY_DISABLE_WRITE);
    if (key < 0)
        return; /* the processor has none */
    EXPECT(pkey_get(key), PKEY_DISABLE_WRITE);
    EXPECT(pkey_mprotect(page, 4096, PROT_READ | PROT_WRITE, key), 0);
    seen = page[0];
    signal(SIGSEGV, refused);
    if (sigsetjmp(back, 1) == 0) {
        page[0] = 1;
        EXPECT_TRUE(!"a write that the key forbids");
    }
    EXPECT(pkey_set(key, PKEY_DISABLE_ACCESS), 0);
    EXPECT(pkey_get(key), PKEY_DISABLE_ACCESS);
    if (sigsetjmp(back, 1) == 0) {
        seen = page[0];
        EXPECT_TRUE(!"a read that the key forbids");
    }
    EXPECT(pkey_set(key, 0), 0);
    EXPECT(pkey_get(key), 0);
    page[0] = 2;
    (void)seen;
    EXPECT(pkey_mprotect(page, 4096, PROT_READ | PROT_WRITE, 0), 0);
    EXPECT(pkey_free(key), 0);
    EXPECT_ERROR(pkey_set(key, 4), EINVAL);
}

int main(int count, char **arguments)
{
    char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(pkey_mprotect(page, 4096, PROT_READ, -1), 0);
    EXPECT(pkey_mprotect(page, 4096, PROT_READ | PROT_WRITE, -1), 0);
    page[0] = 1;
    EXPECT_ERROR(pkey_mprotect(page + 1, 4096, PROT_READ, -1), EINVAL);
    EXPECT_ERROR(pkey_alloc(1, 0), EINVAL);
    EXPECT_ERROR(pkey_alloc(0, 0x100), EINVAL);
    EXPECT_ERROR(pkey_free(1000), EINVAL);
    EXPECT_ERROR(pkey_mprotect(page, 4096, PROT_READ, 1000), EINVAL);
    EXPECT_ERROR(pkey_get(-1), EINVAL);
    EXPECT_ERROR(pkey_get(16), EINVAL);
    EXPECT_ERROR(pkey_set(-1, 0), EINVAL);
    EXPECT_ERROR(pkey_set(16, 0), EINVAL);
    rights(page);
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_pkey_alloc);
        without_system_call(SYS_pkey_free);
        without_system_call(SYS_pkey_mprotect);
        EXPECT_ERROR(pkey_alloc(0, 0), ENOSYS);
        EXPECT_ERROR(pkey_free(1), ENOSYS);
        EXPECT_ERROR(pkey_mprotect(page, 4096, PROT_READ, 1), ENOSYS);
        EXPECT(pkey_mprotect(page, 4096, PROT_READ, -1), 0);
    }
    return faults;
}
