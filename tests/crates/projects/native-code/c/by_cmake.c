#include <math.h>

int by_cmake(void) {
  volatile double base = 43;
  return (int)pow(exp(log(base)), 1.0000001);
}
