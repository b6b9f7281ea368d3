/* semctl, msgctl and shmctl with 64-bit times (time64.h).

   The kernel's structures have the upper half of each time in a field of its own: after the lower one on i386 and Arm.
   Before Linux 5.1 the upper halves are zero, so the times end in 2106. The system call is made directly, because
   libc's function of some releases drops the upper halves. */

#include <stdarg.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/syscall.h>

#include "time64.h"

#define WITH_64_BIT_IDS 0x100 /* IPC_64 of Linux: the structures below */

/* Commands with a structure that holds times; the numbers are those of Linux. */
enum { SEM_STAT_COMMAND = 18, SEM_STAT_ANY_COMMAND = 20, MSG_STAT_COMMAND = 11, MSG_STAT_ANY_COMMAND = 13,
       SHM_STAT_COMMAND = 13, SHM_STAT_ANY_COMMAND = 15 };

struct halves {
    uint32_t low, high;
};

struct kernel_semaphores {
    struct permissions perm;
    struct halves otime, ctime;
    uint32_t nsems, reserved[2];
};

struct kernel_messages {
    struct permissions perm;
    struct halves stime, rtime, ctime;
    uint32_t cbytes, qnum, qbytes;
    int32_t lspid, lrpid;
    uint32_t reserved[2];
};

struct kernel_memory {
    struct permissions perm;
    uint32_t segsz;
    struct halves atime, dtime, ctime;
    int32_t cpid, lpid;
    uint32_t nattch, reserved[2];
};

#ifdef __arm__
#define SEMCTL(set, number, command, argument)                                                                         \
    plain_syscall(SYS_semctl, set, number, (command) | WITH_64_BIT_IDS, argument)
#define MSGCTL(queue, command, argument) plain_syscall(SYS_msgctl, queue, (command) | WITH_64_BIT_IDS, argument)
#define SHMCTL(segment, command, argument) plain_syscall(SYS_shmctl, segment, (command) | WITH_64_BIT_IDS, argument)
#else
/* One system call for all: its first argument says which (3 semctl, 14 msgctl, 24 shmctl). */
#define SEMCTL(set, number, command, argument)                                                                         \
    plain_syscall(SYS_ipc, 3, set, number, (command) | WITH_64_BIT_IDS, &(argument))
#define MSGCTL(queue, command, argument) plain_syscall(SYS_ipc, 14, queue, (command) | WITH_64_BIT_IDS, 0, argument)
#define SHMCTL(segment, command, argument) plain_syscall(SYS_ipc, 24, segment, (command) | WITH_64_BIT_IDS, 0, argument)
#endif

static int64_t whole_time(struct halves halves)
{
    return (int64_t)((uint64_t)halves.high << 32 | halves.low);
}

static int has_times(int command, int by_index, int by_index_any)
{
    return command == IPC_STAT || command == by_index || command == by_index_any;
}

/* Of the structure, IPC_SET uses the owner and the mode, and msg_qbytes. The fourth argument is passed on as a whole,
   whatever its type is: all members of `union semun` have 32 bits. */
static int semaphores_control(int set, int number, int command, void *argument)
{
    struct kernel_semaphores kernel = {0};
    struct semaphores64 *own = argument;
    command &= ~WITH_64_BIT_IDS;
    if (command == IPC_SET)
        kernel.perm = own->perm;
    int is_status = has_times(command, SEM_STAT_COMMAND, SEM_STAT_ANY_COMMAND);
    void *given = is_status || command == IPC_SET ? &kernel : argument;
    int result = (int)SEMCTL(set, number, command, given);
    if (result >= 0 && is_status)
        *own = (struct semaphores64){
            .perm = kernel.perm, .otime = whole_time(kernel.otime), .ctime = whole_time(kernel.ctime),
            .nsems = kernel.nsems,
        };
    return result;
}

COMPAT_DEFINE(int, __semctl64, (int set, int number, int command, ...))
{
    static void *real;
    int (*running)(int, int, int, ...) = (int (*)(int, int, int, ...))COMPAT_RUNNING(real, "__semctl64");
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (running)
        return running(set, number, command, argument);
    return semaphores_control(set, number, command, argument);
}

COMPAT_64(int, __msgctl64, (int queue, int command, struct messages64 *own), (queue, command, own))
{
    struct kernel_messages kernel = {0};
    command &= ~WITH_64_BIT_IDS;
    if (command == IPC_SET) {
        kernel.perm = own->perm;
        kernel.qbytes = own->qbytes;
    }
    int is_status = has_times(command, MSG_STAT_COMMAND, MSG_STAT_ANY_COMMAND);
    int result = (int)MSGCTL(queue, command, is_status || command == IPC_SET ? (void *)&kernel : own);
    if (result >= 0 && is_status)
        *own = (struct messages64){
            .perm = kernel.perm, .stime = whole_time(kernel.stime), .rtime = whole_time(kernel.rtime),
            .ctime = whole_time(kernel.ctime), .cbytes = kernel.cbytes, .qnum = kernel.qnum, .qbytes = kernel.qbytes,
            .lspid = kernel.lspid, .lrpid = kernel.lrpid,
        };
    return result;
}

COMPAT_64(int, __shmctl64, (int segment, int command, struct memory64 *own), (segment, command, own))
{
    struct kernel_memory kernel = {0};
    command &= ~WITH_64_BIT_IDS;
    if (command == IPC_SET)
        kernel.perm = own->perm;
    int is_status = has_times(command, SHM_STAT_COMMAND, SHM_STAT_ANY_COMMAND);
    int result = (int)SHMCTL(segment, command, is_status || command == IPC_SET ? (void *)&kernel : own);
    if (result >= 0 && is_status)
        *own = (struct memory64){
            .perm = kernel.perm, .segsz = kernel.segsz, .atime = whole_time(kernel.atime),
            .dtime = whole_time(kernel.dtime), .ctime = whole_time(kernel.ctime), .cpid = kernel.cpid,
            .lpid = kernel.lpid, .nattch = kernel.nattch,
        };
    return result;
}
