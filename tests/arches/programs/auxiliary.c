/* getauxval, sysconf, confstr, uname, environment, getopt_long, program names. */
#define _GNU_SOURCE
#include <getopt.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "expect.h"

int main(int count, char **arguments)
{
    struct utsname system;
    char text[100];
    SAME(getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
    CHECK(getauxval(AT_RANDOM) != 0);
    SAME(getauxval(123456), 0);
    CHECK(sysconf(_SC_CLK_TCK) == 100 && sysconf(_SC_OPEN_MAX) > 10 && sysconf(_SC_PHYS_PAGES) > 0);
    CHECK(confstr(_CS_GNU_LIBC_VERSION, text, sizeof text) > 0 && strncmp(text, "glibc 2.", 8) == 0);
    SAME(uname(&system), 0);
    TEXT(system.sysname, "Linux");
    CHECK(strcmp(program_invocation_short_name, strrchr(program_invocation_name, '/') + 1) == 0 || count == 0);
    (void)arguments;
    SAME(setenv("NEW", "one", 1), 0);
    SAME(setenv("NEW", "two", 0), 0);
    TEXT(getenv("NEW"), "one");
    TEXT(secure_getenv("NEW"), "one");
    SAME(putenv((char *)"PUT=3"), 0);
    TEXT(getenv("PUT"), "3");
    SAME(unsetenv("NEW"), 0);
    CHECK(getenv("NEW") == NULL);
    int found = 0;
    for (char **each = environ; *each != NULL; each++)
        found += strcmp(*each, "PUT=3") == 0;
    SAME(found, 1);
    char *words[] = {(char *)"x", (char *)"--long=5", (char *)"-v", (char *)"plain", (char *)"-o", (char *)"out", NULL};
    const struct option options[] = {{"long", required_argument, NULL, 'l'}, {0}};
    char order[10] = "";
    for (int letter; (letter = getopt_long(6, words, "vo:", options, NULL)) != -1;) {
        order[strlen(order)] = (char)letter;
        if (letter == 'l')
            TEXT(optarg, "5");
        if (letter == 'o')
            TEXT(optarg, "out");
    }
    TEXT(order, "lvo");
    SAME(optind, 5);
    TEXT(words[5], "plain");
    CHECK(clearenv() == 0 && getenv("PUT") == NULL);
    return faults;
}
