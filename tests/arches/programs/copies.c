/* Copy relocations: data of a library and of libc in a program at a fixed address, seen by both at one address.
   flags: -fno-pie -no-pie
   companion: shared */
#define _GNU_SOURCE
#include <unistd.h>
#include "expect.h"

extern int number;
extern const char *texts[3];
extern struct { long a; char b[100]; } record;
int number_of_library(void);
void *address_of_record(void);
void set_number(int);
int (*function_of_library(void))(void);

int main(void)
{
    SAME(number, 17);
    number = 18;
    SAME(number_of_library(), 18);
    set_number(19);
    SAME(number, 19);
    TEXT(texts[1], "two");
    CHECK(address_of_record() == &record);
    SAME(record.a, 99);
    TEXT(record.b, "text");
    CHECK(function_of_library() == number_of_library);
    char **before = environ;
    CHECK(before == __environ && environ != NULL);
    setenv("COPIES", "1", 1);
    CHECK(environ != before || environ[0] != NULL);
    TEXT(getenv("COPIES"), "1");
    CHECK(fileno(stdout) == 1 && stderr != stdin);
    return faults;
}
