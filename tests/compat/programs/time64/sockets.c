/* Options and messages of sockets, System V structures and resource usage with 64-bit times. */

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "time64.h"

/* qemu-arm 7.2 knows no option with 64-bit times, and passes no upper halves of the times of System V on. */
#ifdef __arm__
static volatile int is_emulated = 1;
#else
static volatile int is_emulated;

/* What a member calls; an old kernel refuses the options with 64-bit times. */
int older_setsockopt(int, int, int, const void *, socklen_t) __asm__("setsockopt");
int older_getsockopt(int, int, int, void *, socklen_t *) __asm__("getsockopt");

static int is_refused(int level, int option)
{
    errno = ENOPROTOOPT;
    return is_old_kernel && level == SOL_SOCKET && option >= 63 && option <= 67;
}

int older_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    return is_refused(level, option) ? -1 : syscall(366, fd, level, option, value, size);
}

int older_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
    return is_refused(level, option) ? -1 : syscall(365, fd, level, option, value, size);
}
#endif

static void options(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0), on = 1, got = -1;
    struct timeval time = {2, 250000}, read = {-1, -1};
    socklen_t size = sizeof read;
    EXPECT(SO_RCVTIMEO, 66);
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    EXPECT(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &read, &size), 0);
    EXPECT(size, sizeof read);
    EXPECT(read.tv_sec, 2);
    EXPECT_TRUE(read.tv_usec >= 250000 && read.tv_usec < 270000); /* ticks of the kernel */
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time), 0);
    EXPECT(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &read, &size), 0);
    EXPECT(read.tv_sec, 2);
    EXPECT_ERROR(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, 4), EINVAL);
    EXPECT(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on), 0);
    size = sizeof got;
    EXPECT(getsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &got, &size), 0);
    EXPECT(got, 1);
    size = sizeof got;
    EXPECT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &got, &size), 0);
    EXPECT(got, SOCK_DGRAM);
    EXPECT_ERROR(getsockopt(fd, SOL_SOCKET, 9999, &got, &size), ENOPROTOOPT);
    EXPECT_ERROR(setsockopt(fd, SOL_SOCKET, 9999, &got, sizeof got), ENOPROTOOPT);
    EXPECT_ERROR(setsockopt(-1, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), EBADF);
    close(fd);
}

struct packet {
    char text[4];
    struct iovec part;
    union {
        struct cmsghdr header;
        char bytes[128];
    } control;
};

static void prepare(struct packet *packet, struct msghdr *message)
{
    packet->part = (struct iovec){packet->text, sizeof packet->text};
    *message = (struct msghdr){.msg_iov = &packet->part, .msg_iovlen = 1, .msg_control = &packet->control,
                               .msg_controllen = sizeof packet->control};
}

/* The message has the time of today. */
static void stamp_is_now(struct msghdr *message, int with_nanoseconds)
{
    int found = is_emulated;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item))
        if (item->cmsg_level == SOL_SOCKET &&
            item->cmsg_type == (with_nanoseconds ? SCM_TIMESTAMPNS : SCM_TIMESTAMP)) {
            struct timeval time;
            memcpy(&time, CMSG_DATA(item), sizeof time);
            found = item->cmsg_len == CMSG_LEN(sizeof time) && time.tv_sec >= clock() && time.tv_sec > 1700000000;
        }
    EXPECT(found, 1);
}

