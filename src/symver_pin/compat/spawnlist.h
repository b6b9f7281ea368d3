/* How the file actions of newer glibc are stored in the list of an older one.

   One function fills a posix_spawn_file_actions_t and another carries it out, perhaps in another object: a program
   linked with these members may pass its list to a library linked without them, and the other way round. So an action
   that the running libc lacks is stored in libc's own list, as a placeholder: an action that every libc can carry out,
   but that always fails. It opens a file below /dev/null, which is not a directory. Its path says which action is
   meant. posix_spawn of the compat archive recognises these paths. With any other posix_spawn the child fails, and the
   action is not silently ignored.

       kind        descriptor            path of the file                      flags
       chdir       0                     /dev/null/posix_spawn/chdir/PATH      0
       fchdir      0                     /dev/null/posix_spawn/fchdir          the directory
       closefrom   the first to close    /dev/null/posix_spawn/closefrom       0
       tcsetpgrp   the terminal          /dev/null/posix_spawn/tcsetpgrp       0

   Adding an action needs public functions only. Reading the list needs its private layout, which is the same in every
   release from 2.12 to 2.42, except for new kinds at the end. The list is read only on releases before 2.39, which do
   not change any more. */

#ifndef SYMVER_PIN_SPAWNLIST_H
#define SYMVER_PIN_SPAWNLIST_H

#include <spawn.h>

#define PLACEHOLDER "/dev/null/posix_spawn/"
#define PLACEHOLDER_CHDIR PLACEHOLDER "chdir/"
#define PLACEHOLDER_FCHDIR PLACEHOLDER "fchdir"
#define PLACEHOLDER_CLOSEFROM PLACEHOLDER "closefrom"
#define PLACEHOLDER_TCSETPGRP PLACEHOLDER "tcsetpgrp"

enum kind { CLOSE, DUP2, OPEN, CHDIR, FCHDIR, CLOSEFROM, TCSETPGRP };

struct action {
    int kind;
    union {
        struct {
            int fd, new_fd; /* most kinds use only the first */
        } numbers;
        struct {
            int fd;
            const char *path;
            int flags;
            unsigned mode;
        } open;
        const char *path; /* of CHDIR */
    } of;
};

static inline const struct action *actions_of(const posix_spawn_file_actions_t *list)
{
    return (const struct action *)list->__actions;
}

#endif
