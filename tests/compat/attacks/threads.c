/* Many threads call members of many families for the first time at once, in a new process each time. */

#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <stdint.h>
#include <threads.h>

#include "attack.h"

extern int pthread_gettid_np(pthread_t);
extern ssize_t getrandom(void *, size_t, unsigned);
extern uint32_t arc4random_uniform(uint32_t);
extern int pthread_mutex_clocklock(pthread_mutex_t *, clockid_t, const struct timespec *);
extern long number_of(const char *, char **, int) __asm__("__isoc23_strtol");
extern void twalk_r(const void *, void (*)(const void *, VISIT, void *), void *);
extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));

#define THREADS 12

static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static mtx_t other_mutex;
static once_flag flag = ONCE_FLAG_INIT;
static int once_count, counter, destroyed;
static void *tree;

static void only_once(void)
{
    ++once_count;
}

static void destroy(void *unused)
{
    (void)unused;
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void count_node(const void *node, VISIT when, void *sum)
{
    (void)node;
    *(int *)sum += when == leaf || when == postorder;
}

static int by_address(const void *one, const void *other)
{
    return one < other ? -1 : one > other;
}

static void *run(void *unused)
{
    const struct timespec never = {1L << 40, 0};
    char bytes[8];
    pthread_barrier_wait(&barrier);
    EXPECT(pthread_gettid_np(pthread_self()), syscall(SYS_gettid));
    EXPECT(getrandom(bytes, sizeof bytes, 0), sizeof bytes);
    EXPECT(number_of("0b101", 0, 0), 5);
    EXPECT_TRUE(arc4random_uniform(3) < 3);
    EXPECT(__cxa_thread_atexit_impl(destroy, 0, &__dso_handle), 0);
    call_once(&flag, only_once);
    for (int i = 0; i < 200; ++i) {
        int nodes = 0;
        EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &never), 0);
        ++counter;
        EXPECT(pthread_mutex_unlock(&mutex), 0);
        EXPECT(mtx_lock(&other_mutex), thrd_success);
        EXPECT(mtx_unlock(&other_mutex), thrd_success);
        twalk_r(tree, count_node, &nodes);
        EXPECT(nodes, 50);
    }
    return unused;
}

int main(int count, char **arguments)
{
    static int nodes[50];
    begin(count, arguments);
    for (int i = 0; i < 50; ++i)
        tsearch(&nodes[i], &tree, by_address);
    for (; has_time(); ++loops) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            pthread_t threads[THREADS];
            alarm(20);
            pthread_barrier_init(&barrier, 0, THREADS);
            EXPECT(mtx_init(&other_mutex, mtx_plain), thrd_success);
            for (int i = 0; i < THREADS; ++i)
                EXPECT(pthread_create(&threads[i], 0, run, 0), 0);
            for (int i = 0; i < THREADS; ++i)
                EXPECT(pthread_join(threads[i], 0), 0);
            EXPECT(counter, 200 * THREADS);
            EXPECT(once_count, 1);
            EXPECT(destroyed, THREADS);
            _exit(faults);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
    }
    return end();
}
