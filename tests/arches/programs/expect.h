/* For self-checking programs: silent with exit status 0, or one line for each fault and exit status 1. */
#ifndef EXPECT_H
#define EXPECT_H

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int faults;

static inline void expect_true(const char *file, int line, const char *what, int holds)
{
    if (!holds) {
        printf("%s:%d: %s does not hold (errno %d)\n", file, line, what, errno);
        fflush(stdout);
        faults = 1;
    }
}

static inline void expect_equal(const char *file, int line, const char *what, long long actual, long long expected)
{
    if (actual != expected) {
        printf("%s:%d: %s is %lld, expected %lld (errno %d)\n", file, line, what, actual, expected, errno);
        fflush(stdout);
        faults = 1;
    }
}

static inline void expect_text(const char *file, int line, const char *what, const char *actual, const char *expected)
{
    if (actual == 0 || strcmp(actual, expected) != 0) {
        printf("%s:%d: %s is \"%s\", expected \"%s\"\n", file, line, what, actual ? actual : "(null)", expected);
        fflush(stdout);
        faults = 1;
    }
}

#define CHECK(condition) expect_true(__FILE__, __LINE__, #condition, !!(condition))
#define SAME(actual, expected) expect_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define TEXT(actual, expected) expect_text(__FILE__, __LINE__, #actual, actual, expected)

#endif
