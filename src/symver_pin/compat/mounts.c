/* Mounts by descriptor, Linux 5.2 and 5.12. An older kernel fails with ENOSYS. */

#include <stddef.h>

#include "compat.h"
#include "numbers.h"

COMPAT_PLAIN(long, syscall, (long, ...));

COMPAT_DEFINE(int, fsopen, (const char *name, unsigned flags))
{
    return (int)plain_syscall(SYS_fsopen, name, flags);
}

COMPAT_DEFINE(int, fspick, (int directory, const char *path, unsigned flags))
{
    return (int)plain_syscall(SYS_fspick, directory, path, flags);
}

COMPAT_DEFINE(int, fsconfig, (int fd, unsigned command, const char *key, const void *value, int extra))
{
    return (int)plain_syscall(SYS_fsconfig, fd, command, key, value, extra);
}

COMPAT_DEFINE(int, fsmount, (int fd, unsigned flags, unsigned attributes))
{
    return (int)plain_syscall(SYS_fsmount, fd, flags, attributes);
}

COMPAT_DEFINE(int, open_tree, (int directory, const char *path, unsigned flags))
{
    return (int)plain_syscall(SYS_open_tree, directory, path, flags);
}

COMPAT_DEFINE(int, move_mount, (int from, const char *old_path, int to, const char *new_path, unsigned flags))
{
    return (int)plain_syscall(SYS_move_mount, from, old_path, to, new_path, flags);
}

COMPAT_DEFINE(int, mount_setattr, (int directory, const char *path, unsigned flags, void *attributes, size_t size))
{
    return (int)plain_syscall(SYS_mount_setattr, directory, path, flags, attributes, size);
}
