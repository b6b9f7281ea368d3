/* The entries of time64_fts.c: how the content of a directory, and the paths that a walk begins with, become a list. */

#ifndef SYMVER_PIN_ENTRIES64_H
#define SYMVER_PIN_ENTRIES64_H

#include <dirent.h>
#include <string.h>

#include "status64.h"
#include "time64.h"

COMPAT_PLAIN(void *, malloc, (size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(void, qsort, (void *, size_t, size_t, int (*)(const void *, const void *)));
COMPAT_PLAIN(void *, opendir, (const char *));
COMPAT_PLAIN(void *, readdir64, (void *));
COMPAT_PLAIN(int, closedir, (void *));
COMPAT_PLAIN(size_t, strlen, (const char *));

enum walk_option { COMFOLLOW = 1, LOGICAL = 2, NOSTAT = 8, PHYSICAL = 16, SEEDOT = 32, XDEV = 64, ALL_OPTIONS = 255,
                   NAMEONLY = 256 };
enum entry_info { INFO_D = 1, INFO_DC, INFO_DEFAULT, INFO_DNR, INFO_DOT, INFO_DP, INFO_ERR, INFO_F, INFO_INIT, INFO_NS,
                  INFO_NSOK, INFO_SL, INFO_SLNONE };
enum instruction { AGAIN = 1, FOLLOW, NOINSTR, SKIP };

struct file_walk {
    struct entry64 *current, *child;
    int (*compare)(const void *, const void *);
    int options, names_only, stopped;
    uint64_t dev; /* of the present root, for FTS_XDEV */
};

/* Status, entry with its name, and path are one allocation, which begins with the status. */
static struct entry64 *make_entry(struct entry64 *parent, const char *folder, size_t folder_length, const char *name)
{
    size_t name_length = plain_strlen(name), slash = folder_length > 0 && folder[folder_length - 1] != '/';
    size_t path_length = folder_length + slash + name_length;
    struct status64 *status;
    if (path_length > USHRT_MAX) {
        errno = ENAMETOOLONG;
        return 0;
    }
    status = plain_malloc(sizeof *status + sizeof(struct entry64) + name_length + path_length + 1);
    if (!status)
        return 0;
    struct entry64 *entry = (struct entry64 *)(status + 1);
    char *path = entry->name + name_length + 1;
    memset(status, 0, sizeof *status + sizeof *entry);
    memcpy(entry->name, name, name_length + 1);
    memcpy(path, folder, folder_length);
    if (slash)
        path[folder_length] = '/';
    memcpy(path + folder_length + slash, name, name_length + 1);
    entry->path = entry->accpath = path;
    entry->pathlen = (uint16_t)path_length;
    entry->namelen = (uint16_t)name_length;
    entry->parent = parent;
    entry->level = (int16_t)(parent ? parent->level + 1 : -1);
    entry->instr = NOINSTR;
    entry->statp = status;
    return entry;
}

static void free_entries(struct entry64 *entry)
{
    while (entry) {
        struct entry64 *next = entry->link;
        plain_free(entry->statp);
        entry = next;
    }
}

static int is_dot(const char *name)
{
    return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

static uint16_t type_of_directory(struct entry64 *entry)
{
    if (is_dot(entry->name) && entry->level > 0)
        return INFO_DOT;
    for (struct entry64 *above = entry->parent; above && above->level >= 0; above = above->parent)
        if (above->ino == entry->ino && above->dev == entry->dev) {
            entry->cycle = above;
            return INFO_DC;
        }
    return INFO_D;
}

static uint16_t look_at(const struct file_walk *walk, struct entry64 *entry, int follow)
{
    struct status64 *status = entry->statp;
    int is_followed = follow || walk->options & LOGICAL;
    entry->error = 0;
    if (read_status(AT_FDCWD, entry->accpath, is_followed ? 0 : AT_SYMLINK_NOFOLLOW, status) != 0) {
        int error = errno;
        if (is_followed && read_status(AT_FDCWD, entry->accpath, AT_SYMLINK_NOFOLLOW, status) == 0) {
            errno = 0;
            return INFO_SLNONE;
        }
        entry->error = error;
        memset(status, 0, sizeof *status);
        return INFO_NS;
    }
    entry->dev = status->dev;
    entry->ino = status->ino;
    entry->nlink = status->nlink;
    if (S_ISDIR(status->mode))
        return type_of_directory(entry);
    if (walk->options & NOSTAT)
        return INFO_NSOK;
    return S_ISLNK(status->mode) ? INFO_SL : S_ISREG(status->mode) ? INFO_F : INFO_DEFAULT;
}

/* Without memory for the array, the order stays. */
static struct entry64 *sort_entries(const struct file_walk *walk, struct entry64 *first)
{
    size_t count = 0, i = 0;
    for (struct entry64 *entry = first; entry; entry = entry->link)
        ++count;
    struct entry64 **array = walk->compare && count > 1 ? plain_malloc(count * sizeof *array) : 0;
    if (!array)
        return first;
    for (struct entry64 *entry = first; entry; entry = entry->link)
        array[i++] = entry;
    plain_qsort(array, count, sizeof *array, walk->compare);
    for (i = 0; i < count; ++i)
        array[i]->link = i + 1 < count ? array[i + 1] : 0;
    first = array[0];
    plain_free(array);
    return first;
}

/* The entries of a directory; NULL if there are none, or after a fault, which the directory's entry then has. */
static struct entry64 *read_children(struct file_walk *walk, struct entry64 *directory, int names_only)
{
    struct entry64 *first = 0, **place = &first;
    struct dirent64 *item;
    void *stream = plain_opendir(directory->accpath);
    if (!stream) {
        directory->info = INFO_DNR;
        directory->error = errno;
        return 0;
    }
    while ((item = plain_readdir64(stream))) {
        if (is_dot(item->d_name) && !(walk->options & SEEDOT))
            continue;
        struct entry64 *entry = make_entry(directory, directory->path, directory->pathlen, item->d_name);
        if (!entry) {
            directory->info = INFO_ERR;
            directory->error = errno;
            walk->stopped = 1;
            free_entries(first);
            plain_closedir(stream);
            errno = directory->error;
            return 0;
        }
        entry->info = names_only ? INFO_NSOK : look_at(walk, entry, 0);
        *place = entry;
        place = &entry->link;
    }
    plain_closedir(stream);
    return sort_entries(walk, first);
}

/* Returns 0 if a path is empty or there is no memory. */
static int make_roots(const struct file_walk *walk, struct entry64 *above, char *const *paths, struct entry64 **roots)
{
    struct entry64 *first = 0, **place = &first;
    for (; *paths; ++paths) {
        if (**paths == 0)
            errno = ENOENT;
        struct entry64 *entry = **paths ? make_entry(above, "", 0, *paths) : 0;
        if (!entry) {
            free_entries(first);
            return 0;
        }
        entry->info = look_at(walk, entry, walk->options & COMFOLLOW);
        *place = entry;
        place = &entry->link;
    }
    *roots = sort_entries(walk, first);
    return 1;
}

#endif
