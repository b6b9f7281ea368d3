#include <pthread.h>

static void *work(void *word) { return word; }

int main(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL);
}
