/* Constructors and destructors with priorities, of the program and of its library, with their arguments.
   companion: shared */
#include "expect.h"

extern char trace[100];
void add(char letter);
static int argument_count;
__attribute__((constructor(101))) static void first(int count, char **arguments, char **environment)
{
    add('1');
    argument_count = count;
    CHECK(arguments[0] != NULL && environment != NULL);
}
__attribute__((constructor(200))) static void second(void) { add('2'); }
__attribute__((constructor)) static void third(void) { add('3'); }
static void ending(void) { add('x'); }
__attribute__((destructor)) static void late(void) { add('y'); }
__attribute__((destructor(101))) static void last(void)
{
    if (strcmp(trace, "L123mxy") != 0) {
        printf("order.c: the trace at the end is %s\n", trace);
        fflush(stdout);
        _Exit(1);
    }
}

int main(int count, char **arguments)
{
    (void)arguments;
    SAME(argument_count, count);
    TEXT(trace, "L123");
    add('m');
    atexit(ending);
    return faults;
}
