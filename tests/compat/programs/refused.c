/* Every member that makes a system call, while the kernel answers that call with ENOSYS, as an old one does, or with
   EPERM, as some containers do: the member fails with the documented error, or does without the call. */

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/uio.h>

#include "calls.h"
#include "check.h"

DECLARE(uint32_t, arc4random, (void));
DECLARE(void, arc4random_buf, (void *, size_t));
DECLARE(uint32_t, arc4random_uniform, (uint32_t));
DECLARE(int, pidfd_spawn, (int *, const char *, const void *, const void *, char *const *, char *const *));
DECLARE(int, pidfd_spawnp, (int *, const char *, const void *, const void *, char *const *, char *const *));
DECLARE(int, posix_spawn_file_actions_addclosefrom_np, (void *, int));

static char room[4096] __attribute__((aligned(4096)));
static char *const none[] = {0};

static int refusing; /* the error with which the kernel answers */

/* The call in a child for which the kernel refuses one system call. `expected` is the error with which the call fails,
   or 0 if it succeeds. */
#define REFUSED(number, call, expected)                                                                                \
    do {                                                                                                               \
        int status = 0, wanted = (expected);                                                                           \
        pid_t child = fork();                                                                                          \
        if (child == 0) {                                                                                              \
            answered_system_call(number, refusing);                                                                    \
            errno = 0;                                                                                                 \
            long result = (long)(call);                                                                                \
            EXPECT(wanted ? errno : 0, wanted);                                                                        \
            EXPECT(result < 0, wanted != 0);                                                                           \
            if (faults)                                                                                                \
                puts(#call);                                                                                           \
            fflush(stdout);                                                                                            \
            _exit(faults);                                                                                             \
        }                                                                                                              \
        EXPECT(waitpid(child, &status, 0), child);                                                                     \
        EXPECT(status, 0);                                                                                             \
    } while (0)

/* Members without another way. */
#define FAILS(number, call) REFUSED(number, call, refusing)
/* Members that do without a call that the kernel does not know. */
#define MANAGES(number, call) REFUSED(number, call, refusing == ENOSYS ? 0 : refusing)

static void files(void)
{
    int in = open("in", O_CREAT | O_TRUNC | O_RDWR, 0600), out = open("out", O_CREAT | O_TRUNC | O_RDWR, 0600);
    struct iovec vector = {room, 1};
    EXPECT(write(in, "abc", 3), 3);
    lseek(in, 0, SEEK_SET);
    FAILS(SYS_memfd_create, call_memfd_create("name", 0));
    FAILS(SYS_getdents64, call_getdents64(in, room, sizeof room));
    REFUSED(SYS_renameat2, call_renameat2(AT_FDCWD, "in", AT_FDCWD, "out", 1), refusing == ENOSYS ? EINVAL : refusing);
    MANAGES(SYS_statx, call_statx(AT_FDCWD, "in", 0, 0x7ff, room));
    if (!is_libcs_own(27) || running_minor() < 30)
        MANAGES(SYS_copy_file_range, call_copy_file_range(in, 0, out, 0, 3, 0));
    else
        FAILS(SYS_copy_file_range, call_copy_file_range(in, 0, out, 0, 3, 0));
    MANAGES(SYS_preadv2, call_preadv2(in, &vector, 1, 0, 0));
    MANAGES(SYS_preadv2, call_preadv64v2(in, &vector, 1, 0, 0));
    MANAGES(SYS_pwritev2, call_pwritev2(in, &vector, 1, 0, 0));
    MANAGES(SYS_pwritev2, call_pwritev64v2(in, &vector, 1, 0, 0));
    REFUSED(SYS_preadv2, call_preadv2(in, &vector, 1, 0, 1), refusing == ENOSYS ? ENOTSUP : refusing);
    FAILS(SYS_name_to_handle_at, call_name_to_handle_at(AT_FDCWD, "in", room, (int *)(room + 256), 0));
    FAILS(SYS_open_by_handle_at, call_open_by_handle_at(in, room, 0));
    FAILS(SYS_syncfs, call_syncfs(in));
    FAILS(SYS_openat2, call_openat2(AT_FDCWD, "in", room, 24));
    FAILS(SYS_execveat, call_execveat(AT_FDCWD, "absent", none, none, 0));
    FAILS(SYS_fanotify_init, call_fanotify_init(0, 0));
    FAILS(SYS_fanotify_mark, call_fanotify_mark(in, 0, 0, AT_FDCWD, "in"));
    if (is_libcs_own(34))
        FAILS(SYS_close_range, call_close_range(100, 200, 0));
    else
        MANAGES(SYS_close_range, call_close_range(100, 200, 0));
    if (refusing == ENOSYS || !is_libcs_own(34)) /* libc's may abort */
        REFUSED(SYS_close_range, (call_closefrom(100), 0), 0);
    close(in);
    close(out);
}

static void randoms(void)
{
    if (is_libcs_own(25)) {
        FAILS(SYS_getrandom, call_getrandom(room, 8, 0));
        FAILS(SYS_getrandom, call_getentropy(room, 8));
    } else {
        MANAGES(SYS_getrandom, call_getrandom(room, 8, 0));
        MANAGES(SYS_getrandom, call_getentropy(room, 8));
    }
}

/* arc4random cannot fail: it has other sources, or ends the program. */
static void random_or_death(void)
{
    if (refusing == ENOSYS) {
        REFUSED(SYS_getrandom, (call_arc4random(), 0), 0);
        REFUSED(SYS_getrandom, (call_arc4random_buf(room, 8), 0), 0);
        REFUSED(SYS_getrandom, (call_arc4random_uniform(9), 0), 0);
        return;
    }
    for (int i = 0; i < 3; ++i) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            close(2);
            answered_system_call(SYS_getrandom, refusing);
            if (i == 0)
                call_arc4random();
            else if (i == 1)
                call_arc4random_buf(room, 8);
            else
                call_arc4random_uniform(9);
            _exit(0);
        }
        EXPECT(waitpid(child, &status, 0), child);
        EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGABRT);
    }
}

