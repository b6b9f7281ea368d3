/* Runs a behaviour program in a circumstance: `program CIRCUMSTANCE ARGUMENT...`.

   A wrapper includes the program, with its main renamed to program_main, and then this file. Without a known
   circumstance the program runs as it is (some programs start themselves again). */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int harness_count;
static char **harness_arguments;

static int run_program(void)
{
    return ((int (*)(int, char **))program_main)(harness_count, harness_arguments);
}

/* cancel: the program runs in a thread whose cancellation is pending, and returns. */
static void *run_cancelled(void *status)
{
    pthread_cancel(pthread_self());
    *(int *)status = run_program();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
    return status;
}

static __attribute__((unused)) int in_cancelled_thread(void)
{
    int status = 1;
    pthread_t thread;
    void *returned = 0;
    if (pthread_create(&thread, 0, run_cancelled, &status) != 0 || pthread_join(thread, &returned) != 0)
        return 1;
    if (returned != &status)
        puts("cancelled: the program did not return");
    return returned == &status ? status : 1;
}

/* fork: the program runs in a child of a process whose other threads allocate memory and write to a stream. */
static volatile int harness_stop;

static void *keep_busy(void *unused)
{
    FILE *stream = fopen("/dev/null", "we");
    while (!harness_stop) {
        void *block = malloc(1000);
        if (stream)
            fprintf(stream, "%p", block);
        free(block);
    }
    if (stream)
        fclose(stream);
    return unused;
}

static __attribute__((unused)) int in_forked_child(void)
{
    pthread_t threads[3];
    int status = 1, result = 0;
    for (int i = 0; i < 3; ++i)
        if (pthread_create(&threads[i], 0, keep_busy, 0) != 0)
            return 1;
    pid_t child = fork();
    if (child == 0) {
        alarm(50);
        int failed = run_program();
        fflush(stdout);
        _exit(failed);
    }
    if (waitpid(child, &status, 0) != child || status != 0) {
        printf("forked: the child ended with status %#x\n", (unsigned)status);
        result = 1;
    }
    harness_stop = 1;
    for (int i = 0; i < 3; ++i)
        pthread_join(threads[i], 0);
    return result;
}

/* signal: the program runs in a handler that interrupts another run of the program. */
static volatile sig_atomic_t handled_runs, handler_failed;

static void run_in_handler(int signal)
{
    int before = errno;
    (void)signal;
    handler_failed |= run_program();
    ++handled_runs;
    errno = before;
}

static __attribute__((unused)) int in_handler(void)
{
    struct sigaction action;
    struct itimerval soon = {{0, 0}, {0, 300}};
    int failed = 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = run_in_handler;
    if (sigaction(SIGALRM, &action, 0) != 0)
        return 1;
    for (int before = 0; before < 30; before = handled_runs) {
        if (setitimer(ITIMER_REAL, &soon, 0) != 0)
            return 1;
        while (handled_runs == before)
            failed |= run_program();
    }
    return failed || handler_failed;
}

#ifdef LIBRARY
#ifdef __cplusplus
#define EXTERN extern "C"
#else
#define EXTERN
#endif
EXTERN int run_in_library(int count, char **arguments) __attribute__((visibility("default")));

EXTERN int run_in_library(int count, char **arguments)
{
    harness_count = count;
    harness_arguments = arguments;
    return run_program();
}
#else
int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } circumstances[] = {{"cancel", in_cancelled_thread}, {"fork", in_forked_child}, {"signal", in_handler}};
    harness_count = count;
    harness_arguments = arguments;
    for (unsigned i = 0; count > 1 && i < sizeof circumstances / sizeof *circumstances; ++i)
        if (strcmp(arguments[1], circumstances[i].name) == 0) {
            arguments[1] = arguments[0];
            --harness_count;
            ++harness_arguments;
            return circumstances[i].run();
        }
    return run_program();
}
#endif