static void messages(int option)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct packet packets[2];
    struct mmsghdr several[2];
    struct msghdr sent, *message = &several[0].msg_hdr;
    struct timespec time = {5, 0}, beyond = {BEYOND, 0};
    EXPECT(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    EXPECT(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    EXPECT(connect(out, (struct sockaddr *)&address, sizeof address), 0);
    if (!is_emulated)
        EXPECT(setsockopt(fd, SOL_SOCKET, option, &on, sizeof on), 0);
    prepare(&packets[1], &sent);
    sent.msg_control = 0;
    sent.msg_controllen = 0;
    memcpy(packets[1].text, "one", 4);
    EXPECT(sendmsg(out, &sent, 0), 4);
    prepare(&packets[0], message);
    EXPECT(recvmsg(fd, message, 0), 4);
    EXPECT(strcmp(packets[0].text, "one"), 0);
    stamp_is_now(message, option == SO_TIMESTAMPNS);

    several[1].msg_hdr = several[0].msg_hdr = sent;
    EXPECT(sendmmsg(out, several, 2, 0), 2);
    EXPECT(several[1].msg_len, 4);
    prepare(&packets[0], &several[0].msg_hdr);
    prepare(&packets[1], &several[1].msg_hdr);
    EXPECT(recvmmsg(fd, several, 2, 0, &time), 2);
    EXPECT_TRUE(time.tv_sec == 4 || time.tv_sec == 5);
    stamp_is_now(&several[0].msg_hdr, option == SO_TIMESTAMPNS);
    stamp_is_now(&several[1].msg_hdr, option == SO_TIMESTAMPNS);
    EXPECT_ERROR(recvmmsg(fd, several, 2, MSG_DONTWAIT, 0), EAGAIN);
    if (!is_old_kernel && !is_emulated)
        EXPECT_ERROR(recvmmsg(fd, several, 2, MSG_DONTWAIT, &beyond), EAGAIN);
    struct timeval long_time = {BEYOND, 0};
    if (is_old_kernel && running_minor() < 34)
        EXPECT_ERROR(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time), EOVERFLOW);
    EXPECT_ERROR(recvmsg(-1, message, 0), EBADF);
    close(fd);
    close(out);
}

static void variable_arguments(void)
{
    int ends[2], count = 0;
    char name[16] = "";
    EXPECT(pipe(ends), 0);
    EXPECT(write(ends[1], "abc", 3), 3);
    EXPECT(ioctl(ends[0], FIONREAD, &count), 0);
    EXPECT(count, 3);
    EXPECT_ERROR(ioctl(ends[0], TIOCGWINSZ, name), ENOTTY);
    EXPECT(fcntl(ends[0], F_SETFD, FD_CLOEXEC), 0);
    EXPECT(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
    FILE *file = tmpfile();
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5000000000, .l_len = 5000000000};
    EXPECT(fcntl(fileno(file), F_SETLK, &lock), 0);
    EXPECT(fcntl(fileno(file), F_GETLK, &lock), 0);
    EXPECT(lock.l_type, F_UNLCK);
    fclose(file);
    EXPECT(prctl(PR_SET_NAME, "time64", 0, 0, 0), 0);
    EXPECT(prctl(PR_GET_NAME, name, 0, 0, 0), 0);
    EXPECT(strcmp(name, "time64"), 0);
    close(ends[0]);
    close(ends[1]);
}

static int is_now(long long moment)
{
    long long now = time(0);
    return moment >= now - 5 && moment <= now + 1;
}

