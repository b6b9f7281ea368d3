/* Members by their symbols, with the parameters that calls.c and refused.c pass: headers of some releases have the
   functions with other structures, of others not at all. */

#ifndef CALLS_H
#define CALLS_H

#include <stddef.h>

#define DECLARE(result, symbol, parameters) extern result call_##symbol parameters __asm__(#symbol)
DECLARE(long, getrandom, (void *, size_t, unsigned));
DECLARE(int, getentropy, (void *, size_t));
DECLARE(void, closefrom, (int));
DECLARE(int, close_range, (unsigned, unsigned, int));
DECLARE(int, memfd_create, (const char *, unsigned));
DECLARE(int, renameat2, (int, const char *, int, const char *, unsigned));
DECLARE(int, statx, (int, const char *, int, unsigned, void *));
DECLARE(long, copy_file_range, (int, void *, int, void *, size_t, unsigned));
DECLARE(long, preadv2, (int, const void *, int, long, int));
DECLARE(long, preadv64v2, (int, const void *, int, long, int));
DECLARE(long, pwritev2, (int, const void *, int, long, int));
DECLARE(long, pwritev64v2, (int, const void *, int, long, int));
DECLARE(int, pkey_alloc, (unsigned, unsigned));
DECLARE(int, pkey_free, (int));
DECLARE(int, pkey_mprotect, (void *, size_t, int, int));
DECLARE(int, pidfd_open, (int, unsigned));
DECLARE(int, pidfd_getfd, (int, int, unsigned));
DECLARE(int, pidfd_send_signal, (int, int, void *, unsigned));
DECLARE(int, fsopen, (const char *, unsigned));
DECLARE(int, fspick, (int, const char *, unsigned));
DECLARE(int, fsconfig, (int, unsigned, const char *, const void *, int));
DECLARE(int, fsmount, (int, unsigned, unsigned));
DECLARE(int, open_tree, (int, const char *, unsigned));
DECLARE(int, move_mount, (int, const char *, int, const char *, unsigned));
DECLARE(int, mount_setattr, (int, const char *, unsigned, void *, size_t));
DECLARE(int, prlimit, (int, int, void *, void *));
DECLARE(int, prlimit64, (int, int, void *, void *));
DECLARE(int, fanotify_init, (unsigned, unsigned));
DECLARE(int, fanotify_mark, (int, unsigned, unsigned long, int, const char *));
DECLARE(int, clock_adjtime, (int, void *));
DECLARE(int, name_to_handle_at, (int, const char *, void *, int *, int));
DECLARE(int, open_by_handle_at, (int, void *, int));
DECLARE(int, sendmmsg, (int, void *, unsigned, int));
DECLARE(int, setns, (int, int));
DECLARE(int, syncfs, (int));
DECLARE(long, process_vm_readv, (int, void *, unsigned long, void *, unsigned long, unsigned long));
DECLARE(long, process_vm_writev, (int, void *, unsigned long, void *, unsigned long, unsigned long));
DECLARE(int, mlock2, (void *, size_t, unsigned));
DECLARE(int, execveat, (int, const char *, char *const *, char *const *, int));
DECLARE(int, epoll_pwait2, (int, void *, int, const void *, const void *));
DECLARE(long, process_madvise, (int, void *, size_t, int, unsigned));
DECLARE(int, process_mrelease, (int, unsigned));
DECLARE(int, sched_setattr, (int, void *, unsigned));
DECLARE(int, sched_getattr, (int, void *, unsigned, unsigned));
DECLARE(int, openat2, (int, const char *, const void *, size_t));
DECLARE(int, mseal, (void *, size_t, unsigned long));
DECLARE(int, getcpu, (unsigned *, unsigned *));
DECLARE(int, gettid, (void));
DECLARE(long, getdents64, (int, void *, size_t));

#endif
