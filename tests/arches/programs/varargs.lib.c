#include <stdarg.h>
#include <string.h>
typedef struct { double a; int b; } mixed;
typedef struct { float a, b, c, d; } floats;
typedef struct { char text[40]; } large;
double sum(int count, ...)
{
    va_list arguments;
    va_start(arguments, count);
    double total = va_arg(arguments, int);
    total += va_arg(arguments, double);
    total += va_arg(arguments, long long);
    total += strlen(va_arg(arguments, const char *));
    total += va_arg(arguments, long double);
    va_end(arguments);
    return total;
}
mixed swap_mixed(mixed m, int more) { return (mixed){m.b + more, (int)m.a}; }
floats add_floats(floats x, floats y) { return (floats){x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d}; }
large make_large(large l, char first)
{
    l.text[0] = first;
    return l;
}
_Complex double turn(_Complex double z) { return z * __extension__ 1.0i; }
long double add_long(int a, long double b, int c, long double d) { return a + b + c + d; }
long long many(int a, long long b, int c, long long d, int e, double f, float g, long long h, int i, long long j)
{
    return a + b + c + d + e + (long long)f + (long long)g + h + i + j;
}