static void system_v(void)
{
    union {
        int value;
        struct semid_ds *buffer;
        unsigned short *array;
    } argument;
    struct semid_ds semaphores;
    struct msqid_ds queue;
    struct shmid_ds memory;
    struct {
        long type;
        char text[4];
    } message = {1, "abc"};
    unsigned short values[2] = {5, 6};
    int id = semget(IPC_PRIVATE, 2, 0600);
    argument.array = values;
    EXPECT(semctl(id, 0, SETALL, argument), 0);
    EXPECT(semctl(id, 1, GETVAL), 6);
    argument.value = 9;
    EXPECT(semctl(id, 1, SETVAL, argument), 0);
    EXPECT(semctl(id, 1, GETVAL), 9);
    argument.buffer = &semaphores;
    EXPECT(semctl(id, 0, IPC_STAT, argument), 0);
    EXPECT(semaphores.sem_nsems, 2);
    EXPECT(semaphores.sem_perm.mode & 0777, 0600);
    EXPECT(semaphores.sem_otime, 0);
    EXPECT_TRUE(is_now(semaphores.sem_ctime));
    semaphores.sem_perm.mode = 0640;
    EXPECT(semctl(id, 0, IPC_SET, argument), 0);
    EXPECT(semctl(id, 0, IPC_STAT, argument), 0);
    EXPECT(semaphores.sem_perm.mode & 0777, 0640);
    EXPECT(semctl(id, 0, IPC_RMID), 0);
    EXPECT_ERROR(semctl(id, 0, IPC_STAT, argument), EINVAL);

#ifndef NO_MESSAGE_QUEUES
    id = msgget(IPC_PRIVATE, 0600);
    EXPECT(msgsnd(id, &message, 4, 0), 0);
    EXPECT(msgctl(id, IPC_STAT, &queue), 0);
    EXPECT(queue.msg_qnum, 1);
    EXPECT(queue.msg_lspid, getpid());
    EXPECT(queue.msg_rtime, 0);
    EXPECT_TRUE(is_now(queue.msg_stime) && is_now(queue.msg_ctime));
    queue.msg_perm.mode = 0644;
    queue.msg_qbytes = 1000;
    EXPECT(msgctl(id, IPC_SET, &queue), 0);
    EXPECT(msgctl(id, IPC_STAT, &queue), 0);
    EXPECT(queue.msg_perm.mode & 0777, 0644);
    EXPECT(queue.msg_qbytes, 1000);
    EXPECT(msgctl(id, IPC_RMID, 0), 0);
#else
    (void)queue;
    (void)message;
#endif

    id = shmget(IPC_PRIVATE, 5000, 0600);
    void *at = shmat(id, 0, 0);
    EXPECT_TRUE(at != (void *)-1);
    EXPECT(shmctl(id, IPC_STAT, &memory), 0);
    EXPECT(memory.shm_segsz, 5000);
    EXPECT(memory.shm_nattch, 1);
    EXPECT(memory.shm_cpid, getpid());
    EXPECT_TRUE(is_now(memory.shm_atime) && is_now(memory.shm_ctime));
    memory.shm_perm.mode = 0400;
    EXPECT(shmctl(id, IPC_SET, &memory), 0);
    EXPECT(shmctl(id, IPC_STAT, &memory), 0);
    EXPECT(memory.shm_perm.mode & 0777, 0400);
    EXPECT(shmdt(at), 0);
    EXPECT(shmctl(id, IPC_RMID, 0), 0);
}

static void usage(void)
{
    struct rusage usage;
    memset(&usage, 0xff, sizeof usage);
    int status = -1;
    EXPECT(getrusage(RUSAGE_SELF, &usage), 0);
    EXPECT_TRUE(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 100 && usage.ru_utime.tv_usec < 1000000);
    EXPECT_TRUE(usage.ru_maxrss > 0 && usage.ru_minflt > 0);
    EXPECT_ERROR(getrusage(99, &usage), EINVAL);
    for (int i = 0; i < 2; ++i) {
        pid_t child = fork();
        if (child == 0)
            _exit(7);
        memset(&usage, 0xff, sizeof usage);
        EXPECT(i ? wait4(child, &status, 0, &usage) : wait3(&status, 0, &usage), child);
        EXPECT(WEXITSTATUS(status), 7);
        EXPECT_TRUE(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 100);
        EXPECT_TRUE(usage.ru_minflt >= 0);
    }
    EXPECT_ERROR(wait4(-1, &status, 0, 0), ECHILD);
}

int main(int count, char **arguments)
{
    look_at_arguments(count, arguments);
    if (!is_emulated)
        options();
    messages(SO_TIMESTAMP);
    messages(SO_TIMESTAMPNS);
    variable_arguments();
    if (!is_emulated || running_minor() < 34)
        system_v();
    usage();
    return faults;
}
