/* posix_spawn with the additions since 2.12: it returns the errors of the child (2.24); POSIX_SPAWN_SETSID (2.26);
   actions to change the directory (2.29), to close all descriptors from a number on (2.34), to take the terminal
   (2.35); control groups and process descriptors (2.39).

   spawnlist.h describes how an older libc's list stores new actions. posix_spawn and posix_spawnp wrap the older
   functions of these names. They call them unless the running libc does not support an action or flag, or does not
   return the child's errors. Only then this file makes the child: with vfork, with all signals blocked, and with direct
   system calls only. So the child neither runs a signal handler in the parent's memory, nor takes a lock, nor acts on a
   cancellation. The parent waits until the child runs another program or has ended, and returns the child's error.

   The child opens its own process descriptor and sends it through a socket. So the descriptor cannot name another
   process, whatever processes other threads wait for. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "closing.h"
#include "compat.h"
#include "numbers.h"
#include "running.h"
#include "runningrelease.h"
#include "spawnlist.h"

COMPAT_PLAIN(int, posix_spawn_file_actions_addopen, (posix_spawn_file_actions_t *, int, const char *, int, mode_t));
extern __attribute__((returns_twice)) pid_t plain_vfork(void) __asm__("vfork");

#define SETSID 0x80     /* POSIX_SPAWN_SETSID */
#define SETCGROUP 0x100 /* POSIX_SPAWN_SETCGROUP */
#define ALL_FLAGS 0x1ff

#define ERRORS_SINCE 24 /* before, a child that could not run a program ended with 127, and the parent got no error */
#define SETSID_SINCE 26
#define ALL_SINCE 39 /* from here on libc's functions support everything that these do */

#define EVERY_SIGNAL (_NSIG / 8) /* size of the kernel's signal set */

typedef posix_spawn_file_actions_t file_actions;
typedef posix_spawnattr_t attributes;

/* The descriptor of the control group: an int after the policy, in bytes that were padding before 2.39. */
static int *cgroup_of(const attributes *attr)
{
    return (int *)((char *)attr + offsetof(attributes, __policy) + sizeof attr->__policy);
}

struct plan {
    const char *file, *search_path; /* the latter is NULL if the file is not searched for */
    char *const *arguments, *const *environment;
    const file_actions *actions;
    const attributes *attr;
    sigset_t before;
    int pidfd_channel[2]; /* -1 if no process descriptor is requested */
    volatile int error;   /* of the child */
};

/* The following functions run in the child, in the parent's memory. */

static __attribute__((noreturn)) void give_up(struct plan *plan, int error)
{
    plan->error = error ? error : ECHILD;
    for (;;)
        plain_syscall(SYS_exit_group, 127);
}

static int set_directory(const char *path)
{
    return (int)plain_syscall(SYS_chdir, path);
}

static int open_as(int fd, const char *path, int flags, unsigned mode)
{
    plain_syscall(SYS_close, fd);
    int got = (int)plain_syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
    if (got < 0 || got == fd)
        return got;
    int result = (int)plain_syscall(SYS_dup3, got, fd, 0);
    plain_syscall(SYS_close, got);
    return result;
}

/* Equal numbers are not an error: the descriptor then stays open over exec, as in 2.29. */
static int duplicate(int fd, int new_fd)
{
    if (fd != new_fd)
        return (int)plain_syscall(SYS_dup3, fd, new_fd, 0);
    long flags = plain_syscall(SYS_fcntl, fd, F_GETFD);
    return flags < 0 ? -1 : (int)plain_syscall(SYS_fcntl, fd, F_SETFD, flags & ~FD_CLOEXEC);
}

static int close_from(int first)
{
    struct range range = {first, INT_MAX, 0};
    if (plain_syscall(SYS_close_range, (unsigned)first, ~0u, 0) != 0)
        close_or_mark_all(&range);
    return 0;
}

