/* Numbers of system calls that the build host's headers may lack.

   From 424 (Linux 5.1) on, a system call has the same number on every architecture, plus the first number of the
   architecture's table. An older call that the headers lack gets the number -1, for which the kernel returns ENOSYS. */

#ifndef SYMVER_PIN_NUMBERS_H
#define SYMVER_PIN_NUMBERS_H

#include <sys/syscall.h>

#if defined __mips__ && defined _ABIO32 && _MIPS_SIM == _ABIO32
#define FIRST_NUMBER 4000
#elif defined __mips__ && defined _ABI64 && _MIPS_SIM == _ABI64
#define FIRST_NUMBER 5000
#elif defined __mips__
#define FIRST_NUMBER 6000
#elif defined __alpha__
#define FIRST_NUMBER 110
#elif defined __x86_64__ && defined __ILP32__
#define FIRST_NUMBER 0x40000000
#else
#define FIRST_NUMBER 0
#endif

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal (FIRST_NUMBER + 424)
#endif
#ifndef SYS_open_tree
#define SYS_open_tree (FIRST_NUMBER + 428)
#endif
#ifndef SYS_move_mount
#define SYS_move_mount (FIRST_NUMBER + 429)
#endif
#ifndef SYS_fsopen
#define SYS_fsopen (FIRST_NUMBER + 430)
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig (FIRST_NUMBER + 431)
#endif
#ifndef SYS_fsmount
#define SYS_fsmount (FIRST_NUMBER + 432)
#endif
#ifndef SYS_fspick
#define SYS_fspick (FIRST_NUMBER + 433)
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open (FIRST_NUMBER + 434)
#endif
#ifndef SYS_close_range
#define SYS_close_range (FIRST_NUMBER + 436)
#endif
#ifndef SYS_openat2
#define SYS_openat2 (FIRST_NUMBER + 437)
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd (FIRST_NUMBER + 438)
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise (FIRST_NUMBER + 440)
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 (FIRST_NUMBER + 441)
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr (FIRST_NUMBER + 442)
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease (FIRST_NUMBER + 448)
#endif
#ifndef SYS_mseal
#define SYS_mseal (FIRST_NUMBER + 462)
#endif

#ifndef SYS_prlimit64
#define SYS_prlimit64 (-1)
#endif
#ifndef SYS_fanotify_init
#define SYS_fanotify_init (-1)
#define SYS_fanotify_mark (-1)
#endif
#ifndef SYS_name_to_handle_at
#define SYS_name_to_handle_at (-1)
#define SYS_open_by_handle_at (-1)
#endif
#ifndef SYS_clock_adjtime
#define SYS_clock_adjtime (-1)
#endif
#ifndef SYS_syncfs
#define SYS_syncfs (-1)
#endif
#ifndef SYS_setns
#define SYS_setns (-1)
#endif
#ifndef SYS_sendmmsg
#define SYS_sendmmsg (-1)
#endif
#ifndef SYS_process_vm_readv
#define SYS_process_vm_readv (-1)
#define SYS_process_vm_writev (-1)
#endif
#ifndef SYS_sched_setattr
#define SYS_sched_setattr (-1)
#define SYS_sched_getattr (-1)
#endif
#ifndef SYS_execveat
#define SYS_execveat (-1)
#endif
#ifndef SYS_mlock2
#define SYS_mlock2 (-1)
#endif
#ifndef SYS_preadv2
#define SYS_preadv2 (-1)
#define SYS_pwritev2 (-1)
#endif
#ifndef SYS_pkey_alloc
#define SYS_pkey_alloc (-1)
#define SYS_pkey_free (-1)
#define SYS_pkey_mprotect (-1)
#endif

#endif
