/* preadv2 and pwritev2 with an offset, at the file's position, with flags, and on a kernel without them. */

#include <fcntl.h>
#include <sys/uio.h>

#include "check.h"

typedef ssize_t transfer(int, const struct iovec *, int, off_t, int);

static void transfers(transfer *reads, transfer *writes)
{
    char first[3] = "", second[8] = "";
    struct iovec out[2] = {{"abc", 3}, {"defgh", 5}}, in[2] = {{first, 2}, {second, 6}};
    int fd = open("vector", O_CREAT | O_TRUNC | O_RDWR, 0600);
    EXPECT(writes(fd, out, 2, -1, 0), 8);
    EXPECT(lseek(fd, 0, SEEK_CUR), 8);
    EXPECT(writes(fd, out, 1, 4, 0), 3);
    EXPECT(lseek(fd, 0, SEEK_CUR), 8);
    EXPECT(reads(fd, in, 2, 0, 0), 8);
    EXPECT(memcmp(first, "ab", 2), 0);
    EXPECT(memcmp(second, "cdabch", 6), 0);
    EXPECT(lseek(fd, 0, SEEK_CUR), 8);
    EXPECT(lseek(fd, 5, SEEK_SET), 5);
    EXPECT(reads(fd, in, 2, -1, 0), 3);
    EXPECT(memcmp(first, "bc", 2), 0);
    EXPECT(lseek(fd, 0, SEEK_CUR), 8);
    EXPECT(reads(fd, in, 2, -1, 0), 0);
    EXPECT(writes(fd, out, 1, 0x100000003, 0), 3); /* an offset of more than 32 bits */
    EXPECT(lseek(fd, 0, SEEK_END), 0x100000006);
    EXPECT(reads(fd, in, 1, 0x100000004, 0), 2);
    EXPECT(memcmp(first, "bc", 2), 0);
    EXPECT_ERROR(reads(fd, in, 2, -2, 0), EINVAL);
    EXPECT_ERROR(writes(fd, out, 2, -2, 0), EINVAL);
    EXPECT_ERROR(reads(-1, in, 2, 0, 0), EBADF);
    EXPECT_ERROR(reads(fd, in, -1, 0, 0), EINVAL);
    EXPECT_ERROR(reads(fd, in, 2, 0, 0x40000000), EOPNOTSUPP);
    EXPECT_ERROR(writes(fd, out, 2, 0, 0x40000000), EOPNOTSUPP);
    close(fd);
}

static void flags(transfer *writes)
{
    struct iovec out = {"xyz", 3};
    int fd = open("vector", O_CREAT | O_TRUNC | O_RDWR, 0600);
    EXPECT(write(fd, "12345", 5), 5);
    EXPECT(writes(fd, &out, 1, 0, RWF_APPEND), 3);
    EXPECT(lseek(fd, 0, SEEK_END), 8);
    EXPECT(writes(fd, &out, 1, 0, RWF_DSYNC), 3);
    EXPECT(lseek(fd, 0, SEEK_END), 8);
    close(fd);
}

int main(int count, char **arguments)
{
    transfers(preadv2, pwritev2);
    transfers(preadv64v2, pwritev64v2);
    flags(pwritev2);
    flags(pwritev64v2);
    if (fallbacks(count, arguments)) {
        without_system_call(SYS_preadv2);
        without_system_call(SYS_pwritev2);
        transfers(preadv2, pwritev2);
        transfers(preadv64v2, pwritev64v2);
    }
    return faults;
}