/* A background process would get SIGTTOU; it is blocked here. */
static int take_terminal(int fd)
{
    int group = (int)plain_syscall(SYS_getpgid, 0);
    return (int)plain_syscall(SYS_ioctl, fd, TIOCSPGRP, &group);
}

static int same_text(const char *a, const char *b)
{
    for (; *a == *b; ++a, ++b)
        if (*a == 0)
            return 1;
    return 0;
}

/* The rest of `text` after `beginning`, or NULL if it does not begin so. */
static const char *behind(const char *text, const char *beginning)
{
    while (*beginning)
        if (*text++ != *beginning++)
            return 0;
    return text;
}

static int open_or_placeholder(const struct action *action)
{
    int fd = action->of.open.fd;
    const char *path = action->of.open.path;
    const char *directory = behind(path, PLACEHOLDER_CHDIR);
    if (directory)
        return set_directory(directory);
    if (same_text(path, PLACEHOLDER_FCHDIR))
        return (int)plain_syscall(SYS_fchdir, action->of.open.flags);
    if (same_text(path, PLACEHOLDER_CLOSEFROM))
        return close_from(fd);
    if (same_text(path, PLACEHOLDER_TCSETPGRP))
        return take_terminal(fd);
    return open_as(fd, path, action->of.open.flags, action->of.open.mode);
}

static int carry_out(const struct action *action)
{
    switch (action->kind) {
    case CLOSE:
        plain_syscall(SYS_close, action->of.numbers.fd);
        return 0;
    case DUP2:
        return duplicate(action->of.numbers.fd, action->of.numbers.new_fd);
    case OPEN:
        return open_or_placeholder(action);
    case CHDIR:
        return set_directory(action->of.path);
    case FCHDIR:
        return (int)plain_syscall(SYS_fchdir, action->of.numbers.fd);
    case CLOSEFROM:
        return close_from(action->of.numbers.fd);
    case TCSETPGRP:
        return take_terminal(action->of.numbers.fd);
    default:
        errno = EINVAL;
        return -1;
    }
}

/* The process enters the control group before it does anything else. "0" means the process that writes it. */
static int enter_cgroup(int group)
{
    int file = (int)plain_syscall(SYS_openat, group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        if (errno == ENOENT || errno == ENOTDIR) /* not a control group: the error that clone3 would return */
            errno = EBADF;
        return -1;
    }
    long written = plain_syscall(SYS_write, file, "0", (size_t)1);
    int error = errno;
    plain_syscall(SYS_close, file);
    errno = error;
    return written == 1 ? 0 : -1;
}

