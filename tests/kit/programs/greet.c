/* A C library with a constructor, a destructor, a lock and a call that glibc has moved since. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int constructed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void load(void) { ++constructed; }
__attribute__((destructor)) static void unload(void) { printf("library destructor %d\n", constructed--); }

static void *work(void *number) {
    pthread_mutex_lock(&lock);
    *(int *)number += constructed;
    pthread_mutex_unlock(&lock);
    return number;
}

int greet(const char *whom) {
    struct stat status;
    pthread_t thread;
    void *result;
    int number = 41;
    char text[64];
    snprintf(text, sizeof text, "hello %s", whom);
    if (stat("/", &status) != 0 || !S_ISDIR(status.st_mode)) return -1;
    if (pthread_create(&thread, NULL, work, &number) != 0) return -2;
    pthread_join(thread, &result);
    puts(text);
    return *(int *)result;
}
