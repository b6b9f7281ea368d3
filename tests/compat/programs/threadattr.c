/* The default attributes are those that a thread without attributes has. They can be changed from 2.18 on; before, the
   function says that it cannot, and they stay. */

#include <errno.h>
#include <pthread.h>

#include "check.h"

extern int pthread_getattr_default_np(pthread_attr_t *);
extern int pthread_setattr_default_np(const pthread_attr_t *);

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
    EXPECT(pthread_attr_setstacksize(&attr, 2 * stated), 0); /* a smaller one may be a larger one again, from the cache */
    const int error = pthread_setattr_default_np(&attr);
    EXPECT_TRUE(error == 0 || error == ENOSYS);
    EXPECT(pthread_create(&thread, 0, own_stack, &had), 0);
    EXPECT(pthread_join(thread, 0), 0);
    const size_t expected = error ? stated : 2 * stated;
    EXPECT_TRUE(had + 65536 > expected && had < expected + 65536);
    EXPECT(pthread_getattr_default_np(&attr), 0);
    EXPECT(pthread_attr_getstacksize(&attr, &had), 0);
    EXPECT(had, expected);
    EXPECT(pthread_attr_destroy(&attr), 0);
    return faults;
}