union one_descriptor { /* a control message with the required alignment */
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static int send_own_descriptor(const int channel[2])
{
    union one_descriptor control;
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int self = (int)plain_syscall(SYS_pidfd_open, (int)plain_syscall(SYS_getpid), 0);
    if (self < 0)
        return -1;
    __builtin_memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    __builtin_memcpy(CMSG_DATA(&control.header), &self, sizeof self);
    long sent = plain_syscall(SYS_sendmsg, channel[1], &message, 0);
    int error = errno;
    plain_syscall(SYS_close, self);
    plain_syscall(SYS_close, channel[0]);
    plain_syscall(SYS_close, channel[1]);
    errno = error;
    return sent == 1 ? 0 : -1;
}

/* A handler is code of the parent's program, so signals with a handler get the default action. libc refuses to change
   its two internal signals; their handlers check the sender. */
static void reset_signals(const attributes *attr, int flags)
{
    struct sigaction as_usual;
    __builtin_memset(&as_usual, 0, sizeof as_usual);
    as_usual.sa_handler = SIG_DFL;
    for (int number = 1; number < _NSIG; ++number) {
        struct sigaction now;
        if ((flags & POSIX_SPAWN_SETSIGDEF) && sigismember(&attr->__sd, number) == 1) {
            sigaction(number, &as_usual, 0);
            continue;
        }
        if (sigaction(number, 0, &now) == 0 && now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN)
            sigaction(number, &as_usual, 0);
    }
}

static int set_ids(void)
{
#ifdef SYS_setresgid32
    return plain_syscall(SYS_setresgid32, -1L, (long)getgid(), -1L) != 0
                   || plain_syscall(SYS_setresuid32, -1L, (long)getuid(), -1L) != 0
               ? -1
               : 0;
#else
    return plain_syscall(SYS_setresgid, -1L, (long)getgid(), -1L) != 0
                   || plain_syscall(SYS_setresuid, -1L, (long)getuid(), -1L) != 0
               ? -1
               : 0;
#endif
}

static int apply(const attributes *attr, int flags)
{
    if ((flags & SETCGROUP) && enter_cgroup(*cgroup_of(attr)) != 0)
        return -1;
    if (flags & POSIX_SPAWN_SETSCHEDULER) {
        if (plain_syscall(SYS_sched_setscheduler, 0, attr->__policy, &attr->__sp) != 0)
            return -1;
    } else if ((flags & POSIX_SPAWN_SETSCHEDPARAM) && plain_syscall(SYS_sched_setparam, 0, &attr->__sp) != 0)
        return -1;
    if ((flags & SETSID) && plain_syscall(SYS_setsid) < 0)
        return -1;
    if ((flags & POSIX_SPAWN_SETPGROUP) && plain_syscall(SYS_setpgid, 0, attr->__pgrp) != 0)
        return -1;
    return (flags & POSIX_SPAWN_RESETIDS) ? set_ids() : 0;
}

/* True if another directory of the search path may have the program. */
static int may_be_elsewhere(int error)
{
    return error == EACCES || error == ENOENT || error == ENOTDIR || error == ESTALE || error == ENODEV
           || error == ETIMEDOUT || error == ENAMETOOLONG;
}

/* Returns only if no program could be run, with the error. */
static int search_and_run(const struct plan *plan)
{
    char path[PATH_MAX + NAME_MAX + 2];
    const char *directory = plan->search_path;
    size_t name = __builtin_strlen(plan->file) + 1;
    int error = ENOENT, denied = 0;
    if (name > NAME_MAX + 1)
        return ENAMETOOLONG;
    for (;;) {
        size_t length = 0;
        while (directory[length] && directory[length] != ':')
            ++length;
        if (length < PATH_MAX) {
            __builtin_memcpy(path, directory, length);
            path[length] = '/';
            __builtin_memcpy(path + length + (length > 0), plan->file, name);
            execve(path, plan->arguments, plan->environment);
            error = errno;
            denied |= error == EACCES;
            if (!may_be_elsewhere(error))
                return error;
        }
        if (!directory[length])
            return denied ? EACCES : error;
        directory += length + 1;
    }
}

static __attribute__((noreturn, noinline)) void run_child(struct plan *plan)
{
    int flags = plan->attr ? plan->attr->__flags : 0;
    if (plan->pidfd_channel[1] >= 0 && send_own_descriptor(plan->pidfd_channel) != 0)
        give_up(plan, errno);
    reset_signals(plan->attr, flags);
    if (plan->attr && apply(plan->attr, flags) != 0)
        give_up(plan, errno);
    for (int i = 0; plan->actions && i < plan->actions->__used; ++i)
        if (carry_out(&actions_of(plan->actions)[i]) < 0)
            give_up(plan, errno);
    plain_syscall(SYS_rt_sigprocmask, SIG_SETMASK,
                  (flags & POSIX_SPAWN_SETSIGMASK) ? &plan->attr->__ss : &plan->before, (void *)0,
                  (size_t)EVERY_SIGNAL);
    if (plan->search_path)
        give_up(plan, search_and_run(plan));
    execve(plan->file, plan->arguments, plan->environment);
    give_up(plan, errno);
}

/* The parent's part is a separate function because the child must not return from the function that called vfork. */
static __attribute__((noinline)) int launch(struct plan *plan, pid_t *pid)
{
    sigset_t all;
    __builtin_memset(&all, 0xff, sizeof all);
    plan->error = 0;
    plain_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &plan->before, (size_t)EVERY_SIGNAL);
    pid_t child = plain_vfork();
    if (child == 0)
        run_child(plan);
    int error = child < 0 ? errno : plan->error;
    if (child > 0 && error)
        while (plain_syscall(SYS_wait4, child, (void *)0, 0, (void *)0) < 0 && errno == EINTR)
            continue;
    plain_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &plan->before, (void *)0, (size_t)EVERY_SIGNAL);
    if (!error)
        *pid = child;
    return error;
}

