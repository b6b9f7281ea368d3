#include <stdlib.h>
void add(char letter);
__attribute__((constructor(150))) static void a(void) { add('a'); }
__attribute__((constructor)) static void b(void) { add('b'); }
static void leave(void) { add('x'); }
__attribute__((destructor)) static void end(void) { add('d'); }
void use(void)
{
    add('u');
    atexit(leave);
}
