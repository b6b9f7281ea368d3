#include <math.h>

double plug(double number) { return exp(number); }
