/* Members that many circumstances allow, each called in a thread whose cancellation is pending, and those that a signal
   handler may call also in a handler that interrupts another of these calls. A call that is no cancellation point
   returns; one that is ends the thread. The results are checked by the programs of the families. */

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <wchar.h>

#include "calls.h"
#include "check.h"

DECLARE(uint32_t, arc4random, (void));
DECLARE(void, arc4random_buf, (void *, size_t));
DECLARE(uint32_t, arc4random_uniform, (uint32_t));
DECLARE(int, tgkill, (int, int, int));
DECLARE(int, pkey_get, (int));
DECLARE(int, pthread_gettid_np, (pthread_t));
DECLARE(int, pidfd_getpid, (int));
DECLARE(unsigned long, getauxval, (unsigned long));
DECLARE(unsigned long, __getauxval, (unsigned long));
DECLARE(int, fcntl64, (int, int, ...));
DECLARE(size_t, strlcpy, (char *, const char *, size_t));
DECLARE(size_t, strlcat, (char *, const char *, size_t));
DECLARE(size_t, wcslcpy, (wchar_t *, const wchar_t *, size_t));
DECLARE(size_t, wcslcat, (wchar_t *, const wchar_t *, size_t));
DECLARE(size_t, __strlcpy_chk, (char *, const char *, size_t, size_t));
DECLARE(size_t, __strlcat_chk, (char *, const char *, size_t, size_t));
DECLARE(size_t, __wcslcpy_chk, (wchar_t *, const wchar_t *, size_t, size_t));
DECLARE(size_t, __wcslcat_chk, (wchar_t *, const wchar_t *, size_t, size_t));
DECLARE(void, explicit_bzero, (void *, size_t));
DECLARE(void, __explicit_bzero_chk, (void *, size_t, size_t));
DECLARE(void *, memset_explicit, (void *, int, size_t));
DECLARE(void *, __memset_explicit_chk, (void *, int, size_t, size_t));
DECLARE(size_t, memalignment, (const void *));
DECLARE(unsigned, uabs, (int));
DECLARE(unsigned long, ulabs, (long));
DECLARE(unsigned long long, ullabs, (long long));
DECLARE(unsigned long, umaxabs, (long));
DECLARE(const char *, strerrorname_np, (int));
DECLARE(const char *, strerrordesc_np, (int));
DECLARE(const char *, sigabbrev_np, (int));
DECLARE(const char *, sigdescr_np, (int));
DECLARE(long, __fdelt_chk, (long));
DECLARE(long, __fdelt_warn, (long));
DECLARE(int, __poll_chk, (void *, nfds_t, int, size_t));
DECLARE(int, __ppoll_chk, (void *, nfds_t, const struct timespec *, const void *, size_t));
DECLARE(int, __inet_pton_chk, (int, const char *, void *, size_t));
DECLARE(const char *, __inet_ntop_chk, (int, const void *, char *, unsigned, size_t));
DECLARE(int, scandirat, (int, const char *, void *, void *, void *));
DECLARE(int, timespec_get, (struct timespec *, int));
DECLARE(int, timespec_getres, (struct timespec *, int));
DECLARE(int, res_hnok, (const char *));
DECLARE(int, res_mailok, (const char *));
DECLARE(int, res_ownok, (const char *));
DECLARE(int, res_dnok, (const char *));
DECLARE(int, posix_spawnattr_getcgroup_np, (const void *, int *));
DECLARE(int, posix_spawnattr_setcgroup_np, (void *, int));
DECLARE(int, posix_spawn_file_actions_addchdir_np, (void *, const char *));
DECLARE(int, posix_spawn_file_actions_addfchdir_np, (void *, int));
DECLARE(int, posix_spawn_file_actions_addclosefrom_np, (void *, int));
DECLARE(int, posix_spawn_file_actions_addtcsetpgrp_np, (void *, int));
DECLARE(int, __memcmpeq, (const void *, const void *, size_t));
DECLARE(void, free_sized, (void *, size_t));
DECLARE(void, free_aligned_sized, (void *, size_t, size_t));
DECLARE(int, pkey_set, (int, unsigned));
DECLARE(int, __isoc23_vsscanf, (const char *, const char *, va_list));
DECLARE(int, __isoc23_swscanf, (const wchar_t *, const wchar_t *, ...));
DECLARE(int, __isoc23_vswscanf, (const wchar_t *, const wchar_t *, va_list));
DECLARE(int, scandirat64, (int, const char *, void *, void *, void *));
DECLARE(void, twalk_r, (const void *, void *, void *));
DECLARE(int, pthread_getattr_default_np, (pthread_attr_t *));
DECLARE(int, pthread_setattr_default_np, (const pthread_attr_t *));
DECLARE(int, pthread_rwlock_clockrdlock, (void *, clockid_t, const struct timespec *));
DECLARE(int, pthread_rwlock_clockwrlock, (void *, clockid_t, const struct timespec *));
DECLARE(int, pidfd_spawn, (int *, const char *, const void *, const void *, char *const *, char *const *));
DECLARE(int, pidfd_spawnp, (int *, const char *, const void *, const void *, char *const *, char *const *));
DECLARE(int, dn_comp, (const char *, void *, int, void *, void *));
DECLARE(int, dn_expand, (const void *, const void *, const void *, char *, int));
DECLARE(int, dn_skipname, (const void *, const void *));
DECLARE(int, res_mkquery, (int, const char *, int, int, const void *, int, const void *, void *, int));
DECLARE(int, res_nmkquery, (void *, int, const char *, int, int, const void *, int, const void *, void *, int));
DECLARE(int, fts64_set, (void *, void *, int));
DECLARE(int, pthread_mutex_clocklock, (void *, clockid_t, const struct timespec *));
DECLARE(long, __isoc23_strtol, (const char *, char **, int));
DECLARE(int, __isoc23_sscanf, (const char *, const char *, ...));
DECLARE(int, _dl_find_object, (void *, void *));
DECLARE(void *, reallocarray, (void *, size_t, size_t));
DECLARE(int, __cxa_thread_atexit_impl, (void (*)(void *), void *, void *));

