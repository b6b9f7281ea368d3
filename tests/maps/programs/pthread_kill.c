/* Says what pthread_kill gives for a thread that has ended and is not joined yet. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile pid_t kernel_id;

static void *body(void *unused)
{
    kernel_id = (pid_t)syscall(SYS_gettid);
    return unused;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL))
        return 2;
    while (!kernel_id || syscall(SYS_tgkill, getpid(), kernel_id, 0) == 0)
        sched_yield();
    int status = pthread_kill(thread, 0);
    puts(status == 0 ? "0" : status == ESRCH ? "ESRCH" : "other");
    return pthread_join(thread, NULL);
}
