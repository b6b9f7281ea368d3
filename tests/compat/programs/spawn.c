/* posix_spawn with the actions and attributes that are younger than 2.12, and process descriptors of children.

   The program spawns itself: called as "child WHAT" it writes what it finds to descriptor 3, a pipe. */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check.h"

#define ME "/proc/self/exe"
#define SETSID 0x80
#define SETCGROUP 0x100
#define BY_PIDFD 3 /* P_PIDFD */

extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
extern int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *, int);
extern int pidfd_spawn(int *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                       char *const *, char *const *);
extern int pidfd_spawnp(int *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                        char *const *, char *const *);
extern int posix_spawnattr_setcgroup_np(posix_spawnattr_t *, int);
extern int posix_spawnattr_getcgroup_np(const posix_spawnattr_t *, int *);

/* The child's side. */

static int child(const char *what)
{
    char text[300];
    if (strcmp(what, "directory") == 0 && getcwd(text, sizeof text))
        dprintf(3, "%s", text);
    if (strcmp(what, "descriptors") == 0)
        for (int fd = 0; fd < 300; ++fd)
            if (fd != 3 && fcntl(fd, F_GETFD) >= 0)
                dprintf(3, "%d ", fd);
    if (strcmp(what, "text") == 0) {
        ssize_t size = read(5, text, sizeof text);
        dprintf(3, "%.*s", (int)(size > 0 ? size : 0), text);
    }
    if (strcmp(what, "session") == 0)
        dprintf(3, "%d%d", getsid(0) == getpid(), getpgrp() == getpid());
    if (strcmp(what, "signals") == 0) {
        sigset_t mask;
        struct sigaction action;
        sigprocmask(SIG_SETMASK, 0, &mask);
        for (int number = 1; number < 32; ++number) {
            sigaction(number, 0, &action);
            if (sigismember(&mask, number) || action.sa_handler != SIG_DFL)
                dprintf(3, "%d%s%s ", number, sigismember(&mask, number) ? "b" : "",
                        action.sa_handler == SIG_IGN ? "i" : "");
        }
    }
    if (strcmp(what, "environment") == 0)
        dprintf(3, "%s", getenv("WORD") ? getenv("WORD") : "none");
    if (strcmp(what, "wait") == 0)
        pause();
    return 7;
}

/* The parent's. */

static char *no_environment[] = {"WORD=given", 0};
static char said[600];

/* Spawns the program and takes what it writes; the error of the spawn function. */
static int spawned(const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr, const char *what)
{
    char *arguments[] = {"self", "child", (char *)what, 0};
    int ends[2], status = 0, length = 0;
    ssize_t size;
    pid_t pid = -5;
    said[0] = 0;
    EXPECT(pipe(ends), 0);
    int from = fcntl(ends[0], F_DUPFD_CLOEXEC, 600), to = fcntl(ends[1], F_DUPFD_CLOEXEC, 601);
    close(ends[0]);
    close(ends[1]);
    EXPECT(dup2(to, 3), 3);
    close(to);
    int error = posix_spawn(&pid, ME, actions, attr, arguments, no_environment);
    close(3);
    while ((size = read(from, said + length, sizeof said - 1 - (size_t)length)) > 0)
        length += (int)size;
    said[length] = 0;
    close(from);
    if (error) {
        EXPECT(pid, -5);
        EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);
    } else {
        EXPECT(waitpid(pid, &status, 0), pid);
        EXPECT(WEXITSTATUS(status), 7);
    }
    return error;
}

#define SAID(text)                                                                                                     \
    do {                                                                                                               \
        EXPECT(strcmp(said, text), 0);                                                                                 \
        if (strcmp(said, text) != 0)                                                                                   \
            printf("said: %s\n", said);                                                                                \
    } while (0)

static void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static char home[200], inner[300];

