static int fast(int number) { return number * 5; }
static int (*resolve(void))(int) { return fast; }
int chosen_in_library(int) __attribute__((ifunc("resolve")));
int calls_inside(int number) { return chosen_in_library(number); }
