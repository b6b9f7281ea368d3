/* Random bytes: getrandom and getentropy (2.25), arc4random and its variants (2.36).

   If the running libc has the function, it is called. Otherwise all bytes come from the kernel's generator at each call, as in glibc. The process keeps no state, so fork needs no
   special care. A kernel before 3.17 has no getrandom system call; then /dev/urandom is read, but not before the kernel's
   generator is seeded.

   All operations are direct system calls: open, read and close of libc are cancellation points, and of these functions
   only getrandom may be one. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "compat.h"
#include "running.h"

COMPAT_PLAIN(long, syscall, (long, ...));
COMPAT_PLAIN(void, abort, (void)) __attribute__((noreturn));

#define NONBLOCK 1u /* GRND_NONBLOCK */
#define RANDOM 2u   /* GRND_RANDOM */
#define INSECURE 4u /* GRND_INSECURE */

static int open_device(const char *path, unsigned flags)
{
    int mode = O_RDONLY | O_CLOEXEC | (flags & NONBLOCK ? O_NONBLOCK : 0);
    return (int)plain_syscall(SYS_openat, AT_FDCWD, path, mode);
}

static void close_device(int device)
{
    int failure = errno;
    plain_syscall(SYS_close, device);
    errno = failure;
}

/* The kernel's generator gives bytes through /dev/urandom before it has collected enough entropy. /dev/random becomes
   readable when it has. Returns 0 if it is seeded; else -1 with the error of getrandom: EAGAIN, EINTR, or why it is
   impossible to wait. */
static int wait_until_seeded(unsigned flags)
{
    static int seeded;
    const struct timespec no_time = {0, 0};
    long ready = 0;
    if (__atomic_load_n(&seeded, __ATOMIC_RELAXED) || (flags & INSECURE))
        return 0;
    int device = open_device("/dev/random", flags);
    if (device < 0)
        return -1;
    struct pollfd wanted = {.fd = device, .events = POLLIN};
    do
        ready = plain_syscall(SYS_ppoll, &wanted, 1L, flags & NONBLOCK ? &no_time : 0, (void *)0, (size_t)0);
    while (ready == 0 && !(flags & NONBLOCK));
    if (ready == 0)
        errno = EAGAIN;
    else if (ready > 0 && !(wanted.revents & POLLIN)) {
        errno = ENOSYS; /* not that device */
        ready = -1;
    }
    close_device(device);
    if (ready <= 0)
        return -1;
    __atomic_store_n(&seeded, 1, __ATOMIC_RELAXED);
    return 0;
}

static long read_device(void *buffer, size_t size, unsigned flags)
{
    if (flags & ~(NONBLOCK | RANDOM | INSECURE)) {
        errno = EINVAL;
        return -1;
    }
    if (!(flags & RANDOM) && wait_until_seeded(flags) != 0)
        return -1;
    int device = open_device(flags & RANDOM ? "/dev/random" : "/dev/urandom", flags);
    if (device < 0)
        return -1;
    long count = plain_syscall(SYS_read, device, buffer, size);
    close_device(device);
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
    COMPAT_PREFER_RUNNING(long, getrandom, (void *, size_t, unsigned), (buffer, size, flags));
    return random_bytes(buffer, size, flags);
}

COMPAT_DEFINE(int, getentropy, (void *buffer, size_t size))
{
    COMPAT_PREFER_RUNNING(int, getentropy, (void *, size_t), (buffer, size));
    if (size > 256) {
        errno = EIO;
        return -1;
    }
    return draw(buffer, size);
}

COMPAT_DEFINE(void, arc4random_buf, (void *buffer, size_t size))
{
    COMPAT_PREFER_RUNNING(void, arc4random_buf, (void *, size_t), (buffer, size));
    fill_or_die(buffer, size);
}

COMPAT_DEFINE(uint32_t, arc4random, (void))
{
    COMPAT_PREFER_RUNNING(uint32_t, arc4random, (void), ());
    uint32_t value;
    fill_or_die(&value, sizeof value);
    return value;
}

COMPAT_DEFINE(uint32_t, arc4random_uniform, (uint32_t bound))
{
    COMPAT_PREFER_RUNNING(uint32_t, arc4random_uniform, (uint32_t), (bound));
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
