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

static void nothing(void *unused)
{
    (void)unused;
}

static void *registers(void *unused)
{
    for (int i = 0; i < 4; ++i)
        EXPECT(__cxa_thread_atexit_impl(nothing, 0, &__dso_handle), 0);
    return unused;
}

static void run_threads(int count)
{
    pthread_t thread;
    for (int i = 0; i < count; ++i) {
        EXPECT(pthread_create(&thread, 0, registers, 0), 0);
        EXPECT(pthread_join(thread, 0), 0);
    }
}

static long resident_kilobytes(void)
{
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return resident * (getpagesize() / 1024);
}

/* A thread that has ended leaves no memory behind. */
static void threads_leave_nothing(void)
{
#ifndef SANITISED
    run_threads(100);
    long before = resident_kilobytes();
    run_threads(10000);
    EXPECT_TRUE(resident_kilobytes() - before < 400);
#endif
}

int main(void)
{
    pthread_t thread;
    threads_leave_nothing();
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
