/* Names of error numbers and signals; their descriptions are what strerror and strsignal say untranslated. */

#include <signal.h>

#include "check.h"

static int same(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

#define NAME(code) EXPECT_TRUE(same(strerrorname_np(code), #code))
#define ABBREVIATION(name) EXPECT_TRUE(same(sigabbrev_np(SIG##name), #name))

int main(void)
{
    int known = 0;
    for (int i = 0; i < 5000; ++i) {
        char text[64];
        snprintf(text, sizeof text, "Unknown error %d", i);
        const char *expected = strerror(i), *actual = strerrordesc_np(i);
        if (same(expected, text))
            expected = 0;
        if (i == ESTALE) /* "Stale NFS file handle" before 2.18 */
            expected = "Stale file handle";
        if (!same(actual, expected) && (i <= EHWPOISON || actual)) /* the running libc may know newer numbers */
            EXPECT(i, -1);
        EXPECT(!strerrorname_np(i), !actual);
        known += actual != 0;
    }
    EXPECT_TRUE(known > 130);
    EXPECT_TRUE(!strerrorname_np(-1) && !strerrordesc_np(-1));
    EXPECT_TRUE(!strerrorname_np(1 << 30) && !strerrordesc_np(1 << 30));
    EXPECT_TRUE(same(strerrorname_np(0), "0"));
    NAME(EPERM);
    NAME(EAGAIN);
    NAME(EDEADLK);
    NAME(EILSEQ);
    NAME(EDQUOT);
    NAME(EHWPOISON);
    EXPECT_TRUE(same(strerrorname_np(EOPNOTSUPP), "EOPNOTSUPP"));

    for (int i = 1; i < SIGSYS + 1; ++i) {
        if (!same(sigdescr_np(i), strsignal(i)))
            EXPECT(i, -1);
        EXPECT_TRUE(sigabbrev_np(i));
    }
    for (int i = SIGSYS + 1; i < 130; ++i)
        EXPECT_TRUE(!sigdescr_np(i) && !sigabbrev_np(i));
    EXPECT_TRUE(!sigdescr_np(0) && !sigabbrev_np(0) && !sigdescr_np(-1) && !sigabbrev_np(-1));
    ABBREVIATION(HUP);
    ABBREVIATION(ABRT);
    ABBREVIATION(CHLD);
    ABBREVIATION(POLL);
    ABBREVIATION(SYS);
    return faults;
}
