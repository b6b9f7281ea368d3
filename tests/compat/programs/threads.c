/* Destructors of thread_local objects run newest first when their thread ends, for the main thread at exit. */

#include <pthread.h>

#include "check.h"

extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));
extern char __libc_single_threaded;

static char order[16];
static int used;

static void note(void *mark)
{
    order[used++] = *(char *)mark;
}

static void note_and_register(void *mark)
{
    note(mark);
    EXPECT(__cxa_thread_atexit_impl(note, "d", &__dso_handle), 0);
}

static void *body(void *unused)
{
    (void)unused;
    EXPECT(__cxa_thread_atexit_impl(note, "a", &__dso_handle), 0);
    EXPECT(__cxa_thread_atexit_impl(note_and_register, "b", &__dso_handle), 0);
    EXPECT(__cxa_thread_atexit_impl(note, "c", &__dso_handle), 0);
    EXPECT(used, 0);
    return 0;
}

static void judge(void)
{
    if (strcmp(order, "cbda") != 0) {
        printf("%s:%d: at exit: expected cbda got %s\n", __FILE__, __LINE__, order);
        fflush(stdout);
        _exit(1);
    }
}

int main(void)
{
    pthread_t thread;
    EXPECT(pthread_create(&thread, 0, body, 0), 0);
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT(strcmp(order, "cbda"), 0);
    memset(order, 0, sizeof order);
    used = 0;
    EXPECT(pthread_create(&thread, 0, body, 0), 0);
    EXPECT(__libc_single_threaded, 0); /* there are two now */
    EXPECT(pthread_join(thread, 0), 0);
    EXPECT(strcmp(order, "cbda"), 0);

    memset(order, 0, sizeof order);
    used = 0;
    EXPECT(atexit(judge), 0);
    body(0);
    return faults;
}