static void directories(void)
{
    posix_spawn_file_actions_t actions;
    char path[] = "inner";
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, path), 0);
    path[0] = 'x'; /* the path has been copied */
    errno = 77;
    EXPECT(spawned(&actions, 0, "directory"), 0);
    EXPECT(errno, 77);
    SAID(inner);
    EXPECT(spawned(&actions, 0, "environment"), 0);
    SAID("given");

    /* In the order of the list: the file is opened in one directory and the program runs in another. */
    EXPECT(posix_spawn_file_actions_addopen(&actions, 5, "file", O_RDONLY, 0), 0);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, ".."), 0);
    EXPECT(posix_spawn_file_actions_addopen(&actions, 6, "file", O_RDONLY, 0), 0);
    EXPECT(spawned(&actions, 0, "text"), 0);
    SAID("in");
    EXPECT(spawned(&actions, 0, "directory"), 0);
    SAID(home);
    EXPECT(posix_spawn_file_actions_adddup2(&actions, 6, 5), 0);
    EXPECT(posix_spawn_file_actions_addclose(&actions, 6), 0);
    EXPECT(spawned(&actions, 0, "text"), 0);
    SAID("out");
    EXPECT(posix_spawn_file_actions_addopen(&actions, 5, "made", O_RDWR | O_CREAT, 0640), 0);
    EXPECT(spawned(&actions, 0, "text"), 0);
    struct stat status;
    EXPECT(stat("made", &status), 0);
    EXPECT(status.st_mode & 0777, 0640);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "absent"), 0);
    EXPECT(spawned(&actions, 0, "directory"), ENOENT);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);

    int fd = open("inner", O_RDONLY | O_DIRECTORY | O_CLOEXEC), high = fcntl(fd, F_DUPFD, 20);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addfchdir_np(&actions, high), 0);
    EXPECT(spawned(&actions, 0, "directory"), 0);
    SAID(inner);
    EXPECT(posix_spawn_file_actions_addfchdir_np(&actions, 0), 0);
    close(0);
    open("file", O_RDONLY);
    EXPECT(spawned(&actions, 0, "directory"), ENOTDIR);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addfchdir_np(&actions, -1), 0);
    EXPECT(spawned(&actions, 0, "directory"), EBADF);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    close(fd);
    close(high);

    /* More than the list has room for at first. */
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    for (int i = 0; i < 50; ++i) {
        EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "inner"), 0);
        EXPECT(posix_spawn_file_actions_addchdir_np(&actions, ".."), 0);
    }
    EXPECT(spawned(&actions, 0, "directory"), 0);
    SAID(home);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
}

static void paths_are_copied(void)
{
    posix_spawn_file_actions_t actions;
    char *path = strdup("file");
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addopen(&actions, 5, path, O_RDONLY, 0), 0);
    memset(path, 'x', 4);
    free(path);
    EXPECT(posix_spawn_file_actions_addopen(&actions, -1, "file", O_RDONLY, 0), EBADF);
    EXPECT(spawned(&actions, 0, "text"), 0);
    SAID("out");
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
}

static void descriptors(void)
{
    posix_spawn_file_actions_t actions;
    for (int fd = 10; fd < 250; ++fd)
        EXPECT(dup2(2, fd), fd);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addclosefrom_np(&actions, -1), EBADF);
    EXPECT(posix_spawn_file_actions_adddup2(&actions, 2, 8), 0);
    EXPECT(posix_spawn_file_actions_addclosefrom_np(&actions, 12), 0);
    EXPECT(posix_spawn_file_actions_adddup2(&actions, 2, 40), 0);
    EXPECT(spawned(&actions, 0, "descriptors"), 0);
    SAID("0 1 2 8 10 11 40 ");
    EXPECT(posix_spawn_file_actions_addclosefrom_np(&actions, 4), 0);
    EXPECT(spawned(&actions, 0, "descriptors"), 0);
    SAID("0 1 2 ");
    /* To itself: stays open over exec. */
    fcntl(10, F_SETFD, FD_CLOEXEC);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_adddup2(&actions, 10, 10), 0);
    EXPECT(posix_spawn_file_actions_addclosefrom_np(&actions, 11), 0);
    EXPECT(spawned(&actions, 0, "descriptors"), 0);
    SAID("0 1 2 10 ");
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    for (int fd = 10; fd < 250; ++fd)
        close(fd);
}

static void handler(int number)
{
    (void)number;
}