static int spawn(pid_t *pid, int *pidfd, const char *file, const file_actions *actions, const attributes *attr,
                 char *const *arguments, char *const *environment, int search)
{
    struct plan plan = {.file = file, .arguments = arguments, .environment = environment, .actions = actions,
                        .attr = attr, .pidfd_channel = {-1, -1}};
    int before = errno;
    pid_t child = -1;
    if (search && *file == 0)
        return ENOENT;
    if (search && !strchr(file, '/')) {
        plan.search_path = getenv("PATH");
        if (!plan.search_path)
            plan.search_path = "/bin:/usr/bin"; /* the value of confstr(_CS_PATH) */
    }
    if (pidfd && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plan.pidfd_channel) != 0) {
        int error = errno;
        errno = before;
        return error;
    }
    int error = launch(&plan, &child);
    if (pidfd) {
        union one_descriptor control;
        char byte;
        struct iovec data = {&byte, 1};
        struct msghdr message = {
            .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        int got = -1;
        plain_syscall(SYS_close, plan.pidfd_channel[1]);
        if (plain_syscall(SYS_recvmsg, plan.pidfd_channel[0], &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) == 1
            && message.msg_controllen >= CMSG_LEN(sizeof(int)))
            __builtin_memcpy(&got, CMSG_DATA(&control.header), sizeof got);
        plain_syscall(SYS_close, plan.pidfd_channel[0]);
        if (!error && got < 0)
            error = EMFILE; /* the descriptor table is full; the child continues to run, as after any fork */
        if (!error)
            *pidfd = got;
        else if (got >= 0)
            plain_syscall(SYS_close, got);
    }
    if (!error && pid)
        *pid = child;
    errno = before;
    return error;
}

#ifdef SYMVER_PIN_OLD_posix_spawn

/* True if posix_spawn of the running libc would ignore an action, a flag or an error. */
static int needs_own_child(const file_actions *actions, const attributes *attr)
{
    int minor = running_minor();
    if (minor >= ALL_SINCE)
        return 0;
    if (minor < ERRORS_SINCE)
        return 1;
    if (attr && ((attr->__flags & SETCGROUP) || ((attr->__flags & SETSID) && minor < SETSID_SINCE)))
        return 1;
    for (int i = 0; actions && i < actions->__used; ++i) {
        const struct action *action = &actions_of(actions)[i];
        if (action->kind == OPEN && behind(action->of.open.path, PLACEHOLDER))
            return 1;
    }
    return 0;
}

#define SPAWN(symbol, version, search)                                                                                 \
    COMPAT_OLD(int, symbol, version,                                                                                   \
               (pid_t *, const char *, const file_actions *, const attributes *, char *const *, char *const *));       \
    COMPAT_DEFINE(int, symbol,                                                                                         \
                  (pid_t * pid, const char *file, const file_actions *actions, const attributes *attr,                 \
                   char *const *arguments, char *const *environment))                                                  \
    {                                                                                                                  \
        if (needs_own_child(actions, attr))                                                                            \
            return spawn(pid, 0, file, actions, attr, arguments, environment, search);                                 \
        return old_##symbol(pid, file, actions, attr, arguments, environment);                                         \
    }