extern void *__dso_handle __attribute__((visibility("hidden")));
extern int __pthread_atfork(void (*)(void), void (*)(void), void (*)(void));

static __thread char room[4096] __attribute__((aligned(16)));
static const struct timespec past = {1, 0};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void nothing(void *unused)
{
    (void)unused;
}

#define CALL(name, expression)                                                                                         \
    static void do_##name(void)                                                                                        \
    {                                                                                                                  \
        (void)(expression);                                                                                            \
    }

#define SAFE(X)                                                                                                        \
    X(closefrom, call_closefrom(900)) X(close_range, call_close_range(900, 910, 0))                                    \
    X(getentropy, call_getentropy(room, 8)) X(arc4random, call_arc4random())                                           \
    X(arc4random_buf, call_arc4random_buf(room, 8)) X(arc4random_uniform, call_arc4random_uniform(9))                  \
    X(memfd_create, close_raw(call_memfd_create("name", 0)))                                                           \
    X(renameat2, call_renameat2(AT_FDCWD, "absent", AT_FDCWD, "absent", 0))                                            \
    X(statx, call_statx(AT_FDCWD, ".", 0, 0x7ff, room)) X(getdents64, call_getdents64(-1, room, sizeof room))          \
    X(stat, stat(".", (struct stat *)room)) X(lstat, lstat(".", (struct stat *)room))                                  \
    X(fstat, fstat(2, (struct stat *)room)) X(fstatat, fstatat(AT_FDCWD, ".", (struct stat *)room, 0))                 \
    X(stat64, stat64(".", (struct stat64 *)room)) X(lstat64, lstat64(".", (struct stat64 *)room))                      \
    X(fstat64, fstat64(2, (struct stat64 *)room))                                                                      \
    X(fstatat64, fstatat64(AT_FDCWD, ".", (struct stat64 *)room, 0))                                                   \
    X(mknod, mknod("/dev/null/absent", S_IFIFO, 0)) X(mknodat, mknodat(-1, "absent", S_IFIFO, 0))                      \
    X(gettid, call_gettid()) X(getcpu, call_getcpu((unsigned *)room, 0))                                               \
    X(pthread_gettid_np, call_pthread_gettid_np(pthread_self())) X(sysconf, sysconf(250))                              \
    X(getauxval, call_getauxval(6)) X(__getauxval, call___getauxval(6)) X(pidfd_getpid, call_pidfd_getpid(2))          \
    X(pidfd_open, call_pidfd_open(-1, 0)) X(pidfd_getfd, call_pidfd_getfd(-1, 0, 0))                                   \
    X(pidfd_send_signal, call_pidfd_send_signal(-1, 0, 0, 0)) X(tgkill, call_tgkill(-1, -1, 0))                        \
    X(prlimit, call_prlimit(0, 7, 0, room)) X(prlimit64, call_prlimit64(0, 7, 0, room)) X(setns, call_setns(-1, 0))    \
    X(syncfs, call_syncfs(-1)) X(fanotify_init, call_fanotify_init(~0u, 0))                                            \
    X(fanotify_mark, call_fanotify_mark(-1, 0, 0, -1, "absent")) X(clock_adjtime, call_clock_adjtime(-1, room))        \
    X(name_to_handle_at, call_name_to_handle_at(-1, "absent", room, (int *)(room + 256), 0))                           \
    X(process_vm_readv, call_process_vm_readv(-1, room, 0, room, 0, 0))                                                \
    X(process_vm_writev, call_process_vm_writev(-1, room, 0, room, 0, 0)) X(mlock2, call_mlock2(room, 0, 0))           \
    X(execveat, call_execveat(-1, "absent", 0, 0, 0x40000000)) X(mseal, call_mseal(room + 1, 1, 0))                    \
    X(process_madvise, call_process_madvise(-1, room, 0, 0, 0)) X(process_mrelease, call_process_mrelease(-1, 0))      \
    X(sched_setattr, call_sched_setattr(-1, room, 0)) X(sched_getattr, call_sched_getattr(0, room, 48, 0))             \
    X(pkey_alloc, call_pkey_alloc(~0u, 0)) X(pkey_free, call_pkey_free(-1))                                            \
    X(pkey_mprotect, call_pkey_mprotect(room, 0, 3, -1)) X(pkey_get, call_pkey_get(-1))                                \
    X(fsopen, call_fsopen("none", ~0u)) X(fspick, call_fspick(-1, "absent", 0))                                        \
    X(fsconfig, call_fsconfig(-1, 0, 0, 0, 0)) X(fsmount, call_fsmount(-1, 0, 0))                                      \
    X(open_tree, call_open_tree(-1, "absent", 0)) X(move_mount, call_move_mount(-1, "absent", -1, "absent", 0))        \
    X(mount_setattr, call_mount_setattr(-1, "absent", 0, room, 32))                                                    \
    X(strlcpy, call_strlcpy(room, "text", 9)) X(strlcat, call_strlcat(room, "text", 9))                                \
    X(wcslcpy, call_wcslcpy((wchar_t *)room, L"text", 9)) X(wcslcat, call_wcslcat((wchar_t *)room, L"text", 9))        \
    X(__strlcpy_chk, call___strlcpy_chk(room, "text", 9, 9)) X(__strlcat_chk, call___strlcat_chk(room, "text", 9, 9))  \
    X(__wcslcpy_chk, call___wcslcpy_chk((wchar_t *)room, L"text", 9, 9))                                               \
    X(__wcslcat_chk, call___wcslcat_chk((wchar_t *)room, L"text", 9, 9))                                               \
    X(explicit_bzero, call_explicit_bzero(room, 9)) X(__explicit_bzero_chk, call___explicit_bzero_chk(room, 9, 9))     \
    X(memset_explicit, call_memset_explicit(room, 0, 9))                                                               \
    X(__memset_explicit_chk, call___memset_explicit_chk(room, 0, 9, 9)) X(memalignment, call_memalignment(room))       \
    X(uabs, call_uabs(-1)) X(ulabs, call_ulabs(-1)) X(__memcmpeq, call___memcmpeq(room, room, 9))            \
    X(pkey_set, call_pkey_set(-1, 0)) X(ullabs, call_ullabs(-1)) X(umaxabs, call_umaxabs(-1))            \
    X(strerrorname_np, call_strerrorname_np(2)) X(strerrordesc_np, call_strerrordesc_np(2))                            \
    X(sigabbrev_np, call_sigabbrev_np(2)) X(sigdescr_np, call_sigdescr_np(2)) X(__fdelt_chk, call___fdelt_chk(3))      \
    X(__fdelt_warn, call___fdelt_warn(3)) X(timespec_get, call_timespec_get((struct timespec *)room, 1))               \
    X(timespec_getres, call_timespec_getres((struct timespec *)room, 1)) X(res_hnok, call_res_hnok("a.b"))             \
    X(res_mailok, call_res_mailok("a.b")) X(res_ownok, call_res_ownok("a.b")) X(res_dnok, call_res_dnok("a.b"))        \
    X(posix_spawnattr_setcgroup_np, call_posix_spawnattr_setcgroup_np(room, 3))                                        \
    X(posix_spawnattr_getcgroup_np, call_posix_spawnattr_getcgroup_np(room, (int *)(room + 1024)))                     \
    X(posix_spawnattr_setflags, posix_spawnattr_setflags((posix_spawnattr_t *)room, 0))                                \
    X(_dl_find_object, call__dl_find_object((void *)&nothing, room)) X(thrd_current, thrd_current())                   \
    X(thrd_equal, thrd_equal(thrd_current(), thrd_current()))                                                          \
    X(cfsetspeed, cfsetspeed((struct termios *)room, B9600)) X(cfgetospeed, cfgetospeed((struct termios *)room))

