/* gettid tells threads apart, getcpu names a processor that exists. */

#include <pthread.h>

#include "check.h"

extern pid_t gettid(void);
extern int getcpu(unsigned *, unsigned *);

static void *other(void *unused)
{
    (void)unused;
    return (void *)(long)gettid();
}

int main(void)
{
    pthread_t thread;
    void *id;
    unsigned cpu = -1u, node = -1u;
    EXPECT(gettid(), getpid());
    EXPECT(pthread_create(&thread, 0, other, 0), 0);
    EXPECT(pthread_join(thread, &id), 0);
    EXPECT_TRUE((long)id > 0 && (long)id != getpid());
    EXPECT(getcpu(&cpu, &node), 0);
    EXPECT_TRUE(cpu < 100000 && node < 10000);
    EXPECT(getcpu(&cpu, 0), 0);
    EXPECT(getcpu(0, 0), 0);
    return faults;
}
