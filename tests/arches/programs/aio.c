/* Asynchronous input and output of POSIX, with 64-bit offsets too.
   libs: -lrt
   flags: -pthread */
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    char text[10] = "";
    int file = open64("aio.data", O_CREAT | O_TRUNC | O_RDWR, 0600);
    struct aiocb block = {.aio_fildes = file, .aio_buf = (void *)"written", .aio_nbytes = 7, .aio_offset = 100};
    const struct aiocb *list[] = {&block};
    block.aio_sigevent.sigev_notify = SIGEV_NONE;
    SAME(aio_write(&block), 0);
    while (aio_error(&block) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    SAME(aio_error(&block), 0);
    SAME(aio_return(&block), 7);
    block.aio_buf = text;
    SAME(aio_read(&block), 0);
    while (aio_error(&block) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    SAME(aio_return(&block), 7);
    TEXT(text, "written");
    struct aiocb64 far = {.aio_fildes = file, .aio_buf = text, .aio_nbytes = 1, .aio_offset = 5000000000,
                          .aio_lio_opcode = LIO_WRITE};
    struct aiocb64 *batch[] = {&far};
    far.aio_sigevent.sigev_notify = SIGEV_NONE;
    SAME(lio_listio64(LIO_WAIT, batch, 1, NULL), 0);
    SAME(aio_return64(&far), 1);
    SAME(lseek64(file, 0, SEEK_END), 5000000001LL);
    SAME(aio_fsync(O_SYNC, &block), 0);
    while (aio_error(&block) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    SAME(aio_cancel(file, NULL) >= 0, 1);
    close(file);
    unlink("aio.data");
    return faults;
}
