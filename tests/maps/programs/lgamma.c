/* ISO C leaves the name signgam to the program. Says whether lgamma wrote to the program's own variable. */
#include <stdio.h>

double lgamma(double);
int signgam = 7;

int main(void)
{
    volatile double x = -0.5;
    volatile double y = lgamma(x);
    (void)y;
    puts(signgam == 7 ? "untouched" : "overwritten");
    return 0;
}
