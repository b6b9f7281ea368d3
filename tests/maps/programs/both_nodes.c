/* Calls a function of libm under two nodes, given as: symbol kind old new, and compares all that a caller sees: value,
   errno and the exceptions that errors raise. Prints the number of arguments where they differ.

   kinds: d1 f1 d2 f2 (double or float, how many), fi (int, float), fp (float, int *); i: fromfpf, of which the new node
   gives a float and the old one an integer, called the new way. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double values[] = {
    0.0,     -0.0,  1,     -1,     0.5,    -0.5,     1.5,     -1.5,    2,        -2,        -2.5,  3,    -3,   35,
    36,      38.6,  -46,   89,     -104,   129,      -150,    171.5,   -171.5,   309,       -324,  710,  -746, 1100,
    -1100,   1e-45, 1e-40, -1e-40, 1e-310, -1e-310,  1e5,     1e7,     1e16,     1e30,      -1e30, 1e300, 1.7e308, 1e-300,
    3.4e38,  -3.4e38, INFINITY, -INFINITY, NAN};
enum { COUNT = sizeof values / sizeof *values, ERRORS = FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID };

struct seen {
    double value;
    int sign, error, exceptions;
};

static struct seen call(void *function, const char *kind, double a, double b)
{
    struct seen seen = {0};
    errno = 0;
    feclearexcept(FE_ALL_EXCEPT);
    if (!strcmp(kind, "d1"))
        seen.value = ((double (*)(double))function)(a);
    else if (!strcmp(kind, "f1"))
        seen.value = ((float (*)(float))function)((float)a);
    else if (!strcmp(kind, "d2"))
        seen.value = ((double (*)(double, double))function)(a, b);
    else if (!strcmp(kind, "f2"))
        seen.value = ((float (*)(float, float))function)((float)a, (float)b);
    else if (!strcmp(kind, "fi"))
        seen.value = ((float (*)(int, float))function)(fabs(a) < 1000 ? (int)a : 5, (float)b);
    else if (!strcmp(kind, "fp"))
        seen.value = ((float (*)(float, int *))function)((float)a, &seen.sign);
    else
        seen.value = ((float (*)(float, int, unsigned))function)((float)a, 1, 32);
    seen.error = errno;
    seen.exceptions = fetestexcept(ERRORS);
    return seen;
}

static int close_enough(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (!signbit(a) != !signbit(b))
        return 0;
    return a == b || (isfinite(a) && isfinite(b) && fabs(a - b) <= 1e-6 * fabs(b));
}

int main(int count, char **words)
{
    void *libm = dlopen("libm.so.6", RTLD_NOW);
    if (!libm)
        return 2;
    for (int word = 1; word + 3 < count; word += 4) {
        const char *symbol = words[word], *kind = words[word + 1];
        void *old = dlvsym(libm, symbol, words[word + 2]), *new = dlvsym(libm, symbol, words[word + 3]);
        if (!old || !new)
            return 3;
        int differences = 0;
        for (int i = 0; i < COUNT; ++i)
            for (int j = 0; j < COUNT; ++j) {
                struct seen a = call(old, kind, values[i], values[j]), b = call(new, kind, values[i], values[j]);
                differences += !close_enough(a.value, b.value) || a.sign != b.sign || a.error != b.error ||
                               a.exceptions != b.exceptions;
            }
        printf("%s %s %d\n", symbol, words[word + 3], differences);
    }
    return 0;
}
