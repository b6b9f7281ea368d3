/* ftw, nftw, scandir, readdir, telldir and fts over a tree that the program makes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include "expect.h"

static int files, folders, links, deepest;
static long long bytes;

static int visit(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)path;
    if (kind == FTW_F)
        files++, bytes += status->st_size;
    folders += kind == FTW_D || kind == FTW_DP;
    links += kind == FTW_SL;
    if (where->level > deepest)
        deepest = where->level;
    return 0;
}
static int old_visit(const char *path, const struct stat *status, int kind)
{
    (void)path;
    if (kind == FTW_F)
        files++, bytes += status->st_size;
    return 0;
}
static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

int main(void)
{
    CHECK(mkdir("tree", 0700) == 0 && mkdir("tree/b", 0700) == 0 && mkdir("tree/b/c", 0700) == 0);
    const char *names[] = {"tree/a10", "tree/a9", "tree/b/x", "tree/b/c/y"};
    for (int i = 0; i < 4; i++) {
        int file = open(names[i], O_CREAT | O_WRONLY, 0600);
        SAME(write(file, "0123456789", i + 1), i + 1);
        close(file);
    }
    SAME(symlink("a9", "tree/link"), 0);
    SAME(nftw("tree", visit, 5, FTW_PHYS), 0);
    SAME(files, 4);
    SAME(folders, 3);
    SAME(links, 1);
    SAME(bytes, 10);
    SAME(deepest, 3);
    files = bytes = 0;
    SAME(ftw("tree", old_visit, 5), 0);
    SAME(files, 5);
    SAME(bytes, 12);
    struct dirent **list;
    SAME(scandir("tree", &list, visible, versionsort), 4);
    TEXT(list[0]->d_name, "a9");
    TEXT(list[1]->d_name, "a10");
    SAME(list[2]->d_type == DT_DIR || list[2]->d_type == DT_UNKNOWN, 1);
    for (int i = 0; i < 4; i++)
        free(list[i]);
    free(list);
    DIR *folder = opendir("tree");
    int count = 0;
    long place = telldir(folder);
    while (readdir(folder) != NULL)
        count++;
    SAME(count, 6);
    seekdir(folder, place);
    CHECK(readdir(folder) != NULL);
    closedir(folder);
    files = folders = 0;
    SAME(nftw("tree", visit, 5, FTW_PHYS | FTW_DEPTH), 0);
    SAME(folders, 3);
    unlink("tree/link");
    for (int i = 0; i < 4; i++)
        unlink(names[i]);
    CHECK(rmdir("tree/b/c") == 0 && rmdir("tree/b") == 0 && rmdir("tree") == 0);
    return faults;
}
