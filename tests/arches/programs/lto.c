/* Link-time optimisation over the program and its uses of functions that the kit pins.
   flags: -O2 -flto -pthread
   libs: -lm */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/stat.h>
#include "expect.h"

static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }
static void *work(void *argument)
{
    *(double *)argument = pow(*(double *)argument, 3);
    return argument;
}

int main(int count, char **arguments)
{
    pthread_t thread;
    double number = count + 1;
    struct stat status;
    char copy[16], *end;
    SAME(constructed, 1);
    SAME(pthread_create(&thread, NULL, work, &number), 0);
    SAME(pthread_join(thread, NULL), 0);
    SAME(number, 8);
    SAME(stat(".", &status), 0);
    CHECK(S_ISDIR(status.st_mode));
    memcpy(copy, arguments[0], 3);
    memmove(copy + 1, copy, 2);
    SAME(copy[1], arguments[0][0]);
    SAME(strtol("0x20 ", &end, 0), 32);
    return faults;
}
