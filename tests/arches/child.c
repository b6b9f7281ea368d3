/* What programs start with exec: writes its second argument and $VARIABLE, and exits with the status of its first. */
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments)
{
    if (count > 2)
        fputs(arguments[2], stdout);
    if (getenv("VARIABLE") != NULL)
        fputs(getenv("VARIABLE"), stdout);
    return count > 1 ? atoi(arguments[1]) : 0;
}
