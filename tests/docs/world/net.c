#include <sys/random.h>
int fill(void *bytes, int size) { return getrandom(bytes, size, 0); }
