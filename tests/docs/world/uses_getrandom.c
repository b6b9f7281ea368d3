#include <sys/random.h>

int main(void) {
    char byte;
    return getrandom(&byte, 1, 0) != 1;
}
