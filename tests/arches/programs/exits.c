/* atexit, on_exit, quick_exit with at_quick_exit, _Exit and abort, each in a child of its own. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "expect.h"

static int out;
static void say(char letter) { (void)!write(out, &letter, 1); }
static void a(void) { say('a'); }
static void b(void) { say('b'); }
static void c(int status, void *argument) { say((char)('0' + status)), say(*(char *)argument); }
static void q(void) { say('q'); }

static int child(void (*body)(void), const char *expected)
{
    int ends[2], status = 0;
    char text[20] = "";
    SAME(pipe(ends), 0);
    out = ends[1];
    pid_t pid = fork();
    if (pid == 0) {
        body();
        _exit(99);
    }
    close(ends[1]);
    waitpid(pid, &status, 0);
    (void)!read(ends[0], text, sizeof text - 1);
    TEXT(text, expected);
    return status;
}
static void normal(void) { static char z = 'z'; atexit(a), on_exit(c, &z), atexit(b), at_quick_exit(q), exit(5); }
static void quick(void) { atexit(a), at_quick_exit(q), at_quick_exit(b), quick_exit(6); }
static void hard(void) { atexit(a), _Exit(7); }
static void aborting(void) { atexit(a), abort(); }

int main(void)
{
    SAME(WEXITSTATUS(child(normal, "b5za")), 5);
    SAME(WEXITSTATUS(child(quick, "bq")), 6);
    SAME(WEXITSTATUS(child(hard, "")), 7);
    int status = child(aborting, "");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return faults;
}
