/* Random bytes: getrandom and getentropy (2.25), arc4random and its variants (2.36).

   All bytes come from the kernel's generator at each call, as in glibc. The process keeps no state, so fork needs no
   special care. A kernel before 3.17 has no getrandom system call; then /dev/urandom is read. */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "compat.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(int, open, (const char *, int, ...));
COMPAT_PLAIN(int, close, (int));
COMPAT_PLAIN(long, read, (int, void *, size_t));
COMPAT_PLAIN(void, abort, (void)) __attribute__((noreturn));

#define NONBLOCK 1u /* GRND_NONBLOCK */
#define RANDOM 2u   /* GRND_RANDOM */
#define INSECURE 4u /* GRND_INSECURE */

static long read_device(void *buffer, size_t size, unsigned flags)
{
    if (flags & ~(NONBLOCK | RANDOM | INSECURE)) {
        errno = EINVAL;
        return -1;
    }
    int mode = O_RDONLY | O_CLOEXEC | (flags & NONBLOCK ? O_NONBLOCK : 0);
    int device = plain_open(flags & RANDOM ? "/dev/random" : "/dev/urandom", mode);
    if (device < 0)
        return -1;
    long count = plain_read(device, buffer, size);
    int failure = errno;
    plain_close(device);
    errno = failure;
    return count;
}

static long random_bytes(void *buffer, size_t size, unsigned flags)
{
#ifdef SYS_getrandom
    long count = plain_syscall(SYS_getrandom, buffer, size, flags);
    if (count >= 0 || errno != ENOSYS)
        return count;
#endif
    return read_device(buffer, size, flags);
}

/* Returns 0 if all of `buffer` is filled, else -1 with errno. */
static int draw(void *buffer, size_t size)
{
    unsigned char *next = buffer;
    while (size > 0) {
        long count = random_bytes(next, size, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            if (count == 0)
                errno = EIO;
            return -1;
        }
        next += count;
        size -= (size_t)count;
    }
    return 0;
}

/* arc4random cannot report a failure. A caller that continues with predictable bytes is worse than one that is
   aborted. */
static void fill_or_die(void *buffer, size_t size)
{
    int before = errno;
    if (draw(buffer, size) != 0)
        plain_abort();
    errno = before;
}

COMPAT_DEFINE(long, getrandom, (void *buffer, size_t size, unsigned flags))
{
    return random_bytes(buffer, size, flags);
}

COMPAT_DEFINE(int, getentropy, (void *buffer, size_t size))
{
    if (size > 256) {
        errno = EIO;
        return -1;
    }
    return draw(buffer, size);
}

COMPAT_DEFINE(void, arc4random_buf, (void *buffer, size_t size))
{
    fill_or_die(buffer, size);
}

COMPAT_DEFINE(uint32_t, arc4random, (void))
{
    uint32_t value;
    fill_or_die(&value, sizeof value);
    return value;
}

COMPAT_DEFINE(uint32_t, arc4random_uniform, (uint32_t bound))
{
    if (bound < 2)
        return 0;
    /* 2^32 mod bound. Values below it would make the low remainders more likely, so another value is drawn instead. */
    uint32_t unfair = -bound % bound;
    uint32_t value;
    do
        fill_or_die(&value, sizeof value);
    while (value < unfair);
    return value % bound;
}
