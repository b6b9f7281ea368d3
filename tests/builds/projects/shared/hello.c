#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>

static void *work(void *x) { *(double *)x = pow(*(double *)x, 2); return x; }

int main(void)
{
    double x = 6;
    unsigned char bytes[8];
    pthread_t thread;
    if (getentropy(bytes, sizeof bytes) || pthread_create(&thread, NULL, work, &x) || pthread_join(thread, NULL))
        return 1;
    return printf("hello %g\n", x) < 0;
}
