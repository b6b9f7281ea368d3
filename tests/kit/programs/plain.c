/* Symbols that a build on a new machine binds to new versions, of three libraries. */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void *work(void *data) {
    *(double *)data = pow(*(double *)data, 2) + exp(0) + log(1);
    return data;
}

int main(int argc, char **argv) {
    struct stat status;
    pthread_t thread;
    double value = argc + 5;
    if (stat(argv[0], &status) != 0) return 1;
    if (pthread_create(&thread, NULL, work, &value) != 0 || pthread_join(thread, NULL) != 0) return 2;
    printf("%g %d\n", value, dlsym(RTLD_DEFAULT, "printf") != NULL);
    return 0;
}
