/* Attack programs repeat one thing until a time has passed: `program SECONDS`. They print the number of loops, then a
   line for each of the first faults. The exit status is 1 if there was a fault. */

#ifndef ATTACK_H
#define ATTACK_H

#include <fcntl.h>
#include <time.h>

#include "../programs/check.h"

#define MOST_FAULTS 10

static struct timespec last_moment;
static long loops;

static void begin(int count, char **arguments)
{
    clock_gettime(CLOCK_MONOTONIC, &last_moment);
    double seconds = count > 1 ? atof(arguments[1]) : 1;
    last_moment.tv_sec += (long)seconds;
    last_moment.tv_nsec += (long)((seconds - (double)(long)seconds) * 1e9);
    alarm((unsigned)seconds + 60); /* an attack that hangs is a failure */
}

static int has_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return !faults && (now.tv_sec < last_moment.tv_sec
                       || (now.tv_sec == last_moment.tv_sec && now.tv_nsec < last_moment.tv_nsec));
}

static int end(void)
{
    printf("%ld loops\n", loops);
    return faults;
}

/* Random numbers for the attack itself: the same in each run. */
static __attribute__((unused)) unsigned draw(unsigned bound)
{
    static __thread unsigned long state = 88172645463325252ul;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 11) % bound;
}

static __attribute__((unused)) int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1000; ++fd)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

#endif
