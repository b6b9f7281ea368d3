/* A mount made, changed and moved in a namespace of its own, where the system lets the program; else only refusals. */

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include "check.h"

extern int mount(const char *, const char *, const char *, unsigned long, const void *);
extern int umount2(const char *, int);
extern int fsopen(const char *, unsigned);
extern int fspick(int, const char *, unsigned);
extern int fsconfig(int, unsigned, const char *, const void *, int);
extern int fsmount(int, unsigned, unsigned);
extern int open_tree(int, const char *, unsigned);
extern int move_mount(int, const char *, int, const char *, unsigned);

struct attributes {
    uint64_t set, clear, propagation, user_namespace;
};
extern int mount_setattr(int, const char *, unsigned, struct attributes *, size_t);

enum { AS_STRING = 1, CREATE = 6, FROM_EMPTY_PATH = 4, CLONE = 1, READ_ONLY = 1, EMPTY_PATH = 0x1000, DETACH = 2 };

static void mounts(void)
{
    struct attributes change = {READ_ONLY, 0, 0, 0};
    struct statfs status;
    int context = fsopen("tmpfs", 1);
    EXPECT_TRUE(context >= 0);
    EXPECT(fcntl(context, F_GETFD), FD_CLOEXEC);
    EXPECT(fsconfig(context, AS_STRING, "size", "65536", 0), 0);
    EXPECT_ERROR(fsconfig(context, AS_STRING, "no such option", "1", 0), EINVAL);
    EXPECT(fsconfig(context, CREATE, 0, 0, 0), 0);
    int mount = fsmount(context, 1, 0);
    EXPECT_TRUE(mount >= 0);
    EXPECT(fstatfs(mount, &status), 0);
    EXPECT(status.f_blocks * (uint64_t)status.f_bsize, 65536);
    close(openat(mount, "file", O_CREAT | O_WRONLY, 0600));
    mkdir("place", 0700);
    EXPECT(move_mount(mount, "", AT_FDCWD, "place", FROM_EMPTY_PATH), 0);
    EXPECT(access("place/file", F_OK), 0);
    EXPECT(mount_setattr(mount, "", EMPTY_PATH, &change, sizeof change), 0);
    EXPECT_ERROR(open("place/new", O_CREAT | O_WRONLY, 0600), EROFS);
    int tree = open_tree(AT_FDCWD, "place", CLONE);
    EXPECT_TRUE(tree >= 0);
    EXPECT(faccessat(tree, "file", F_OK, 0), 0);
    int picked = fspick(AT_FDCWD, "place", 1);
    EXPECT_TRUE(picked >= 0);
    EXPECT(umount2("place", DETACH), 0);
}

int main(int count, char **arguments)
{
    struct attributes change = {READ_ONLY, 0, 0, 0};
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) == 0 && mount(0, "/", 0, 1 << 18 | 1 << 14, 0) == 0)
            mounts();
        _exit(faults);
    }
    EXPECT(waitpid(child, &status, 0), child);
    EXPECT(status, 0);

    int tree = open_tree(AT_FDCWD, ".", O_CLOEXEC);
    EXPECT_TRUE(tree >= 0);
    EXPECT(fcntl(tree, F_GETFD), FD_CLOEXEC);
    close(tree);
    EXPECT_ERROR(open_tree(AT_FDCWD, "absent", 0), ENOENT);
    EXPECT_ERROR(open_tree(AT_FDCWD, ".", 0x40000000), EINVAL);
    EXPECT_ERROR(fsconfig(-1, CREATE, 0, 0, 0), EINVAL);
    EXPECT_ERROR(fsconfig(5000, CREATE, 0, 0, 0), EBADF);
    EXPECT(fsopen("no such kind", 0), -1);
    EXPECT_TRUE(errno == ENODEV || errno == EPERM);
    EXPECT(fspick(AT_FDCWD, "absent", 0), -1);
    EXPECT_TRUE(errno == ENOENT || errno == EPERM);
    EXPECT(fsmount(5000, 0, 0), -1);
    EXPECT_TRUE(errno == EBADF || errno == EPERM);
    EXPECT(move_mount(AT_FDCWD, "absent", AT_FDCWD, ".", 0), -1);
    EXPECT_TRUE(errno == ENOENT || errno == EPERM);
    EXPECT_ERROR(mount_setattr(AT_FDCWD, ".", 0x40000000, &change, sizeof change), EINVAL);
    EXPECT_ERROR(mount_setattr(AT_FDCWD, ".", 0, &change, 1), EINVAL);

    if (fallbacks(count, arguments)) {
        without_system_call(SYS_fsopen);
        without_system_call(SYS_mount_setattr);
        EXPECT_ERROR(fsopen("tmpfs", 0), ENOSYS);
        EXPECT_ERROR(mount_setattr(AT_FDCWD, ".", 0, &change, sizeof change), ENOSYS);
    }
    return faults;
}
