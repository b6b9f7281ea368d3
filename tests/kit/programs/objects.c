/* Data objects of libc used directly: a non-PIE program has them by copy relocation, one object for all their names. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **__environ, **_environ;
extern long __timezone;
extern int __daylight;
extern char *__tzname[2], *__progname, *__progname_full;
extern FILE *stdout;
extern struct _IO_FILE_plus _IO_2_1_stdout_;

/* Through volatile, or a compiler decides that objects of two names are two. */
static void *volatile one, *volatile other;
#define SAME(a, b) (one = &(a), other = &(b), printf(#a " is " #b ": %d\n", one == other))

int main(int argc, char **argv) {
    char **before = environ;
    SAME(environ, __environ);
    SAME(environ, _environ);
    SAME(timezone, __timezone);
    SAME(daylight, __daylight);
    SAME(tzname, __tzname);
    SAME(program_invocation_short_name, __progname);
    SAME(program_invocation_name, __progname_full);
    setenv("ADDED_BY_SETENV", "yes", 1);
    int found = 0;
    for (char **at = environ; *at; ++at) found += strcmp(*at, "ADDED_BY_SETENV=yes") == 0;
    printf("environ moved: %d, has the new one: %d\n", environ != before, found);
    environ = (char *[]){"ONLY=this", NULL};
    printf("libc sees ours: %s %d\n", getenv("ONLY"), getenv("ADDED_BY_SETENV") == NULL);
    setenv("TZ", "ABC3DEF", 1);
    tzset();
    printf("timezone %ld %s %s %d\n", timezone, tzname[0], tzname[1], daylight);
    while (getopt(argc, argv, "a:") != -1) printf("optarg %s\n", optarg);
    printf("optind %d of %d\n", optind, argc);
    printf("name %s\n", program_invocation_short_name);
    one = stdout, other = &_IO_2_1_stdout_;
    printf("stdout: %d\n", one == other);
    fputs("through stdout\n", stdout);
    return fflush(stdout);
}
