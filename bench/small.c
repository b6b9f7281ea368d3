/* A small unit with threads and mathematics: what link time and the header's cost are measured on. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

static void *work(void *argument) {
  *(double *)argument = pow(2.0, 10.0);
  return argument;
}

int main(void) {
  pthread_t thread;
  double result = 0;
  struct stat status;
  if (pthread_create(&thread, 0, work, &result) || pthread_join(thread, 0) || stat("/", &status)) return 1;
  printf("%g\n", result);
  return result != 1024.0;
}
