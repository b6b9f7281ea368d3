/* The clock of a condition variable. */

#ifndef SYMVER_PIN_CONDITIONCLOCK_H
#define SYMVER_PIN_CONDITIONCLOCK_H

#include <pthread.h>
#include <string.h>
#include <time.h>

/* The clock with which a condition variable was created. No function returns it. So two new condition variables are
   created which differ only in their clock; the bits in which they differ are the mark of the running libc. */
static clockid_t clock_of(const pthread_cond_t *condition)
{
    pthread_cond_t wall, monotonic;
    pthread_condattr_t attribute;
    const volatile unsigned char *mine = (const volatile unsigned char *)condition;
    const unsigned char *w = (const unsigned char *)&wall, *m = (const unsigned char *)&monotonic;
    clockid_t clock = CLOCK_REALTIME;

    memset(&wall, 0, sizeof wall);
    memset(&monotonic, 0, sizeof monotonic);
    pthread_cond_init(&wall, 0);
    pthread_condattr_init(&attribute);
    pthread_condattr_setclock(&attribute, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attribute);
    for (size_t i = 0; i < sizeof wall; ++i) {
        unsigned char mark = w[i] ^ m[i];
        if (mark && (mine[i] & mark) == (m[i] & mark))
            clock = CLOCK_MONOTONIC;
    }
    pthread_condattr_destroy(&attribute);
    pthread_cond_destroy(&monotonic);
    pthread_cond_destroy(&wall);
    return clock;
}

#endif
