/* Parents and forked children draw random numbers at the same time, with and without getrandom: no two drew the same. */

#include <pthread.h>
#include <stdint.h>

#include "attack.h"

extern void arc4random_buf(void *, size_t);
extern uint32_t arc4random(void);

#define DRAWS 32

typedef struct {
    uint32_t word[4];
} sample;

static int by_value(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(sample));
}

static void take(sample *to)
{
    if (draw(2))
        arc4random_buf(to, sizeof *to);
    else
        for (int i = 0; i < 4; ++i)
            to->word[i] = arc4random();
}

static int stop;

static void *other_thread(void *unused)
{
    sample ignored;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        take(&ignored);
    return unused;
}

static void family(void)
{
    sample all[5 * DRAWS];
    int pipes[2], used = 0;
    EXPECT(pipe(pipes), 0);
    for (int i = 0; i < 4; ++i)
        if (fork() == 0) {
            sample own[DRAWS];
            alarm(20);
            for (int j = 0; j < DRAWS; ++j)
                take(&own[j]);
            _exit(write(pipes[1], own, sizeof own) != sizeof own);
        }
    close(pipes[1]);
    for (; used < DRAWS; ++used)
        take(&all[used]);
    size_t wanted = 4 * DRAWS * sizeof(sample), have = 0;
    ssize_t got;
    while (have < wanted && (got = read(pipes[0], (char *)&all[DRAWS] + have, wanted - have)) > 0)
        have += (size_t)got;
    EXPECT(have, wanted);
    close(pipes[0]);
    for (int i = 0, status; i < 4; ++i) {
        EXPECT_TRUE(wait(&status) > 0);
        EXPECT(status, 0);
    }
    qsort(all, sizeof all / sizeof *all, sizeof *all, by_value);
    for (size_t i = 1; i < sizeof all / sizeof *all; ++i)
        EXPECT_TRUE(by_value(&all[i - 1], &all[i]) != 0);
    ++loops;
}

static void families(int seconds_left)
{
    pthread_t thread;
    stop = 0;
    EXPECT(pthread_create(&thread, 0, other_thread, 0), 0);
    for (int i = 0; i < seconds_left && has_time(); ++i)
        family();
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(thread, 0);
}

int main(int count, char **arguments)
{
    begin(count, arguments);
    families(20);
    without_system_call(SYS_getrandom);
    while (has_time())
        families(1000);
    return end();
}
