double sqrt(double);
int twice(int number) { return number * 2; }
double root(double number) { return sqrt(number); }
