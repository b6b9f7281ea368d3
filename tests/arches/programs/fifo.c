/* mknod, mknodat, mkfifo and mkfifoat make pipes that work. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "expect.h"

static void use(const char *name)
{
    struct stat status;
    char text[10] = "";
    SAME(stat(name, &status), 0);
    CHECK(S_ISFIFO(status.st_mode));
    SAME(status.st_mode & 0777, 0600);
    int in = open(name, O_RDONLY | O_NONBLOCK), out = open(name, O_WRONLY);
    SAME(write(out, "hello", 5), 5);
    SAME(read(in, text, sizeof text), 5);
    TEXT(text, "hello");
    close(in), close(out);
    SAME(unlink(name), 0);
}

int main(void)
{
    SAME(mknod("fifo1", S_IFIFO | 0600, 0), 0);
    use("fifo1");
    SAME(mknodat(AT_FDCWD, "fifo2", S_IFIFO | 0600, 0), 0);
    use("fifo2");
    SAME(mkfifo("fifo3", 0600), 0);
    use("fifo3");
    SAME(mkfifoat(AT_FDCWD, "fifo4", 0600), 0);
    use("fifo4");
    return faults;
}