static void attributes(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t set;
    short flags;
    struct sigaction action = {.sa_handler = handler}, ignore = {.sa_handler = SIG_IGN};
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "inner"), 0);
    EXPECT(posix_spawnattr_init(&attr), 0);
    EXPECT(posix_spawnattr_setflags(&attr, 0x4000), EINVAL);
    EXPECT(posix_spawnattr_setflags(&attr, SETSID), 0);
    EXPECT(posix_spawnattr_getflags(&attr, &flags), 0);
    EXPECT(flags, SETSID);
    EXPECT(spawned(&actions, &attr, "session"), 0);
    SAID("11");
    EXPECT(spawned(0, &attr, "session"), 0);
    SAID("11");
    EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_RESETIDS), 0);
    EXPECT(spawned(&actions, &attr, "session"), 0);
    SAID("01");
    EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP), 0);
    EXPECT(posix_spawnattr_setpgroup(&attr, 0x3ffffff0), 0);
    EXPECT(spawned(&actions, &attr, "session") != 0, 1);

    /* Handlers go, what is ignored stays, a mask is inherited; the attributes say otherwise. */
    EXPECT(sigaction(SIGUSR1, &action, 0), 0);
    EXPECT(sigaction(SIGUSR2, &ignore, 0), 0);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    EXPECT(pthread_sigmask(SIG_BLOCK, &set, 0), 0);
    EXPECT(spawned(&actions, 0, "signals"), 0);
    SAID("1b 12i ");
    EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK), 0);
    sigaddset(&set, SIGUSR2);
    EXPECT(posix_spawnattr_setsigdefault(&attr, &set), 0);
    sigaddset(&set, SIGTERM);
    EXPECT(posix_spawnattr_setsigmask(&attr, &set), 0);
    EXPECT(spawned(&actions, &attr, "signals"), 0);
    SAID("1b 12b 15b ");
    EXPECT(pthread_sigmask(SIG_SETMASK, 0, &set), 0);
    EXPECT(sigismember(&set, SIGHUP) && !sigismember(&set, SIGTERM), 1);
    sigemptyset(&set);
    EXPECT(pthread_sigmask(SIG_SETMASK, &set, 0), 0);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);

    struct sched_param parameters = {0};
    EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSCHEDULER), 0);
    EXPECT(posix_spawnattr_setschedpolicy(&attr, SCHED_OTHER), 0);
    EXPECT(posix_spawnattr_setschedparam(&attr, &parameters), 0);
    EXPECT(spawned(&actions, &attr, "directory"), 0);
    parameters.sched_priority = 1000;
    EXPECT(posix_spawnattr_setschedparam(&attr, &parameters), 0);
    EXPECT(spawned(&actions, &attr, "directory"), EINVAL);
    EXPECT(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSCHEDPARAM), 0);
    EXPECT(spawned(&actions, &attr, "directory"), EINVAL);

    int group = -7;
    EXPECT(posix_spawnattr_init(&attr), 0);
    EXPECT(posix_spawnattr_setcgroup_np(&attr, 123), 0);
    EXPECT(posix_spawnattr_getcgroup_np(&attr, &group), 0);
    EXPECT(group, 123);
    EXPECT(posix_spawnattr_setflags(&attr, SETCGROUP), 0);
    EXPECT(spawned(0, &attr, "directory"), EBADF);
    int fd = open("inner", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT(posix_spawnattr_setcgroup_np(&attr, fd), 0);
    EXPECT(spawned(0, &attr, "directory"), EBADF);
    close(fd);
    EXPECT(posix_spawnattr_destroy(&attr), 0);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
}

