/* Calls with many arguments of mixed types, structures by value, and a callback from qsort, across a library.
   companion: shared */
#include <stdarg.h>
#include <stdint.h>
#include "expect.h"

typedef struct { double a; int b; } mixed;
typedef struct { float a, b, c, d; } floats;
typedef struct { char text[40]; } large;
double sum(int count, ...);
mixed swap_mixed(mixed, int);
floats add_floats(floats, floats);
large make_large(large, char);
_Complex double turn(_Complex double);
long double add_long(int, long double, int, long double);
__extension__ typedef long long wide;
wide many(int, wide, int, wide, int, double, float, wide, int, wide);

int main(void)
{
    CHECK(sum(5, 1, 2.5, 3LL, "four", 5.0L) == 1 + 2.5 + 3 + 4 + 5);
    mixed m = swap_mixed((mixed){2.5, 7}, 1);
    CHECK(m.a == 8 && m.b == 2);
    floats f = add_floats((floats){1, 2, 3, 4}, (floats){10, 20, 30, 40});
    CHECK(f.a == 11 && f.b == 22 && f.c == 33 && f.d == 44);
    large l = make_large((large){"abc"}, 'x');
    TEXT(l.text, "xbc");
    CHECK(turn(3.0 + 4.0 * __extension__ 1.0i) == -4.0 + 3.0 * __extension__ 1.0i);
    CHECK(add_long(1, 2.25L, 3, 4.5L) == 10.75L);
    SAME(many(1, 2, 3, 1LL << 40, 5, 6.0, 7.0f, 8, 9, 10), (1LL << 40) + 1 + 2 + 3 + 5 + 6 + 7 + 8 + 9 + 10);
    return faults;
}
