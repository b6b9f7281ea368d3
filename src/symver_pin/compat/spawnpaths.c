/* posix_spawn_file_actions_addopen as it is since 2.20: it copies the path, so that the caller may free or change it.

   An older libc keeps the caller's pointer. This function passes it a pointer to a copy. The copies form a list that
   begins in the padding of the action list; no libc uses the padding after it has cleared it in the initialisation.
   posix_spawn_file_actions_destroy frees the copies. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "runningrelease.h"
#include "spawnlist.h"

#ifdef SYMVER_PIN_OLD_posix_spawn_file_actions_addopen

#define COPIES_SINCE 20

struct copy {
    struct copy *older;
    char path[];
};

static struct copy **copies_of(posix_spawn_file_actions_t *list)
{
    return (struct copy **)(void *)list->__pad; /* the member before it is a pointer, so it has a pointer's alignment */
}

COMPAT_OLD(int, posix_spawn_file_actions_addopen, SYMVER_PIN_OLD_posix_spawn_file_actions_addopen,
           (posix_spawn_file_actions_t *, int, const char *, int, mode_t));
COMPAT_DEFINE(int, posix_spawn_file_actions_addopen,
              (posix_spawn_file_actions_t * list, int fd, const char *path, int flags, mode_t mode))
{
    if (running_minor() >= COPIES_SINCE)
        return old_posix_spawn_file_actions_addopen(list, fd, path, flags, mode);
    size_t size = strlen(path) + 1;
    struct copy *copy = malloc(sizeof *copy + size);
    if (!copy)
        return ENOMEM;
    memcpy(copy->path, path, size);
    int error = old_posix_spawn_file_actions_addopen(list, fd, copy->path, flags, mode);
    if (error) {
        free(copy);
        return error;
    }
    copy->older = *copies_of(list);
    *copies_of(list) = copy;
    return 0;
}

COMPAT_OLD(int, posix_spawn_file_actions_destroy, SYMVER_PIN_OLD_posix_spawn_file_actions_destroy,
           (posix_spawn_file_actions_t *));
COMPAT_DEFINE(int, posix_spawn_file_actions_destroy, (posix_spawn_file_actions_t * list))
{
    if (running_minor() < COPIES_SINCE)
        for (struct copy *copy = *copies_of(list), *older; copy; copy = older) {
            older = copy->older;
            free(copy);
        }
    return old_posix_spawn_file_actions_destroy(list);
}

#endif
