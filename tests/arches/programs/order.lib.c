#include <string.h>
char trace[100];
void add(char letter) { trace[strlen(trace)] = letter; }
__attribute__((constructor)) static void begin(void) { add('L'); }
