/* Threads are cancelled before or while they call functions that are no cancellation points: each call returns, and no
   descriptor stays open. Every system call that is younger than the functions' fallbacks is missing in half of the
   children. */

#include <pthread.h>
#include <stdint.h>

#include "attack.h"

extern int getentropy(void *, size_t);
extern uint32_t arc4random(void);
extern void closefrom(int);
extern unsigned long getauxval(unsigned long);
extern int pidfd_getpid(int);

static int returned;

static void *calls(void *unused)
{
    char bytes[16];
    for (int i = 0; i < 20; ++i) {
        sysconf(250); /* _SC_SIGSTKSZ */
        getentropy(bytes, sizeof bytes);
        arc4random();
        closefrom(900);
        getauxval(6);
        pidfd_getpid(0);
    }
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
    __atomic_add_fetch(&returned, 1, __ATOMIC_SEQ_CST);
    return unused;
}

static void *calls_cancelled(void *unused)
{
    pthread_cancel(pthread_self());
    return calls(unused);
}

int main(int count, char **arguments)
{
    begin(count, arguments);
    while (has_time()) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            if (getpid() % 2) {
                without_system_call(SYS_getrandom);
                without_system_call(SYS_close_range);
            }
            int before = open_descriptors();
            for (int i = 0; i < 50; ++i) {
                pthread_t threads[2];
                returned = 0;
                EXPECT(pthread_create(&threads[0], 0, calls_cancelled, 0), 0);
                EXPECT(pthread_create(&threads[1], 0, calls, 0), 0);
                pthread_cancel(threads[1]);
                EXPECT(pthread_join(threads[0], 0), 0);
                EXPECT(pthread_join(threads[1], 0), 0);
                EXPECT(returned, 2);
            }
            EXPECT(open_descriptors(), before);
            _exit(faults);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
        loops += 50;
    }
    return end();
}
