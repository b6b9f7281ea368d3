/* The actions that newer glibc knows and an older posix_spawn does not, in the list that the older one keeps.

   A posix_spawn_file_actions_t is filled by one function and carried out by another, perhaps of different objects: a
   program that was linked with these members may hand its list to a library that was not, and the other way round.  So
   an action that the running libc lacks stays in libc's own list, as one that every libc can carry out and none can
   succeed with: to open a file below /dev/null, which is no directory.  Only its name tells what is meant.  posix_spawn
   of the compat archive knows the names; with any other the child fails instead of silently leaving the action out.

       kind        descriptor            name of the file                      flags
       chdir       0                     /dev/null/posix_spawn/chdir/PATH      0
       fchdir      0                     /dev/null/posix_spawn/fchdir          the directory
       closefrom   the first to close    /dev/null/posix_spawn/closefrom       0
       tcsetpgrp   the terminal          /dev/null/posix_spawn/tcsetpgrp       0

   To add one takes public functions only.  To read the list takes its private form, which is the same in every release
   from 2.12 to 2.42 but for new kinds at the end; it is read on releases before 2.39 alone, which change no more. */

#ifndef SYMVER_PIN_SPAWNLIST_H
#define SYMVER_PIN_SPAWNLIST_H

#include <spawn.h>

#define STAND_IN "/dev/null/posix_spawn/"
#define STAND_IN_CHDIR STAND_IN "chdir/"
#define STAND_IN_FCHDIR STAND_IN "fchdir"
#define STAND_IN_CLOSEFROM STAND_IN "closefrom"
#define STAND_IN_TCSETPGRP STAND_IN "tcsetpgrp"

enum kind { CLOSE, DUP2, OPEN, CHDIR, FCHDIR, CLOSEFROM, TCSETPGRP };

struct action {
    int kind;
    union {
        struct {
            int fd, new_fd; /* the first one stands for itself in most kinds */
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
