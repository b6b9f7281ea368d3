/* Times and status of files, and walks over trees, with 64-bit times. */

#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

#include "time64.h"

/* In memory, because qemu-arm does not give the 64-bit positions in a directory of ext4 to libc's own fts. */
static char folder[] = "/dev/shm/symver-pin-XXXXXX";

/* Times later than 2038. */
static const struct timespec beyond[2] = {{BEYOND, 1}, {BEYOND + 1, 2}}, today[2] = {{1700000000, 3}, {1700000001, 4}};

static void times_are(const char *path, long long access, long long modification)
{
    struct stat status;
    EXPECT(stat(path, &status), 0);
    EXPECT(status.st_atim.tv_sec, access);
    EXPECT(status.st_mtim.tv_sec, modification);
}

static void setting(void)
{
    const struct timespec words[2] = {{BEYOND, UTIME_OMIT}, {BEYOND, UTIME_NOW}}, bad[2] = {{0, 1000000000}, {0, 0}};
    const struct timeval beyond_val[2] = {{BEYOND, 5}, {BEYOND + 1, 6}}, bad_val[2] = {{0, 1000000}, {0, 0}};
    const struct timeval today_val[2] = {{1600000000, 5}, {1600000001, 6}};
    const struct utimbuf beyond_buf = {BEYOND + 2, BEYOND + 3}, today_buf = {1500000000, 1500000001};
    struct stat status;
    int fd = open("file", O_CREAT | O_RDWR, 0600);
    EXPECT(symlink("file", "link"), 0);

    EXPECT(utimensat(AT_FDCWD, "file", today, 0), 0);
    times_are("file", 1700000000, 1700000001);
    EXPECT(stat("file", &status), 0);
    EXPECT(status.st_atim.tv_nsec, 3);
    EXPECT(status.st_mtim.tv_nsec, 4);
    EXPECT(utimes("file", today_val), 0);
    times_are("link", 1600000000, 1600000001);
    EXPECT(utime("file", &today_buf), 0);
    times_are("file", 1500000000, 1500000001);
    EXPECT(futimens(fd, today), 0);
    times_are("file", 1700000000, 1700000001);
    EXPECT(futimes(fd, today_val), 0);
    times_are("file", 1600000000, 1600000001);
    EXPECT(futimesat(AT_FDCWD, "file", today_val), 0);

    EXPECT_BEYOND(utimensat(AT_FDCWD, "file", beyond, 0));
    if (!is_old_kernel) {
        times_are("file", BEYOND, BEYOND + 1);
        EXPECT(fstat(fd, &status), 0);
        EXPECT(status.st_mtim.tv_sec, BEYOND + 1);
        EXPECT(fstatat(AT_FDCWD, "link", &status, 0), 0);
        EXPECT(status.st_mtim.tv_sec, BEYOND + 1);
    }
    EXPECT_BEYOND(futimens(fd, beyond));
    EXPECT_BEYOND(utimes("file", beyond_val));
    EXPECT_BEYOND(futimes(fd, beyond_val));
    EXPECT_BEYOND(futimesat(AT_FDCWD, "file", beyond_val));
    EXPECT_BEYOND(utime("file", &beyond_buf));
    if (!is_old_kernel)
        times_are("file", BEYOND + 2, BEYOND + 3);
    EXPECT_BEYOND(lutimes("link", beyond_val));
    EXPECT(lstat("link", &status), 0);
    EXPECT(S_ISLNK(status.st_mode), 1);
    if (!is_old_kernel)
        EXPECT(status.st_mtim.tv_sec, BEYOND + 1);
    EXPECT(lutimes("link", today_val), 0);
    EXPECT(lstat("link", &status), 0);
    EXPECT(status.st_mtim.tv_sec, 1600000001);

    EXPECT(utimensat(AT_FDCWD, "file", today, 0), 0);
    EXPECT(utimensat(AT_FDCWD, "file", words, 0), 0); /* their seconds do not count */
    EXPECT(stat("file", &status), 0);
    EXPECT(status.st_atim.tv_sec, 1700000000);
    EXPECT_TRUE(status.st_mtim.tv_sec >= time(0) - 2);
    EXPECT(utimensat(AT_FDCWD, "file", 0, 0), 0);
    EXPECT(utimes("file", 0), 0);
    EXPECT(utime("file", 0), 0);
    EXPECT(futimens(fd, 0), 0);
    EXPECT(futimes(fd, 0), 0);
    EXPECT_ERROR(utimensat(AT_FDCWD, "file", bad, 0), EINVAL);
    EXPECT_ERROR(utimes("file", bad_val), EINVAL);
    EXPECT_ERROR(utimes("absent", today_val), ENOENT);
    EXPECT_ERROR(utimensat(AT_FDCWD, "absent", beyond, 0), is_old_kernel ? EOVERFLOW : ENOENT);
    EXPECT_ERROR(futimens(-1, today), EBADF);
    close(fd);
}