static int close_raw(int fd)
{
    return fd < 0 ? 0 : (int)syscall(SYS_close, fd);
}

SAFE(CALL)

static void with_actions(int (*add)(posix_spawn_file_actions_t *))
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    EXPECT(add(&actions), 0);
    posix_spawn_file_actions_destroy(&actions);
}

static int add_all(posix_spawn_file_actions_t *actions)
{
    return call_posix_spawn_file_actions_addchdir_np(actions, "/") || call_posix_spawn_file_actions_addfchdir_np(actions, 0)
           || call_posix_spawn_file_actions_addclosefrom_np(actions, 3)
           || call_posix_spawn_file_actions_addtcsetpgrp_np(actions, 0)
           || posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
}

static void spawn_absent(void)
{
    char *none[] = {0};
    pid_t pid;
    int fd;
    EXPECT(posix_spawn(&pid, "/absent", 0, 0, none, none), ENOENT);
    EXPECT(posix_spawnp(&pid, "/absent", 0, 0, none, none), ENOENT);
    EXPECT(call_pidfd_spawn(&fd, "/absent", 0, 0, none, none), ENOENT);
    EXPECT(call_pidfd_spawnp(&fd, "/absent", 0, 0, none, none), ENOENT);
}

static void scan_directory(int (*scan)(int, const char *, void *, void *, void *))
{
    struct dirent **entries = 0;
    int count = scan(AT_FDCWD, "/proc/self", &entries, 0, 0);
    EXPECT_TRUE(count > 2);
    while (count > 0)
        free(entries[--count]);
    free(entries);
}

