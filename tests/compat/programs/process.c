/* gettid tells threads apart, pthread_gettid_np names each, getcpu names a processor that exists. */

#include <pthread.h>

#include "check.h"

extern pid_t gettid(void);
extern pid_t pthread_gettid_np(pthread_t);
extern int getcpu(unsigned *, unsigned *);

static void *other(void *unused)
{
    (void)unused;
    return (void *)(long)gettid();
}

/* From 2.43 on, only libc itself knows where a descriptor has the id of its thread. Sanitised programs call the member's
   own code on every libc, which then has to say that it cannot tell. */
static int only_libc_knows(void)
{
#ifdef SANITISED
    int minor = 0;
    char text[100];
    return confstr(_CS_GNU_LIBC_VERSION, text, sizeof text) && sscanf(text, "glibc 2.%d", &minor) == 1 && minor >= 43;
#else
    return 0;
#endif
}

static pthread_barrier_t barrier;

static void *waits(void *id)
{
    *(pid_t *)id = gettid();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    EXPECT(pthread_gettid_np(pthread_self()), gettid());
    return 0;
}

static void names_of_others(void)
{
    pthread_t threads[3];
    pid_t ids[3] = {0};
    pthread_barrier_init(&barrier, 0, 4);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_create(&threads[i], 0, waits, &ids[i]), 0);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_gettid_np(threads[i]), only_libc_knows() ? -1 : ids[i]);
    EXPECT(pthread_gettid_np(pthread_self()), getpid());
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_join(threads[i], 0), 0);
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
    names_of_others();
    return faults;
}