static void terminals(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char *arguments[] = {"self", "child", "wait", 0};
    int status = 0;
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addtcsetpgrp_np(&actions, -1), EBADF);
    int null = open("/dev/null", O_RDWR);
    EXPECT(posix_spawn_file_actions_addtcsetpgrp_np(&actions, null), 0);
    EXPECT(spawned(&actions, 0, "session"), ENOTTY);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    close(null);

    pid_t leader = fork();
    if (leader == 0) {
        pid_t pid;
        setsid();
        int master = posix_openpt(O_RDWR | O_NOCTTY), unlocked = 0, number = 0;
        char name[40];
        if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) != 0 || ioctl(master, TIOCGPTN, &number) != 0)
            _exit(50);
        snprintf(name, sizeof name, "/dev/pts/%d", number);
        int terminal = open(name, O_RDWR); /* now the session's own */
        EXPECT(tcgetpgrp(terminal), getpid());
        posix_spawn_file_actions_init(&actions);
        EXPECT(posix_spawn_file_actions_addtcsetpgrp_np(&actions, terminal), 0);
        posix_spawnattr_init(&attr);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
        EXPECT(posix_spawn(&pid, ME, &actions, &attr, arguments, no_environment), 0);
        EXPECT(tcgetpgrp(terminal), pid);
        EXPECT(kill(pid, SIGKILL), 0);
        EXPECT(waitpid(pid, &status, 0), pid);
        /* From the background as well. */
        EXPECT(posix_spawn(&pid, ME, &actions, &attr, arguments, no_environment), 0);
        EXPECT(tcgetpgrp(terminal), pid);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        signal(SIGHUP, SIG_IGN);
        _exit(faults);
    }
    EXPECT(waitpid(leader, &status, 0), leader);
    EXPECT(status, 0);
}

static void process_descriptors(void)
{
    posix_spawn_file_actions_t actions;
    char *waits[] = {"self", "child", "wait", 0}, *ends[] = {"self", "child", "nothing", 0};
    siginfo_t info;
    int fd = -5;
    errno = 77;
    EXPECT(pidfd_spawn(&fd, ME, 0, 0, waits, no_environment), 0);
    EXPECT(errno, 77);
    EXPECT_TRUE(fd > 2);
    EXPECT(fcntl(fd, F_GETFD), FD_CLOEXEC);
    struct pollfd poller = {fd, POLLIN, 0};
    EXPECT(poll(&poller, 1, 0), 0);
    EXPECT(syscall(SYS_pidfd_send_signal, fd, SIGKILL, (void *)0, 0), 0);
    EXPECT(poll(&poller, 1, 20000), 1);
    memset(&info, 0, sizeof info);
    EXPECT(waitid((idtype_t)BY_PIDFD, (id_t)fd, &info, WEXITED), 0);
    EXPECT(info.si_status, SIGKILL);
    close(fd);
    EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);

    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "inner"), 0);
    EXPECT(posix_spawn_file_actions_addclosefrom_np(&actions, 3), 0);
    EXPECT(pidfd_spawn(&fd, ME, &actions, 0, ends, no_environment), 0);
    EXPECT(waitid((idtype_t)BY_PIDFD, (id_t)fd, &info, WEXITED), 0);
    EXPECT(info.si_status, 7);
    close(fd);
    fd = -5;
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "absent"), 0);
    EXPECT(pidfd_spawn(&fd, ME, &actions, 0, ends, no_environment), ENOENT);
    EXPECT(fd, -5);
    EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);
    EXPECT(dup(2), 3); /* no descriptor is left over */
    close(3);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    EXPECT(pidfd_spawn(&fd, "absent", 0, 0, ends, no_environment), ENOENT);
}