static void no_function(void)
{
}

static int leave(void *unused)
{
    (void)unused;
    thrd_exit(0);
}

static int scan_list(int (*scan)(const char *, const char *, va_list), ...)
{
    va_list arguments;
    va_start(arguments, scan);
    int count = scan("7", "%i", arguments);
    va_end(arguments);
    return count;
}

static int scan_wide_list(int (*scan)(const wchar_t *, const wchar_t *, va_list), ...)
{
    va_list arguments;
    va_start(arguments, scan);
    int count = scan(L"7", L"%i", arguments);
    va_end(arguments);
    return count;
}

static void locks(void)
{
    static once_flag once = ONCE_FLAG_INIT;
    pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_attr_t attributes;
    thrd_t thread;
    EXPECT(thrd_create(&thread, leave, 0), thrd_success);
    EXPECT(thrd_detach(thread), thrd_success);
    thrd_yield();
    call_once(&once, no_function);
    EXPECT(call_pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &past), 0);
    EXPECT(pthread_rwlock_unlock(&rwlock), 0);
    EXPECT(call_pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &past), 0);
    EXPECT(pthread_rwlock_unlock(&rwlock), 0);
    EXPECT(call_pthread_getattr_default_np(&attributes), 0);
    (void)call_pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
    mtx_t other;
    cnd_t condition;
    tss_t key;
    EXPECT(mtx_init(&other, mtx_plain), thrd_success);
    EXPECT(mtx_lock(&other), thrd_success);
    EXPECT(mtx_trylock(&other), thrd_busy);
    EXPECT(mtx_unlock(&other), thrd_success);
    EXPECT(mtx_timedlock(&other, &past), thrd_success);
    EXPECT(mtx_unlock(&other), thrd_success);
    mtx_destroy(&other);
    EXPECT(cnd_init(&condition), thrd_success);
    EXPECT(cnd_signal(&condition), thrd_success);
    EXPECT(cnd_broadcast(&condition), thrd_success);
    cnd_destroy(&condition);
    EXPECT(tss_create(&key, 0), thrd_success);
    EXPECT(tss_set(key, room), thrd_success);
    EXPECT_TRUE(tss_get(key) == room);
    tss_delete(key);
    EXPECT(call_pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &past), 0);
    EXPECT(pthread_mutex_unlock(&mutex), 0);
}

