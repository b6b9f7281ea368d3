/* Threads where there are any: the idiom of libraries that must also work without libpthread. */
#include <pthread.h>
#include <stdio.h>
#pragma weak pthread_create
#pragma weak pthread_join

static void *work(void *text) {
    puts(text);
    return text;
}

int main(void) {
    pthread_t thread;
    void *result;
    if (pthread_create == NULL || pthread_join == NULL) return puts("no threads"), 0;
    if (pthread_create(&thread, NULL, work, "a thread") != 0) return 1;
    return pthread_join(thread, &result);
}
