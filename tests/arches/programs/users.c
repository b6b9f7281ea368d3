/* Users, groups, hosts' files by their functions that read one stream, mount tables, shadow-free. */
#define _GNU_SOURCE
#include <fstab.h>
#include <grp.h>
#include <mntent.h>
#include <pwd.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    char text[] = "user:x:1000:1001:A User:/home/user:/bin/sh\nother:x:5:6::/:/bin/false\n", room[300];
    FILE *file = fmemopen(text, sizeof text - 1, "r");
    struct passwd entry, *found = NULL;
    SAME(fgetpwent_r(file, &entry, room, sizeof room, &found), 0);
    TEXT(entry.pw_name, "user");
    SAME(entry.pw_uid, 1000);
    TEXT(entry.pw_dir, "/home/user");
    SAME(fgetpwent_r(file, &entry, room, sizeof room, &found), 0);
    SAME(entry.pw_gid, 6);
    fclose(file);
    char groups[] = "wheel:x:10:root,user\n";
    file = fmemopen(groups, sizeof groups - 1, "r");
    struct group *group = fgetgrent(file);
    CHECK(group != NULL);
    TEXT(group->gr_name, "wheel");
    TEXT(group->gr_mem[1], "user");
    fclose(file);
    char mounts[] = "/dev/one /mnt\\040point ext4 rw,noatime 0 1\n";
    file = fmemopen(mounts, sizeof mounts - 1, "r");
    struct mntent *mount = getmntent(file);
    CHECK(mount != NULL);
    TEXT(mount->mnt_dir, "/mnt point");
    CHECK(hasmntopt(mount, "noatime") != NULL);
    fclose(file);
    gid_t list[100];
    CHECK(getgroups(100, list) >= 0);
    uid_t real, effective, saved;
    SAME(getresuid(&real, &effective, &saved), 0);
    SAME(real, getuid());
    SAME(effective, geteuid());
    return faults;
}