static int address_chk(void)
{
    char text[20];
    return call___inet_pton_chk(2, "1.2.3.4", room, 4) == 1 && call___inet_ntop_chk(2, room, text, 20, 20) == text ? 0 : 1;
}

/* No cancellation points, and nothing for signal handlers. */
#define UNSAFE(X)                                                                                                      \
    X(actions, with_actions(add_all)) X(posix_spawn, spawn_absent()) X(scandirat, scan_directory(call_scandirat))                 \
    X(scandirat64, scan_directory(call_scandirat64)) X(locks, locks())  \
    X(__isoc23_strtol, call___isoc23_strtol("0b1", 0, 0)) X(__isoc23_sscanf, call___isoc23_sscanf("1", "%i", room))    \
    X(__isoc23_vsscanf, scan_list(call___isoc23_vsscanf, room))                                                        \
    X(__isoc23_swscanf, call___isoc23_swscanf(L"1", L"%i", room))                                                      \
    X(__isoc23_vswscanf, scan_wide_list(call___isoc23_vswscanf, room)) X(twalk_r, call_twalk_r(0, &nothing, 0))        \
    X(free_sized, call_free_sized(malloc(9), 9)) X(fts64_set, call_fts64_set(room, room + 1024, 99))                   \
    X(free_aligned_sized, call_free_aligned_sized(aligned_alloc(16, 32), 16, 32))                                      \
    X(dn_comp, call_dn_comp("a.b", room, 100, 0, 0)) X(dn_skipname, call_dn_skipname("\1a", room))                      \
    X(dn_expand, call_dn_expand("\1a", "\1a" + 3, "\1a", room, 100))                                                   \
    X(res_mkquery, call_res_mkquery(0, "a.b", 1, 1, 0, 0, 0, room, 512))                                               \
    X(res_nmkquery, call_res_nmkquery(room + 1024, 0, "a.b", 1, 1, 0, 0, 0, room, 512))                                \
    X(atexit, atexit(no_function)) X(at_quick_exit, at_quick_exit(no_function))                                        \
    X(__pthread_atfork, __pthread_atfork(0, 0, no_function))                                                           \
    X(pthread_atfork, pthread_atfork(0, 0, no_function)) X(addresses, EXPECT_ZERO(address_chk())) X(reallocarray, free(call_reallocarray(0, 1, 9)))                         \
    X(__cxa_thread_atexit_impl, call___cxa_thread_atexit_impl(nothing, 0, &__dso_handle))

static void EXPECT_ZERO(int value)
{
    EXPECT(value, 0);
}

UNSAFE(CALL)

/* Cancellation points: on a libc that has the function, where `since` is not 0. */
static int epoll_of_nothing(void)
{
    return call_epoll_pwait2(-1, room, 1, &past, 0);
}

