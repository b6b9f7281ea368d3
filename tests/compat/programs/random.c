/* Random bytes fill the whole buffer; bounds and errors are as documented, with and without the system call. */

#include <stdint.h>

#include "check.h"

extern ssize_t getrandom(void *, size_t, unsigned);
extern int getentropy(void *, size_t);
extern uint32_t arc4random(void);
extern void arc4random_buf(void *, size_t);
extern uint32_t arc4random_uniform(uint32_t);

static int looks_random(const unsigned char *bytes, size_t size)
{
    size_t counts[256] = {0}, most = 0;
    for (size_t i = 0; i < size; ++i)
        if (++counts[bytes[i]] > most)
            most = counts[bytes[i]];
    return most < 40 + size / 64;
}

static void all(void)
{
    unsigned char buffer[5000];
    memset(buffer, 0, sizeof buffer);
    errno = 77;
    arc4random_buf(buffer, sizeof buffer);
    EXPECT(errno, 77);
    EXPECT_TRUE(looks_random(buffer, sizeof buffer));
    arc4random_buf(buffer, 0);

    memset(buffer, 0, sizeof buffer);
    EXPECT(getentropy(buffer, 256), 0);
    EXPECT_TRUE(looks_random(buffer, 256));
    EXPECT(buffer[256], 0);
    EXPECT(getentropy(buffer, 0), 0);
    EXPECT_ERROR(getentropy(buffer, 257), EIO);

    memset(buffer, 0, sizeof buffer);
    EXPECT(getrandom(buffer, 200, 0), 200);
    EXPECT_TRUE(looks_random(buffer, 200));
    EXPECT(getrandom(buffer, 0, 0), 0);
    EXPECT(getrandom(buffer, 16, 1), 16);
    EXPECT_ERROR(getrandom(buffer, 16, 0x80), EINVAL);

    uint32_t a = arc4random(), b = arc4random(), c = arc4random();
    EXPECT_TRUE(a != b || b != c);

    unsigned counts[7] = {0};
    for (int i = 0; i < 7000; ++i) {
        uint32_t value = arc4random_uniform(7);
        EXPECT_TRUE(value < 7);
        ++counts[value % 7];
    }
    for (int i = 0; i < 7; ++i)
        EXPECT_TRUE(counts[i] > 800 && counts[i] < 1200);
    /* With 2^31 + 1 every other draw of a plain remainder would fall on the low half. */
    unsigned low = 0;
    for (int i = 0; i < 4000; ++i)
        low += arc4random_uniform(0x80000001u) < 0x40000000u;
    EXPECT_TRUE(low > 1800 && low < 2200);
    EXPECT(arc4random_uniform(0), 0);
    EXPECT(arc4random_uniform(1), 0);
}

/* The kernel answers that /dev/random cannot be read yet (0 from ppoll), or the wait is impossible. */
static void unseeded(int error)
{
    unsigned char buffer[16] = {0}, zeros[16] = {0};
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        without_system_call(SYS_getrandom);
        answered_system_call(SYS_ppoll, error);
        EXPECT_ERROR(getrandom(buffer, 16, 1), error ? error : EAGAIN);
        EXPECT(memcmp(buffer, zeros, 16), 0);
        EXPECT(getrandom(buffer, 16, 4), 16); /* GRND_INSECURE */
        if (error)
            EXPECT_ERROR(getentropy(zeros, 16), error);
        else if (!faults) {
            alarm(1);
            getentropy(zeros, 16); /* waits */
        }
        _exit(faults ? 1 : 7);
    }
    EXPECT(waitpid(child, &status, 0), child);
    if (error)
        EXPECT(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 7);
    else
        EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) : -1, SIGALRM);
}

int main(int count, char **arguments)
{
    if (fallbacks(count, arguments) && !is_libcs_own(25)) {
        unseeded(0);
        unseeded(EPERM);
    }
    all();
    if (fallbacks(count, arguments)) {
        unsigned char byte;
        without_system_call(SYS_getrandom);
        if (!is_libcs_own(25))
            all();
        else if (running_minor() < 41) { /* later ones ask the vDSO */
            EXPECT_ERROR(getrandom(&byte, 1, 0), ENOSYS); /* libc's function has no other source */
            EXPECT_ERROR(getentropy(&byte, 1), ENOSYS);
        }
    }
    return faults;
}