SPAWN(posix_spawn, SYMVER_PIN_OLD_posix_spawn, 0)
SPAWN(posix_spawnp, SYMVER_PIN_OLD_posix_spawnp, 1)

/* A libc that rejects a flag does not support it. The flag is set nevertheless, because then posix_spawn above makes
   the child itself. */
COMPAT_OLD(int, posix_spawnattr_setflags, SYMVER_PIN_OLD_posix_spawnattr_setflags, (attributes *, short));
COMPAT_DEFINE(int, posix_spawnattr_setflags, (attributes * attr, short flags))
{
    int error = old_posix_spawnattr_setflags(attr, flags);
    if (error == EINVAL && !(flags & ~ALL_FLAGS)) {
        attr->__flags = flags;
        return 0;
    }
    return error;
}

#endif

#define PIDFD_SPAWN(symbol, search)                                                                                    \
    COMPAT_DEFINE(int, symbol,                                                                                         \
                  (int *pidfd, const char *file, const file_actions *actions, const attributes *attr,                  \
                   char *const *arguments, char *const *environment))                                                  \
    {                                                                                                                  \
        static void *real;                                                                                             \
        int (*running)(int *, const char *, const file_actions *, const attributes *, char *const *, char *const *) =  \
            COMPAT_RUNNING(real, #symbol);                                                                             \
        if (running)                                                                                                   \
            return running(pidfd, file, actions, attr, arguments, environment);                                        \
        return spawn(0, pidfd, file, actions, attr, arguments, environment, search);                                   \
    }

PIDFD_SPAWN(pidfd_spawn, 0)
PIDFD_SPAWN(pidfd_spawnp, 1)

COMPAT_DEFINE(int, posix_spawnattr_setcgroup_np, (attributes * attr, int group))
{
    *cgroup_of(attr) = group;
    return 0;
}

COMPAT_DEFINE(int, posix_spawnattr_getcgroup_np, (const attributes *attr, int *group))
{
    *group = *cgroup_of(attr);
    return 0;
}

COMPAT_DEFINE(int, posix_spawn_file_actions_addchdir_np, (file_actions * actions, const char *path))
{
    static void *real;
    int (*running)(file_actions *, const char *) = COMPAT_RUNNING(real, "posix_spawn_file_actions_addchdir_np");
    if (running)
        return running(actions, path);
    size_t length = strlen(path);
    char *text = malloc(sizeof PLACEHOLDER_CHDIR + length);
    if (!text)
        return ENOMEM;
    __builtin_memcpy(text, PLACEHOLDER_CHDIR, sizeof PLACEHOLDER_CHDIR - 1);
    __builtin_memcpy(text + sizeof PLACEHOLDER_CHDIR - 1, path, length + 1);
    int error = plain_posix_spawn_file_actions_addopen(actions, 0, text, O_RDONLY, 0);
    free(text);
    return error;
}

/* addopen rejects a number that cannot be a descriptor. The functions that add these actions do the same, except the
   one for fchdir. */
#define ADD_FOR_DESCRIPTOR(symbol, name, first, second)                                                                \
    COMPAT_DEFINE(int, symbol, (file_actions * actions, int fd))                                                       \
    {                                                                                                                  \
        static void *real;                                                                                             \
        int (*running)(file_actions *, int) = COMPAT_RUNNING(real, #symbol);                                           \
        return running ? running(actions, fd)                                                                          \
                       : plain_posix_spawn_file_actions_addopen(actions, first, name, second, 0);                      \
    }

ADD_FOR_DESCRIPTOR(posix_spawn_file_actions_addfchdir_np, PLACEHOLDER_FCHDIR, 0, fd)
ADD_FOR_DESCRIPTOR(posix_spawn_file_actions_addclosefrom_np, PLACEHOLDER_CLOSEFROM, fd, O_RDONLY)
ADD_FOR_DESCRIPTOR(posix_spawn_file_actions_addtcsetpgrp_np, PLACEHOLDER_TCSETPGRP, fd, O_RDONLY)