#define POINTS(X)                                                                                                      \
    X(getrandom, call_getrandom(room, 8, 0), 25) X(copy_file_range, call_copy_file_range(-1, 0, -1, 0, 1, 0), 27)      \
    X(preadv2, call_preadv2(-1, 0, 0, 0, 0), 26) X(preadv64v2, call_preadv64v2(-1, 0, 0, 0, 0), 26)                    \
    X(pwritev2, call_pwritev2(-1, 0, 0, 0, 0), 26) X(pwritev64v2, call_pwritev64v2(-1, 0, 0, 0, 0), 26)                \
    X(open_by_handle_at, call_open_by_handle_at(-1, room, 0), 14) X(sendmmsg, call_sendmmsg(-1, room, 0, 0), 14)       \
    X(epoll_pwait2, epoll_of_nothing(), 35) X(openat2, call_openat2(-1, "absent", room, 0), 43)                        \
    X(openat, close_raw(openat(AT_FDCWD, ".", O_RDONLY)), 0)                                                           \
    X(openat64, close_raw(openat64(AT_FDCWD, ".", O_RDONLY)), 0)                                                       \
    X(fcntl64, call_fcntl64(-1, F_SETLKW, room), 0) X(__poll_chk, call___poll_chk(room, 0, 0, 0), 0)                   \
    X(__ppoll_chk, call___ppoll_chk(room, 0, &past, 0, 0), 0) X(thrd_sleep, thrd_sleep(&past, 0), 0)

#define POINT(name, expression, since) CALL(name, expression)
POINTS(POINT)

struct call {
    const char *name;
    void (*run)(void);
    int is_point;
};

#define SAFE_ROW(name, expression) {#name, do_##name, 0},
#define POINT_ROW(name, expression, since) {#name, do_##name, since ? since : 1},

static const struct call safe[] = {SAFE(SAFE_ROW)}, unsafe[] = {UNSAFE(SAFE_ROW)}, points[] = {POINTS(POINT_ROW)};

#define COUNT(calls) (sizeof calls / sizeof *calls)

static int returned;

static void *cancelled(void *call)
{
    pthread_cancel(pthread_self());
    ((const struct call *)call)->run();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
    returned = 1;
    return 0;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 500; ++fd)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void call_cancelled(const struct call *call)
{
    pthread_t thread;
    int before = open_descriptors();
    returned = 0;
    EXPECT(pthread_create(&thread, 0, cancelled, (void *)call), 0);
    EXPECT(pthread_join(thread, 0), 0);
    int may_end = call->is_point == 1 || (call->is_point && is_libcs_own(call->is_point));
    /* From 2.41 on, libc's getrandom asks the vDSO, and is a cancellation point only where that has no answer. */
    int may_be_either = call->run == do_getrandom && running_minor() >= 41;
    if (returned == may_end && !may_be_either) {
        printf("%s: %s\n", call->name, returned ? "returned although it is a cancellation point" : "did not return");
        faults = 1;
    }
    EXPECT(open_descriptors(), before);
}

/* In the handler: the next call of the list. Which call it interrupts is chance. */
static volatile sig_atomic_t handled;

static void handle(int signal)
{
    static unsigned next;
    int before = errno;
    (void)signal;
    for (int i = 0; i < 4; ++i)
        safe[next++ % COUNT(safe)].run();
    ++handled;
    errno = before;
}

#define WANTED 500

static void call_interrupted(void)
{
    struct sigaction action;
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    EXPECT(sigaction(SIGALRM, &action, 0), 0);
    EXPECT(setitimer(ITIMER_REAL, &often, 0), 0);
    for (unsigned i = 0; handled < WANTED; ++i)
        safe[i % COUNT(safe)].run();
    EXPECT(setitimer(ITIMER_REAL, &never, 0), 0);
}

int main(void)
{
    for (unsigned i = 0; i < COUNT(safe); ++i)
        call_cancelled(&safe[i]);
    for (unsigned i = 0; i < COUNT(unsafe); ++i)
        call_cancelled(&unsafe[i]);
    for (unsigned i = 0; i < COUNT(points); ++i)
        call_cancelled(&points[i]);
    call_interrupted();
    return faults;
}
