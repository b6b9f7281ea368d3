/* pthread_atfork: the handlers run around fork, in the right order and process.
   flags: -pthread */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "expect.h"

static char trace[20];
static void add(char letter) { trace[strlen(trace)] = letter; }
static void before1(void) { add('a'); }
static void before2(void) { add('b'); }
static void parent1(void) { add('c'); }
static void parent2(void) { add('d'); }
static void child1(void) { add('e'); }
static void child2(void) { add('f'); }
static void *idle(void *nothing) { pause(); return nothing; }

int main(void)
{
    pthread_t thread;
    int status = -1;
    SAME(pthread_atfork(before1, parent1, child1), 0);
    SAME(pthread_atfork(before2, parent2, child2), 0);
    SAME(pthread_atfork(NULL, NULL, NULL), 0);
    pthread_create(&thread, NULL, idle, NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(strcmp(trace, "baef") != 0);
    SAME(waitpid(child, &status, 0), child);
    SAME(status, 0);
    TEXT(trace, "bacd");
    return faults;
}
