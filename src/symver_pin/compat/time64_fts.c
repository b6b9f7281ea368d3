/* fts for programs whose `struct stat` has 64-bit times (time64.h).

   libc's older fts has another structure for each file, and before 2.23 none for large files. So this is an
   implementation of its own, by the manual page. It never changes the current directory, as with FTS_NOCHDIR, which the
   manual allows: fts_accpath is always fts_path. Each entry has a path of its own. */

#include <string.h>

#include "entries64.h"
#include "time64.h"

COMPAT_PLAIN(char *, strrchr, (const char *, int));

COMPAT_64(void *, __fts64_open_time64, (char *const *paths, int options, int (*compare)(const void *, const void *)),
          (paths, options, compare))
{
    if (options & ~ALL_OPTIONS) {
        errno = EINVAL;
        return 0;
    }
    struct file_walk *walk = plain_malloc(sizeof *walk);
    struct entry64 *above = walk ? make_entry(0, "", 0, "") : 0, *start = above ? make_entry(above, "", 0, "") : 0;
    if (start) {
        *walk = (struct file_walk){start, 0, compare, options, 0, 0, 0};
        start->info = INFO_INIT; /* the entry before the first root, which nobody sees */
        if (make_roots(walk, above, paths, &start->link))
            return walk;
    }
    int error = errno;
    free_entries(start);
    free_entries(above);
    plain_free(walk);
    errno = error;
    return 0;
}

/* A root's name is the last part of its path from now on. */
static void enter_root(struct file_walk *walk, struct entry64 *root)
{
    char *slash = plain_strrchr(root->name, '/');
    if (slash && (slash != root->name || slash[1])) {
        root->namelen = (uint16_t)plain_strlen(slash + 1);
        memmove(root->name, slash + 1, root->namelen + 1);
    }
    walk->dev = root->dev;
}

static struct entry64 *after_children(struct file_walk *walk, struct entry64 *last)
{
    struct entry64 *above = last->parent;
    int is_end = above->level < 0;
    plain_free(last->statp);
    if (is_end) {
        plain_free(above->statp);
        walk->current = 0;
        errno = 0;
        return 0;
    }
    above->info = above->error ? INFO_ERR : INFO_DP;
    return walk->current = above;
}

static struct entry64 *next_entry(struct file_walk *walk, struct entry64 *entry)
{
    for (;;) {
        struct entry64 *next = entry->link;
        if (!next)
            return after_children(walk, entry);
        plain_free(entry->statp);
        entry = walk->current = next;
        if (entry->level == 0)
            enter_root(walk, entry);
        if (entry->instr == SKIP)
            continue;
        if (entry->instr == FOLLOW) {
            entry->info = look_at(walk, entry, 1);
            entry->instr = NOINSTR;
        }
        return entry;
    }
}

/* The first file in a directory that was returned before its content, or the directory again. */
static struct entry64 *descend(struct file_walk *walk, struct entry64 *directory, int skip)
{
    if (skip || walk->names_only) {
        free_entries(walk->child);
        walk->child = 0;
        walk->names_only = 0;
    }
    if (!skip && !walk->child)
        walk->child = read_children(walk, directory, 0);
    if (walk->stopped)
        return 0;
    struct entry64 *child = walk->child;
    walk->child = 0;
    if (!child) {
        if (directory->info == INFO_D)
            directory->info = INFO_DP;
        return directory;
    }
    return walk->current = child;
}

COMPAT_64(struct entry64 *, __fts64_read_time64, (struct file_walk * walk), (walk))
{
    struct entry64 *entry = walk->current;
    if (!entry || walk->stopped)
        return 0;
    int instruction = entry->instr;
    entry->instr = NOINSTR;
    int is_link = entry->info == INFO_SL || entry->info == INFO_SLNONE;
    if (instruction == AGAIN || (instruction == FOLLOW && is_link)) {
        entry->info = look_at(walk, entry, instruction == FOLLOW);
        return entry;
    }
    if (entry->info == INFO_D)
        return descend(walk, entry, instruction == SKIP || (walk->options & XDEV && entry->dev != walk->dev));
    return next_entry(walk, entry);
}

COMPAT_64(struct entry64 *, __fts64_children_time64, (struct file_walk * walk, int options), (walk, options))
{
    struct entry64 *entry = walk->current;
    if (options != 0 && options != NAMEONLY) {
        errno = EINVAL;
        return 0;
    }
    errno = 0;
    if (!entry || walk->stopped)
        return 0;
    if (entry->info == INFO_INIT)
        return entry->link;
    if (entry->info != INFO_D)
        return 0;
    free_entries(walk->child);
    walk->names_only = options == NAMEONLY;
    return walk->child = read_children(walk, entry, walk->names_only);
}

COMPAT_64(int, __fts64_set_time64, (struct file_walk * walk, struct entry64 *entry, int instruction),
          (walk, entry, instruction))
{
    (void)walk;
    if (instruction < 0 || instruction > SKIP) {
        errno = EINVAL;
        return 1;
    }
    entry->instr = (uint16_t)instruction;
    return 0;
}

COMPAT_64(int, __fts64_close_time64, (struct file_walk * walk), (walk))
{
    struct entry64 *entry = walk->current;
    free_entries(walk->child);
    while (entry) {
        struct entry64 *above = entry->parent;
        free_entries(entry);
        entry = above;
    }
    plain_free(walk);
    return 0;
}
