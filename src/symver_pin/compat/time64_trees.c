/* ftw, nftw and glob for programs whose `struct stat` has 64-bit times (time64.h).

   libc's older functions do the work. They call a function here instead of the program's, with the older structure;
   that function reads the status again, with 64-bit times. (2.33 refuses a file with a time that 32 bits do not hold.)
   The program's functions are in thread-local variables, and a walk inside of a walk restores those of the outer
   one. */

#include <ftw.h>
#include <glob.h>

#include "status64.h"
#include "time64.h"

typedef int visit_file(const char *, const struct status64 *, int);
typedef int visit_node(const char *, const struct status64 *, int, struct FTW *);

COMPAT_PLAIN(int, ftw64, (const char *, int (*)(const char *, const struct stat64 *, int), int));
COMPAT_PLAIN(int, nftw64, (const char *, int (*)(const char *, const struct stat64 *, int, struct FTW *), int, int));

/* The status that a walk found, with 64-bit times. Of a file that has changed in between, the older one. */
static void complete_status(const char *path, const struct stat64 *old, int is_link, struct status64 *status)
{
    struct status64 found;
    int before = errno;
    status_of_old(old, status);
    if (read_status(AT_FDCWD, path, is_link ? AT_SYMLINK_NOFOLLOW : 0, &found) == 0 && found.ino == status->ino &&
        found.dev == status->dev)
        *status = found;
    errno = before;
}

static __thread visit_file *file_visitor;

static int pass_file(const char *path, const struct stat64 *old, int type)
{
    struct status64 status;
    visit_file *visit = file_visitor;
    complete_status(path, old, 0, &status);
    int result = visit(path, &status, type);
    file_visitor = visit;
    return result;
}

COMPAT_64(int, __ftw64_time64, (const char *path, visit_file *visit, int descriptors), (path, visit, descriptors))
{
    visit_file *outer = file_visitor;
    file_visitor = visit;
    int result = plain_ftw64(path, pass_file, descriptors);
    file_visitor = outer;
    return result;
}

struct node_walk {
    visit_node *visit;
    int flags;
};

static __thread struct node_walk node_walk;

static int pass_node(const char *path, const struct stat64 *old, int type, struct FTW *place)
{
    struct status64 status;
    struct node_walk walk = node_walk;
    /* With FTW_CHDIR the current directory is that of the file; in a directory after its content, its own parent. */
    const char *name = walk.flags & FTW_CHDIR ? path + place->base : path;
    complete_status(name, old, (walk.flags & FTW_PHYS) || type == FTW_SL || type == FTW_SLN, &status);
    int result = walk.visit(path, &status, type, place);
    node_walk = walk;
    return result;
}

COMPAT_64(int, __nftw64_time64, (const char *path, visit_node *visit, int descriptors, int flags),
          (path, visit, descriptors, flags))
{
    struct node_walk outer = node_walk;
    node_walk = (struct node_walk){visit, flags};
    int result = plain_nftw64(path, pass_node, descriptors, flags);
    node_walk = outer;
    return result;
}

typedef int status_function(const char *, struct status64 *);

struct glob_functions {
    status_function *stat, *lstat;
};

static __thread struct glob_functions glob_functions;

COMPAT_PLAIN(int, glob64, (const char *, int, int (*)(const char *, int), glob64_t *));
COMPAT_PLAIN(void, globfree64, (glob64_t *));

/* libc's glob looks at the type of a file and not at its times. */
static int pass_status(status_function *ask, const char *path, struct stat64 *old)
{
    struct status64 status;
    struct glob_functions inner = glob_functions;
    int result = ask(path, &status);
    glob_functions = inner;
    if (result == 0) {
        *old = (struct stat64){0};
        old->st_dev = status.dev;
        old->st_ino = status.ino;
        old->st_mode = status.mode;
        old->st_nlink = status.nlink;
        old->st_size = status.size;
    }
    return result;
}

static int pass_stat(const char *path, struct stat64 *old)
{
    return pass_status(glob_functions.stat, path, old);
}

static int pass_lstat(const char *path, struct stat64 *old)
{
    return pass_status(glob_functions.lstat, path, old);
}

/* Only with GLOB_ALTDIRFUNC the program gives functions that take a `struct stat`. */
COMPAT_64(int, __glob64_time64,
          (const char *pattern, int flags, int (*report)(const char *, int), glob64_t *found),
          (pattern, flags, report, found))
{
    if (!(flags & GLOB_ALTDIRFUNC))
        return plain_glob64(pattern, flags, report, found);
    struct glob_functions outer = glob_functions;
    glob_functions = (struct glob_functions){(status_function *)found->gl_stat, (status_function *)found->gl_lstat};
    found->gl_stat = (void *)pass_stat;
    found->gl_lstat = (void *)pass_lstat;
    int result = plain_glob64(pattern, flags, report, found);
    found->gl_stat = (void *)glob_functions.stat;
    found->gl_lstat = (void *)glob_functions.lstat;
    glob_functions = outer;
    return result;
}

COMPAT_64(void, __globfree64_time64, (glob64_t * found), (found))
{
    plain_globfree64(found);
}
