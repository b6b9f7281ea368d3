/* Functions that are no cancellation points return although a cancellation is pending, with and without the younger
   system calls, and leave no descriptor open. */

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>

#include "check.h"

extern int getentropy(void *, size_t);
extern uint32_t arc4random(void);
extern void arc4random_buf(void *, size_t);
extern uint32_t arc4random_uniform(uint32_t);
extern void closefrom(int);
extern int close_range(unsigned, unsigned, int);
extern int scandirat(int, const char *, struct dirent ***, int (*)(const struct dirent *),
                     int (*)(const struct dirent **, const struct dirent **));
extern unsigned long getauxval(unsigned long);
extern int pidfd_getpid(int);

static unsigned char bytes[16];

static void call_sysconf(void)
{
    EXPECT_TRUE(sysconf(250) > 0); /* _SC_SIGSTKSZ */
}

static void call_getentropy(void)
{
    (void)getentropy(bytes, sizeof bytes); /* libc's own fails without the system call */
}

static void call_arc4random(void)
{
    arc4random();
    arc4random_buf(bytes, sizeof bytes);
    arc4random_uniform(10);
}

static void call_closefrom(void)
{
    closefrom(900);
    close_range(900, 910, 0);
}

static void call_scandirat(void)
{
    struct dirent **entries = 0;
    int count = scandirat(AT_FDCWD, "/proc/self", &entries, 0, 0);
    EXPECT_TRUE(count > 2);
    while (count > 0)
        free(entries[--count]);
    free(entries);
}

static void call_auxiliary(void)
{
    EXPECT_TRUE(getauxval(6) >= 4096); /* AT_PAGESZ */
    EXPECT(pidfd_getpid(0), -1);
}

static void (*const calls[])(void) = {call_sysconf,   call_getentropy, call_arc4random,
                                      call_closefrom, call_scandirat,  call_auxiliary};

static int returned;

static void *cancelled(void *call)
{
    pthread_cancel(pthread_self());
    ((void (*)(void))call)();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
    returned = 1;
    return 0;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1000; ++fd)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void all(void)
{
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; ++i) {
        pthread_t thread;
        int before = open_descriptors();
        returned = 0;
        EXPECT(pthread_create(&thread, 0, cancelled, (void *)calls[i]), 0);
        EXPECT(pthread_join(thread, 0), 0);
        if (!returned)
            EXPECT((int)i, -1); /* the number of the call that did not return */
        EXPECT(open_descriptors(), before);
    }
}

int main(int count, char **arguments)
{
    all();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_getrandom);
        without_system_call(SYS_close_range);
        all();
    }
    return faults;
}
