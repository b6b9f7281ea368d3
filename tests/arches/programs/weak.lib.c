__attribute__((weak)) int offered_by_no_program(void);
int of_library(int number) { return number * 2; }
int asks_program(void) { return offered_by_no_program ? offered_by_no_program() : -1; }
