/* The default attributes are those that a thread without attributes has. */

#include <pthread.h>

#include "check.h"

extern int pthread_getattr_default_np(pthread_attr_t *);

static void *own_stack(void *size)
{
    pthread_attr_t attr;
    EXPECT(pthread_getattr_np(pthread_self(), &attr), 0);
    EXPECT(pthread_attr_getstacksize(&attr, size), 0);
    return 0;
}

int main(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    size_t stated = 0, had = 1;
    int detached = -1;
    EXPECT(pthread_getattr_default_np(&attr), 0);
    EXPECT(pthread_attr_getstacksize(&attr, &stated), 0);
    EXPECT(pthread_attr_getdetachstate(&attr, &detached), 0);
    EXPECT(detached, PTHREAD_CREATE_JOINABLE);
    EXPECT(pthread_create(&thread, 0, own_stack, &had), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT_TRUE(stated > 65536 && had + 65536 > stated && had < stated + 65536); /* the guard counts or not */
    EXPECT(pthread_create(&thread, &attr, own_stack, &had), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT(pthread_attr_destroy(&attr), 0);
    return faults;
}
