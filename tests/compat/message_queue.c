/* Ends with 1 if msgctl fills another structure than Linux's: an emulator's fault, which no library can mend. */

#include <sys/msg.h>
#include <unistd.h>

int main(void)
{
    struct {
        long type;
        char text[4];
    } message = {1, "abc"};
    struct msqid_ds queue;
    int id = msgget(IPC_PRIVATE, 0600);
    if (id < 0 || msgsnd(id, &message, sizeof message.text, 0) != 0 || msgctl(id, IPC_STAT, &queue) != 0)
        return 2;
    msgctl(id, IPC_RMID, 0);
    return queue.msg_lspid != getpid();
}