/* The functions return the error. The program is absent, so that is the error after all actions. */
static int error_of_spawn(int (*spawn)(int *, const char *, const void *, const void *, char *const *, char *const *))
{
    int fd;
    errno = spawn(&fd, "/absent", 0, 0, none, none);
    return errno ? -1 : 0;
}

static int error_after_closing(void)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    EXPECT(call_posix_spawn_file_actions_addclosefrom_np(&actions, 100), 0);
    errno = posix_spawn(&pid, "/absent", &actions, 0, none, none);
    return errno ? -1 : 0;
}

static void spawns(void)
{
    if (!is_libcs_own(39)) {
        FAILS(SYS_pidfd_open, error_of_spawn(call_pidfd_spawn));
        FAILS(SYS_pidfd_open, error_of_spawn(call_pidfd_spawnp));
    }
    REFUSED(SYS_close_range, error_after_closing(), ENOENT);
}

static void processes(void)
{
    unsigned cpu;
    FAILS(SYS_pidfd_open, call_pidfd_open(getpid(), 0));
    FAILS(SYS_pidfd_getfd, call_pidfd_getfd(0, 0, 0));
    FAILS(SYS_pidfd_send_signal, call_pidfd_send_signal(0, 0, 0, 0));
    FAILS(SYS_prlimit64, call_prlimit(0, RLIMIT_NOFILE, 0, room));
    FAILS(SYS_prlimit64, call_prlimit64(0, RLIMIT_NOFILE, 0, room));
    FAILS(SYS_setns, call_setns(0, 0));
    FAILS(SYS_process_vm_readv, call_process_vm_readv(getpid(), room, 0, room, 0, 0));
    FAILS(SYS_process_vm_writev, call_process_vm_writev(getpid(), room, 0, room, 0, 0));
    FAILS(SYS_process_madvise, call_process_madvise(0, room, 0, 0, 0));
    FAILS(448 /* process_mrelease */, call_process_mrelease(0, 0));
    FAILS(SYS_sched_setattr, call_sched_setattr(0, room, 0));
    FAILS(SYS_sched_getattr, call_sched_getattr(0, room, 48, 0));
    FAILS(SYS_clock_adjtime, call_clock_adjtime(0, room));
    FAILS(SYS_sendmmsg, call_sendmmsg(0, room, 0, 0));
    FAILS(441 /* epoll_pwait2 */, call_epoll_pwait2(0, room, 1, 0, 0));
    if (!is_libcs_own(29)) /* libc's asks the vDSO */
        FAILS(SYS_getcpu, call_getcpu(&cpu, 0));
    EXPECT_TRUE(call_gettid() > 0);
}

static void memory(void)
{
    FAILS(SYS_pkey_alloc, call_pkey_alloc(0, 0));
    FAILS(SYS_pkey_free, call_pkey_free(1));
    FAILS(SYS_pkey_mprotect, call_pkey_mprotect(room, 4096, PROT_READ, 1));
    REFUSED(SYS_pkey_mprotect, call_pkey_mprotect(room, 4096, PROT_READ | PROT_WRITE, -1), 0);
    REFUSED(SYS_mlock2, call_mlock2(room, 4096, 1), refusing == ENOSYS ? EINVAL : refusing);
    FAILS(462 /* mseal */, call_mseal(room, 4096, 0));
}

static void mounts(void)
{
    FAILS(SYS_fsopen, call_fsopen("tmpfs", 0));
    FAILS(SYS_fspick, call_fspick(AT_FDCWD, ".", 0));
    FAILS(SYS_fsconfig, call_fsconfig(0, 0, 0, 0, 0));
    FAILS(SYS_fsmount, call_fsmount(0, 0, 0));
    FAILS(SYS_open_tree, call_open_tree(AT_FDCWD, ".", 0));
    FAILS(SYS_move_mount, call_move_mount(AT_FDCWD, "absent", AT_FDCWD, ".", 0));
    FAILS(SYS_mount_setattr, call_mount_setattr(AT_FDCWD, ".", 0, room, 32));
}

static const int errors[] = {ENOSYS, EPERM};

int main(void)
{
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; ++i) {
        refusing = errors[i];
        files();
        randoms();
        random_or_death();
        spawns();
        processes();
        memory();
        mounts();
    }
    return faults;
}
