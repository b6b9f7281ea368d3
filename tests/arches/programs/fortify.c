/* Checked functions of _FORTIFY_SOURCE and the stack protector: what fits passes, what does not ends by SIGABRT.
   flags: -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>
#include "expect.h"

static int ends_by(void (*body)(int), int size)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        close(2);
        open("/dev/null", O_RDWR);
        body(size);
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
static char small[8];
static void copy(int size) { memset(small, 'a', (size_t)size); }
static void join(int size) { strcpy(small, ""); strncat(small, "0123456789abcdef", (size_t)size); }
static void print(int size) { sprintf(small, "%*d", size, 1); }
static void reads(int size)
{
    int ends[2];
    CHECK(pipe(ends) == 0 && write(ends[1], "0123456789abcdef", 16) == 16);
    CHECK(read(ends[0], small, (size_t)size) >= 0);
}
static void smash(int size)
{
    char room[8];
    volatile char *place = room;
    for (int i = 0; i < size; i++)
        place[i] = 'x';
    __asm__ volatile("" : : "r"(room) : "memory");
}

int main(void)
{
    char text[100];
    wchar_t wide[20];
    SAME(ends_by(copy, 8), 0);
    SAME(ends_by(copy, 9), SIGABRT);
    SAME(ends_by(join, 7), 0);
    SAME(ends_by(join, 8), SIGABRT);
    SAME(ends_by(print, 7), 0);
    SAME(ends_by(print, 8), SIGABRT);
    SAME(ends_by(reads, 8), 0);
    SAME(ends_by(reads, 9), SIGABRT);
    SAME(ends_by(smash, 8), 0);
    int end = ends_by(smash, 40);
    CHECK(end == SIGABRT || end == SIGSEGV); /* up to 2.25 libc prints a backtrace of the broken stack first */
    SAME(snprintf(text, sizeof text, "%s %Lf", "x", 1.5L), 10);
    SAME(swprintf(wide, 20, L"%d", 12345), 5);
    SAME(readlink("/proc/self/cwd", text, sizeof text) > 0, 1);
    CHECK(realpath(".", NULL) != NULL && getcwd(text, sizeof text) != NULL);
    struct pollfd one = {0, POLLIN, 0};
    CHECK(poll(&one, 1, 0) >= 0);
    fprintf(stderr, "%s", "");
    return faults;
}
