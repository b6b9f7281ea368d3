/* scandirat sorts, selects, and leaves nothing behind when it fails. */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"

static int visible(const struct dirent *entry)
{
    errno = EIO; /* of no concern */
    return entry->d_name[0] != '.';
}

static int visible64(const struct dirent64 *entry)
{
    return entry->d_name[0] != '.';
}

static int none(const struct dirent *entry)
{
    return entry == 0;
}

int main(void)
{
    struct dirent **list;
    struct dirent64 **list64;
    char name[40];
    mkdir("scanned", 0700);
    int directory = open("scanned", O_RDONLY | O_DIRECTORY), lowest = dup(0);
    close(lowest);
    mkdirat(directory, "inner", 0700);
    for (int i = 0; i < 50; ++i) {
        snprintf(name, sizeof name, "inner/entry%02d", 49 - i);
        close(openat(directory, name, O_CREAT | O_WRONLY, 0600));
    }
    errno = 77;
    EXPECT(scandirat(directory, "inner", &list, visible, alphasort), 50);
    EXPECT(errno, 77);
    EXPECT(strcmp(list[0]->d_name, "entry00"), 0);
    EXPECT(strcmp(list[49]->d_name, "entry49"), 0);
    for (int i = 0; i < 50; ++i)
        free(list[i]);
    free(list);
    EXPECT(scandirat64(directory, "inner", &list64, visible64, alphasort64), 50);
    EXPECT(strcmp(list64[7]->d_name, "entry07"), 0);
    for (int i = 0; i < 50; ++i)
        free(list64[i]);
    free(list64);
    EXPECT(scandirat(directory, "inner", &list, 0, 0), 52);
    for (int i = 0; i < 52; ++i)
        free(list[i]);
    free(list);
    EXPECT(scandirat(directory, ".", &list, none, alphasort), 0);
    free(list);
    EXPECT_ERROR(scandirat(directory, "absent", &list, 0, alphasort), ENOENT);
    EXPECT_ERROR(scandirat(directory, "inner/entry00", &list, 0, alphasort), ENOTDIR);
    EXPECT_ERROR(scandirat(5000, "inner", &list, 0, alphasort), EBADF);
    int next = dup(0);
    EXPECT(next, lowest);
    return faults;
}