static void status_of_files(void)
{
    struct stat status, other;
    int fd = open("file", O_RDWR);
    EXPECT(ftruncate(fd, 5000000000), 0);
    EXPECT(fstat(fd, &status), 0);
    EXPECT(stat("file", &other), 0);
    EXPECT(status.st_size, 5000000000);
    EXPECT(status.st_ino, other.st_ino);
    EXPECT(status.st_dev, other.st_dev);
    EXPECT(status.st_mode, S_IFREG | 0600);
    EXPECT(status.st_nlink, 1);
    EXPECT(status.st_uid, geteuid());
    EXPECT_TRUE(status.st_blksize >= 512);
    EXPECT_TRUE(status.st_ctim.tv_sec >= time(0) - 60 && status.st_ctim.tv_sec <= time(0) + 1);
    EXPECT(memcmp(&status.st_ctim, &other.st_ctim, 12), 0);
    EXPECT(stat("/dev/null", &status), 0);
    EXPECT(status.st_rdev, makedev(1, 3));
    EXPECT_ERROR(stat("absent", &status), ENOENT);
    EXPECT_ERROR(fstat(-1, &status), EBADF);
    EXPECT_ERROR(fstat(AT_FDCWD, &status), EBADF);
    EXPECT_ERROR(lstat("file/", &status), ENOTDIR);
    EXPECT(fstatat(fd, "", &status, AT_EMPTY_PATH), 0);
    EXPECT(status.st_size, 5000000000);
    close(fd);
    EXPECT(unlink("file"), 0);
    EXPECT(unlink("link"), 0);
}

/* tree/a, tree/b/c, tree/b/link -> c: with a time after 2038 where the kernel can set it. */
static long long tree_time;

static void make_tree(void)
{
    tree_time = is_old_kernel ? 1700000001 : BEYOND + 1;
    EXPECT(mkdir("tree", 0700), 0);
    EXPECT(mkdir("tree/b", 0700), 0);
    close(open("tree/a", O_CREAT | O_WRONLY, 0600));
    close(open("tree/b/c", O_CREAT | O_WRONLY, 0600));
    EXPECT(symlink("c", "tree/b/link"), 0);
    EXPECT(utimensat(AT_FDCWD, "tree/a", is_old_kernel ? today : beyond, 0), 0);
    EXPECT(utimensat(AT_FDCWD, "tree/b/c", is_old_kernel ? today : beyond, 0), 0);
}

static int files, directories, links, with_time, inner;

static void count_file(const char *path, const struct stat *status)
{
    (void)path;
    files += S_ISREG(status->st_mode);
    directories += S_ISDIR(status->st_mode);
    links += S_ISLNK(status->st_mode);
    with_time += status->st_mtim.tv_sec == tree_time;
}

static int visit(const char *path, const struct stat *status, int type)
{
    EXPECT_TRUE(type == FTW_F || type == FTW_D);
    count_file(path, status);
    return 0;
}

static int visit_inner(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)path, (void)status, (void)type, (void)place;
    return ++inner == 2 ? 42 : 0;
}

static int visit_node(const char *path, const struct stat *status, int type, struct FTW *place)
{
    EXPECT_TRUE(strcmp(path + place->base, "tree") == 0 || place->level > 0);
    EXPECT(type == FTW_SL, S_ISLNK(status->st_mode));
    count_file(path, status);
    if (strcmp(path + place->base, "a") == 0) { /* a walk inside of the walk */
        char whole[60];
        snprintf(whole, sizeof whole, "%s/tree", folder);
        inner = 0;
        EXPECT(nftw(whole, visit_inner, 5, FTW_PHYS), 42);
    }
    return 0;
}

static void walks(void)
{
    EXPECT(ftw("tree", visit, 5), 0);
    EXPECT(files, 3);
    EXPECT(directories, 2);
    EXPECT(with_time, 3);
    for (int flags = 0; flags <= FTW_CHDIR; flags += FTW_CHDIR) {
        files = directories = links = with_time = 0;
        EXPECT(nftw("tree", visit_node, 5, FTW_PHYS | flags), 0);
        EXPECT(files, 2);
        EXPECT(directories, 2);
        EXPECT(links, 1);
        EXPECT(with_time, 2);
        if (flags == 0)
            EXPECT(access("tree", F_OK), 0);
    }
    EXPECT_ERROR(nftw("absent", visit_node, 5, 0), ENOENT);
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
    return strcmp((*one)->fts_name, (*other)->fts_name);
}

