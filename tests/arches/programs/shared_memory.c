/* Shared memory, semaphores and message queues of System V and of POSIX, between two processes.
   libs: -lrt */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include "expect.h"

static void system_v(void)
{
    int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), semaphore = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600), status;
    struct { long type; char text[20]; } message = {7, "message"};
    CHECK(memory >= 0 && semaphore >= 0 && queue >= 0);
    char *shared = shmat(memory, NULL, 0);
    CHECK(shared != (void *)-1);
    pid_t child = fork();
    if (child == 0) {
        strcpy(shared, "from the child");
        msgsnd(queue, &message, sizeof message.text, 0);
        struct sembuf up = {1, 1, 0};
        _exit(semop(semaphore, &up, 1) != 0);
    }
    struct sembuf down = {1, -1, 0};
    SAME(semop(semaphore, &down, 1), 0);
    waitpid(child, &status, 0);
    SAME(status, 0);
    TEXT(shared, "from the child");
    memset(&message, 0, sizeof message);
    SAME(msgrcv(queue, &message, sizeof message.text, 7, 0), sizeof message.text);
    TEXT(message.text, "message");
    struct shmid_ds information;
    SAME(shmctl(memory, IPC_STAT, &information), 0);
    SAME(information.shm_segsz, 4096);
    SAME(information.shm_nattch, 1);
    struct msqid_ds about_queue;
    SAME(msgctl(queue, IPC_STAT, &about_queue), 0);
    SAME(about_queue.msg_qnum, 0);
    union { int value; struct semid_ds *buffer; unsigned short *array; } argument = {.value = 9};
    SAME(semctl(semaphore, 0, SETVAL, argument), 0);
    SAME(semctl(semaphore, 0, GETVAL), 9);
    SAME(shmdt(shared), 0);
    SAME(shmctl(memory, IPC_RMID, NULL), 0);
    SAME(semctl(semaphore, 0, IPC_RMID), 0);
    SAME(msgctl(queue, IPC_RMID, NULL), 0);
}

static void posix(void)
{
    char name[40], text[100] = "";
    unsigned priority = 0;
    snprintf(name, sizeof name, "/arches-%d", (int)getpid());
    int file = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    if (file >= 0) {
        SAME(ftruncate(file, 100), 0);
        SAME(pwrite(file, "x", 1, 99), 1);
        SAME(shm_unlink(name), 0);
        close(file);
    } else /* a root without /dev/shm */
        CHECK(errno == ENOENT || errno == ENOSYS);
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 100};
    mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
    if (queue == (mqd_t)-1) { /* a kernel without message queues */
        CHECK(errno == ENOSYS || errno == EACCES);
        return;
    }
    SAME(mq_send(queue, "low", 3, 1), 0);
    SAME(mq_send(queue, "high", 4, 9), 0);
    SAME(mq_receive(queue, text, sizeof text, &priority), 4);
    SAME(priority, 9);
    TEXT(text, "high");
    SAME(mq_getattr(queue, &attributes), 0);
    SAME(attributes.mq_curmsgs, 1);
    mq_close(queue);
    SAME(mq_unlink(name), 0);
}

int main(void)
{
    system_v();
    posix();
    return faults;
}
