/* The program of a library with constructors. */
#include <unistd.h>
void use(void);
int main(void) {
    use();
    return write(1, "main\n", 5) != 5;
}
