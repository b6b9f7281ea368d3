/* Descriptors are closed from some number on, by closefrom and close_range, with and without the system call, while a
   signal handler that closes and opens descriptors of its own interrupts every millisecond. */

#include <sys/time.h>

#include "attack.h"

extern void closefrom(int);
extern int close_range(unsigned, unsigned, int);

static volatile sig_atomic_t handled;

static void interrupt(int signal)
{
    (void)signal;
    int before = errno, fd = dup(2);
    if (fd >= 0)
        close(fd);
    ++handled;
    errno = before;
}

static void close_some(int by_range)
{
    int low = 20 + (int)draw(50), high = low + 50 + (int)draw(200);
    for (int fd = 20; fd < high; ++fd)
        EXPECT(dup2(2, fd), fd);
    errno = 77;
    if (by_range)
        EXPECT(close_range((unsigned)low, ~0u, 0), 0);
    else
        closefrom(low);
    if (!is_libcs_own(34)) /* libc's closefrom may change errno */
        EXPECT(errno, 77);
    for (int fd = 20; fd < high; ++fd)
        EXPECT(fcntl(fd, F_GETFD) >= 0, fd < low);
    for (int fd = 20; fd < low; ++fd)
        close(fd);
}

int main(int count, char **arguments)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    begin(count, arguments);
    EXPECT(sigaction(SIGPROF, &action, 0), 0);
    while (has_time()) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            int without = (int)draw(2);
            alarm(20);
            if (getpid() % 2) /* the system call is missing in every other child */
                without_system_call(SYS_close_range);
            int by_range = !(getpid() % 2 && is_libcs_own(34));
            setitimer(ITIMER_PROF, &often, 0);
            for (int i = 0; i < 50 && !faults; ++i)
                close_some(by_range && (i + without) % 2);
            setitimer(ITIMER_PROF, &never, 0);
            _exit(faults);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(status, 0);
        loops += 50;
    }
    return end();
}