static void searching(void)
{
    posix_spawn_file_actions_t actions;
    char *arguments[] = {"self", "child", "nothing", 0};
    char path[700];
    int fd = -5, status = 0;
    pid_t pid;
    EXPECT(symlink(ME, "inner/findme"), 0);
    write_file("denied", "not to be run");
    write_file("inner/text", "no program");
    EXPECT(chmod("inner/text", 0755), 0);
    snprintf(path, sizeof path, "/absent:%s:%s/denied:%s", home, home, inner);
    setenv("PATH", path, 1);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, "/"), 0);
    EXPECT(posix_spawnp(&pid, "findme", &actions, 0, arguments, no_environment), 0);
    EXPECT(waitpid(pid, &status, 0), pid);
    EXPECT(WEXITSTATUS(status), 7);
    EXPECT(posix_spawnp(&pid, "denied", &actions, 0, arguments, no_environment), EACCES);
    EXPECT(posix_spawnp(&pid, "nowhere", &actions, 0, arguments, no_environment), ENOENT);
    EXPECT(posix_spawnp(&pid, "", &actions, 0, arguments, no_environment), ENOENT);
    EXPECT(posix_spawnp(&pid, "text", &actions, 0, arguments, no_environment), ENOEXEC);
    EXPECT(posix_spawn(&pid, "findme", &actions, 0, arguments, no_environment), ENOENT);
    EXPECT(posix_spawnp(&pid, "./findme", &actions, 0, arguments, no_environment), ENOENT);
    EXPECT(pidfd_spawnp(&fd, "findme", &actions, 0, arguments, no_environment), 0);
    siginfo_t info;
    EXPECT(waitid((idtype_t)BY_PIDFD, (id_t)fd, &info, WEXITED), 0);
    EXPECT(info.si_status, 7);
    close(fd);
    EXPECT(posix_spawn_file_actions_addchdir_np(&actions, inner), 0);
    EXPECT(posix_spawnp(&pid, "./findme", &actions, 0, arguments, no_environment), 0);
    EXPECT(waitpid(pid, &status, 0), pid);
    setenv("PATH", ":/absent", 1); /* an empty element is the current directory */
    EXPECT(posix_spawnp(&pid, "findme", &actions, 0, arguments, no_environment), 0);
    EXPECT(waitpid(pid, &status, 0), pid);
    unsetenv("PATH");
    EXPECT(posix_spawnp(&pid, "findme", &actions, 0, arguments, no_environment), ENOENT);
    EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
}

/* Without anything young as well: the parent is told, and no child is left to wait for. */
static void errors(void)
{
    char *arguments[] = {"self", "child", "nothing", 0};
    posix_spawn_file_actions_t actions;
    pid_t pid = -5;
    int status = 0;
    EXPECT(posix_spawn(&pid, "/absent", 0, 0, arguments, no_environment), ENOENT);
    EXPECT(posix_spawn(&pid, "/tmp", 0, 0, arguments, no_environment), EACCES);
    EXPECT(posix_spawn_file_actions_init(&actions), 0);
    EXPECT(posix_spawn_file_actions_addopen(&actions, 5, "absent", O_RDONLY, 0), 0);
    EXPECT(posix_spawn(&pid, ME, &actions, 0, arguments, no_environment), ENOENT);
    EXPECT(posix_spawn_file_actions_destroy(&actions), 0);
    EXPECT(pid, -5);
    EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);
    EXPECT(posix_spawn(0, ME, 0, 0, arguments, no_environment), 0);
    EXPECT_TRUE(waitpid(-1, &status, 0) > 0);
    EXPECT(WEXITSTATUS(status), 7);
}

/* Signals that reach the process while children are made are handled by it alone, in its own memory. */

static pid_t myself;
static volatile int stray, stop;

static void note(int number)
{
    (void)number;
    if (syscall(SYS_getpid) != myself)
        stray = 1;
}

static void *send_signals(void *unused)
{
    while (!stop)
        kill(0, SIGUSR1); /* to the group, so to the children as well */
    return unused;
}

static void *spawn_often(void *unused)
{
    char *arguments[] = {"self", "child", "nothing", 0};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t blocked;
    int status = 0;
    pid_t pid;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK); /* or the signals would end the child's program */
    posix_spawnattr_setsigmask(&attr, &blocked);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, "inner");
    for (int i = 0; i < 30; ++i) {
        EXPECT(posix_spawn(&pid, ME, &actions, &attr, arguments, no_environment), 0);
        EXPECT(waitpid(pid, &status, 0), pid);
        EXPECT(WEXITSTATUS(status), 7);
    }
    posix_spawn_file_actions_destroy(&actions);
    return unused;
}

static void threads_and_signals(void)
{
    pthread_t sender, spawners[3];
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    setpgid(0, 0); /* a session's leader has a group of its own already */
    myself = getpid();
    EXPECT(sigaction(SIGUSR1, &action, 0), 0);
    EXPECT(pthread_create(&sender, 0, send_signals, 0), 0);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_create(&spawners[i], 0, spawn_often, 0), 0);
    for (int i = 0; i < 3; ++i)
        EXPECT(pthread_join(spawners[i], 0), 0);
    stop = 1;
    EXPECT(pthread_join(sender, 0), 0);
    EXPECT(stray, 0);
    signal(SIGUSR1, SIG_DFL);
}

