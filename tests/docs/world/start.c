#include <pthread.h>

int start(pthread_t *thread, void *(*work)(void *)) { return pthread_create(thread, NULL, work, NULL); }
