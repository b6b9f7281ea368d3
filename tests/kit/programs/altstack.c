/* A handler on a stack of the size that new headers ask sysconf for. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *stack;
static size_t size;
static volatile sig_atomic_t inside;

static void handler(int number) {
    char here;
    (void)number;
    inside = &here >= stack && &here < stack + size;
}

int main(void) {
    size = SIGSTKSZ;
    long smallest = sysconf(_SC_MINSIGSTKSZ);
    if (size < 8192 || size > 1 << 24 || smallest < 1024 || (size_t)smallest > size || sysconf(_SC_SIGSTKSZ) != (long)size)
        return printf("SIGSTKSZ %zu, smallest %ld\n", size, smallest), 1;
    stack_t mine = {.ss_sp = stack = malloc(size), .ss_size = size};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    if (sigaltstack(&mine, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0) return perror("sigaltstack"), 1;
    raise(SIGUSR1);
    printf("on its own stack: %d, sysconf still knows the rest: %d\n", inside, sysconf(_SC_PAGESIZE) == 4096);
    return 0;
}
