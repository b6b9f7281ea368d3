/* Says what posix_spawn does with a script that names no interpreter: the old node asks /bin/sh. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void)
{
    char name[] = "/tmp/spawnXXXXXX";
    int descriptor = mkstemp(name), ended = 0;
    pid_t child;
    char *arguments[] = {name, NULL};
    if (descriptor < 0 || write(descriptor, "exit 7\n", 7) != 7 || fchmod(descriptor, 0700) || close(descriptor))
        return 2;
    int status = posix_spawn(&child, name, NULL, NULL, arguments, environ);
    if (status == 0 && waitpid(child, &ended, 0) != child)
        return 2;
    /* An old library tells an error of execve by the child's status 127. */
    puts(status == ENOEXEC || WEXITSTATUS(ended) == 127 ? "refused" : WEXITSTATUS(ended) == 7 ? "run" : "other");
    return unlink(name);
}
