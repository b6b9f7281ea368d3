extern int offered_by_program(int);
int calls_back(int number) { return offered_by_program(number) + 1; }