/* The letters of a walk: D before and P after a directory, F file, L link, ... */
static const char *letters(char *const *paths, int options, const char *instructed, int instruction)
{
    static char text[400];
    static const char names[] = "?DCdNoPEFInsLS";
    FTS *walk = fts_open(paths, options, by_name);
    FTSENT *entry;
    char *end = text;
    EXPECT_TRUE(walk != 0);
    while (walk && (entry = fts_read(walk)) && end < text + 300) {
        end += sprintf(end, "%c%s ", names[entry->fts_info], entry->fts_path);
        EXPECT(entry->fts_pathlen, strlen(entry->fts_path));
        EXPECT(entry->fts_namelen, strlen(entry->fts_name));
        EXPECT_TRUE(strcmp(entry->fts_path + entry->fts_pathlen - entry->fts_namelen, entry->fts_name) == 0);
        if (entry->fts_info == FTS_F) {
            EXPECT(entry->fts_statp->st_mtim.tv_sec, tree_time);
        }
        if (entry->fts_info == FTS_D)
            EXPECT(entry->fts_ino, entry->fts_statp->st_ino);
        if (instructed && entry->fts_info != FTS_DP && strcmp(entry->fts_name, instructed) == 0) {
            EXPECT(fts_set(walk, entry, instruction), 0);
            instructed = 0;
        }
    }
    *end = 0;
    EXPECT(errno, 0);
    EXPECT(fts_close(walk), 0);
    return text;
}

#define EXPECT_WALK(actual, expected)                                                                                  \
    do {                                                                                                               \
        const char *text_ = actual;                                                                                    \
        if (strcmp(text_, expected) != 0) {                                                                            \
            printf("%s:%d: %s\n not %s\n", __FILE__, __LINE__, text_, expected);                                       \
            faults = 1;                                                                                                \
        }                                                                                                              \
    } while (0)

static void fts_walks(void)
{
    char *tree[] = {"tree", 0}, *both[] = {"tree/b", "tree/a", 0}, *absent[] = {"absent", 0}, *empty[] = {"", 0};
    char *to_link[] = {"tree/b/link", 0};
    int physical = FTS_PHYSICAL | FTS_NOCHDIR;
    EXPECT_WALK(letters(tree, physical, 0, 0), "Dtree Ftree/a Dtree/b Ftree/b/c Ltree/b/link Ptree/b Ptree ");
    EXPECT_WALK(letters(tree, FTS_LOGICAL | FTS_NOCHDIR, 0, 0),
                "Dtree Ftree/a Dtree/b Ftree/b/c Ftree/b/link Ptree/b Ptree ");
    EXPECT_WALK(letters(both, physical, 0, 0), "Ftree/a Dtree/b Ftree/b/c Ltree/b/link Ptree/b ");
    EXPECT_WALK(letters(absent, physical, 0, 0), "nabsent ");
    EXPECT_WALK(letters(to_link, physical, 0, 0), "Ltree/b/link ");
    EXPECT_WALK(letters(to_link, physical | FTS_COMFOLLOW, 0, 0), "Ftree/b/link ");
    EXPECT_WALK(letters(tree, physical, "b", FTS_SKIP), "Dtree Ftree/a Dtree/b Ptree/b Ptree ");
    EXPECT_WALK(letters(tree, physical, "a", FTS_AGAIN),
                "Dtree Ftree/a Ftree/a Dtree/b Ftree/b/c Ltree/b/link Ptree/b Ptree ");
    EXPECT_WALK(letters(tree, physical, "link", FTS_FOLLOW),
                "Dtree Ftree/a Dtree/b Ftree/b/c Ltree/b/link Ftree/b/link Ptree/b Ptree ");
    EXPECT_WALK(letters(tree, physical | FTS_SEEDOT, "b", FTS_SKIP),
                "Dtree otree/. otree/.. Ftree/a Dtree/b Ptree/b Ptree ");
    EXPECT(symlink("..", "tree/b/up"), 0);
    EXPECT_WALK(letters(tree, FTS_LOGICAL | FTS_NOCHDIR, 0, 0),
                "Dtree Ftree/a Dtree/b Ftree/b/c Ftree/b/link Ctree/b/up Ptree/b Ptree ");
    EXPECT(unlink("tree/b/up"), 0);
    EXPECT(symlink("nowhere", "tree/b/up"), 0);
    EXPECT_WALK(letters(tree, FTS_LOGICAL | FTS_NOCHDIR, 0, 0),
                "Dtree Ftree/a Dtree/b Ftree/b/c Ftree/b/link Stree/b/up Ptree/b Ptree ");
    EXPECT(unlink("tree/b/up"), 0);
    errno = 0;
    EXPECT_TRUE(fts_open(tree, 0x10000, 0) == 0);
    EXPECT(errno, EINVAL);
    EXPECT_TRUE(fts_open(empty, physical, 0) == 0);
    EXPECT(errno, ENOENT);

    FTS *walk = fts_open(tree, physical, by_name);
    FTSENT *entry = fts_children(walk, 0);
    EXPECT_TRUE(entry && strcmp(entry->fts_name, "tree") == 0 && !entry->fts_link);
    EXPECT_TRUE(fts_read(walk) == entry);
    entry = fts_children(walk, FTS_NAMEONLY);
    EXPECT_TRUE(entry && strcmp(entry->fts_name, "a") == 0 && strcmp(entry->fts_link->fts_name, "b") == 0);
    EXPECT(entry->fts_level, 1);
    EXPECT_TRUE(strcmp(fts_read(walk)->fts_path, "tree/a") == 0);
    EXPECT(fts_close(walk), 0);
    walk = fts_open(tree, physical, by_name);
    fts_read(walk);
    entry = fts_children(walk, 0);
    EXPECT_TRUE(entry && entry->fts_info == FTS_F && entry->fts_statp->st_mtim.tv_sec == tree_time);
    entry->fts_number = 7;
    EXPECT_TRUE(fts_read(walk) == entry && entry->fts_number == 7);
    errno = 0;
    EXPECT_TRUE(fts_children(walk, 0) == 0);
    EXPECT(errno, 0);
    EXPECT_TRUE(fts_children(walk, 99) == 0);
    EXPECT(errno, EINVAL);
    EXPECT(fts_set(walk, entry, 99), 1);
    EXPECT(errno, EINVAL);
    EXPECT(fts_close(walk), 0);
    walk = fts_open(both, physical, 0);
    EXPECT_TRUE(strcmp(fts_read(walk)->fts_path, "tree/b") == 0); /* without a comparison, the caller's order */
    EXPECT(fts_close(walk), 0);
    walk = fts_open(both, physical, 0);
    EXPECT(fts_close(walk), 0);
}

