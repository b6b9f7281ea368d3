#include <sys/types.h>
#include <stdio.h>
struct answers { int first; int second; };
int by_cc(struct answers *answers);

