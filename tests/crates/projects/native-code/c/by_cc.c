#include "by_cc.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

static void *thread(void *answers) {
  ((struct answers *)answers)->first = (int)strtol("42", NULL, 10);
  return answers;
}

/* Uses what a glibc of 2017 and later has (getrandom, stat as a function), in a thread. */
int by_cc(struct answers *answers) {
  pthread_t id;
  struct stat status;
  char byte;
  if (getrandom(&byte, 1, 0) != 1 || stat("/", &status) || pthread_create(&id, NULL, thread, answers)) return 1;
  return pthread_join(id, NULL);
}