static int asked;

static int own_stat(const char *path, struct stat *status)
{
    ++asked;
    return stat(path, status);
}

static int own_lstat(const char *path, struct stat *status)
{
    ++asked;
    return lstat(path, status);
}

static void *own_opendir(const char *path)
{
    return opendir(path);
}

static struct dirent *own_readdir(void *stream)
{
    return readdir(stream);
}

static void own_closedir(void *stream)
{
    closedir(stream);
}

static void globs(void)
{
    glob_t found = {0};
    EXPECT(glob("tree/*", 0, 0, &found), 0);
    EXPECT(found.gl_pathc, 2);
    EXPECT(strcmp(found.gl_pathv[1], "tree/b"), 0);
    globfree(&found);
    EXPECT(glob("absent*", 0, 0, &found), GLOB_NOMATCH);
    memset(&found, 0, sizeof found);
    found.gl_stat = own_stat;
    found.gl_lstat = own_lstat;
    found.gl_opendir = own_opendir;
    found.gl_readdir = own_readdir;
    found.gl_closedir = own_closedir;
    EXPECT(glob("tree/*", GLOB_ALTDIRFUNC | GLOB_MARK, 0, &found), 0);
    EXPECT(found.gl_pathc, 2);
    EXPECT(strcmp(found.gl_pathv[0], "tree/a"), 0);
    EXPECT(strcmp(found.gl_pathv[1], "tree/b/"), 0);
    EXPECT_TRUE(asked > 0);
    EXPECT_TRUE(found.gl_stat == own_stat && found.gl_lstat == own_lstat);
    globfree(&found);
}

int main(int count, char **arguments)
{
    look_at_arguments(count, arguments);
    EXPECT_TRUE(mkdtemp(folder) != 0);
    EXPECT(chdir(folder), 0);
    setting();
    status_of_files();
    make_tree();
    walks();
    EXPECT(chdir(folder), 0);
    fts_walks();
    globs();
    EXPECT(unlink("tree/a") | unlink("tree/b/c") | unlink("tree/b/link") | rmdir("tree/b") | rmdir("tree"), 0);
    EXPECT(rmdir(folder), 0);
    return faults;
}
