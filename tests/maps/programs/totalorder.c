/* Says whether totalorder tells which of two numbers comes first. Headers since 2.31 pass pointers. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>

int main(void)
{
    const double numbers[] = {-2.0, -0.0, 0.0, 1.0, 3.0};
    int right = 1;
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j)
            right &= !!totalorder(&numbers[i], &numbers[j]) == (i <= j);
    puts(right ? "right" : "wrong");
    return 0;
}
