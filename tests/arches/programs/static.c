/* A static program, which a kit leaves as the compiler makes it.
   flags: -static -pthread
   libs: -lm */
#include <pthread.h>
#include <sys/stat.h>
#include "expect.h"

static __thread int own = 5;
static void *work(void *argument) { own++; *(int *)argument = own; return NULL; }

int main(void)
{
    pthread_t thread;
    struct stat status;
    int number = 0;
    SAME(pthread_create(&thread, NULL, work, &number), 0);
    SAME(pthread_join(thread, NULL), 0);
    SAME(number, 6);
    SAME(own, 5);
    SAME(stat("/dev/null", &status), 0);
    volatile double x = 2;
    CHECK(pow(x, 10) == 1024);
    return faults;
}