/* The spawn functions are no cancellation points, in the parent or in the child. */
static void *with_cancellation_pending(void *result)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, "inner");
    posix_spawn_file_actions_addopen(&actions, 5, "file", O_RDONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 6);
    pthread_cancel(pthread_self());
    char *arguments[] = {"self", "child", "nothing", 0};
    int *pid_and_fd = result;
    if (posix_spawn(&pid_and_fd[0], ME, &actions, 0, arguments, no_environment) != 0)
        pid_and_fd[0] = -1;
    if (pidfd_spawn(&pid_and_fd[1], ME, &actions, 0, arguments, no_environment) != 0)
        pid_and_fd[1] = -1;
    pid_and_fd[2] = 1;
    pthread_testcancel();
    pid_and_fd[2] = 2;
    return 0;
}

static void cancellation(void)
{
    pthread_t thread;
    int result[3] = {-1, -1, 0}, status = 0;
    void *end = 0;
    siginfo_t info;
    EXPECT(pthread_create(&thread, 0, with_cancellation_pending, result), 0);
    EXPECT(pthread_join(thread, &end), 0);
    EXPECT_TRUE(end == PTHREAD_CANCELED && result[2] == 1);
    EXPECT(waitpid(result[0], &status, 0), result[0]);
    EXPECT(WEXITSTATUS(status), 7);
    EXPECT(waitid((idtype_t)BY_PIDFD, (id_t)result[1], &info, WEXITED), 0);
    EXPECT(info.si_status, 7);
    close(result[1]);
}

static void all(void)
{
    directories();
    paths_are_copied();
    descriptors();
    errors();
    attributes();
    process_descriptors();
    cancellation();
    threads_and_signals();
}

int main(int count, char **arguments)
{
    if (count == 3 && strcmp(arguments[1], "child") == 0)
        return child(arguments[2]);
    close(3);
    snprintf(home, sizeof home, "/tmp/spawn.XXXXXX");
    EXPECT_TRUE(mkdtemp(home));
    snprintf(inner, sizeof inner, "%s/inner", home);
    EXPECT(chdir(home), 0);
    EXPECT(mkdir("inner", 0700), 0);
    write_file("file", "out");
    write_file("inner/file", "in");
    all();
    terminals();
    searching();
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_close_range);
        descriptors();
        if (running_minor() < 34) { /* libc's own posix_spawn needs /proc for this action */
            int status = 0;
            pid_t child = fork();
            if (child == 0) {
                without_system_call(SYS_gettid); /* as good as a /proc that has other numbers for threads */
                descriptors();
                _exit(faults);
            }
            EXPECT(waitpid(child, &status, 0), child);
            EXPECT(status, 0);
        }
    }
    if (fallbacks(count, arguments) && running_minor() < 39) { /* later ones do these by clone3 themselves */
        posix_spawnattr_t attr;
        write_file("inner/cgroup.procs", ""); /* plays the control group's list */
        int fd = open("inner", O_RDONLY | O_DIRECTORY), group = fcntl(fd, F_DUPFD_CLOEXEC, 20);
        struct stat status;
        close(fd);
        posix_spawnattr_init(&attr);
        EXPECT(posix_spawnattr_setflags(&attr, SETCGROUP), 0);
        EXPECT(posix_spawnattr_setcgroup_np(&attr, group), 0);
        EXPECT(spawned(0, &attr, "directory"), 0);
        EXPECT(stat("inner/cgroup.procs", &status), 0);
        EXPECT(status.st_size, 1);
        close(group);
        without_system_call(SYS_pidfd_open);
        fd = -5;
        EXPECT(pidfd_spawn(&fd, ME, 0, 0, arguments, no_environment), ENOSYS);
        EXPECT(fd, -5);
        EXPECT_ERROR(waitpid(-1, 0, 0), ECHILD);
    }
    return faults;
}
