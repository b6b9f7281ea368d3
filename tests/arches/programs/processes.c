/* fork, vfork, execve, execvpe, execl, posix_spawn with actions and attributes, wait in all forms, system calls of ids.
   child: yes */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    int status = 0, ends[2];
    char text[30] = "", *arguments[] = {"child", "3", "hello ", NULL}, *environment[] = {"VARIABLE=there", NULL};
    struct rusage usage;
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(getppid() > 0 ? 41 : 1);
    SAME(wait4(pid, &status, 0, &usage), pid);
    SAME(WEXITSTATUS(status), 41);
    pid = vfork();
    if (pid == 0)
        _exit(42);
    SAME(waitpid(pid, &status, 0), pid);
    SAME(WEXITSTATUS(status), 42);
    SAME(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        execve("./child", arguments, environment);
        _exit(127);
    }
    SAME(waitid(P_PID, pid, &info, WEXITED), 0);
    SAME(info.si_status, 3);
    SAME(info.si_code, CLD_EXITED);
    SAME(read(ends[0], text, sizeof text), 11);
    TEXT(text, "hello there");
    pid = vfork();
    if (pid == 0) {
        execl("./child", "child", "4", NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    SAME(WEXITSTATUS(status), 4);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    memset(text, 0, sizeof text);
    SAME(posix_spawn_file_actions_init(&actions), 0);
    SAME(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
    SAME(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0), 0);
    SAME(posix_spawnattr_init(&attributes), 0);
    SAME(posix_spawnattr_setsigmask(&attributes, &none), 0);
    SAME(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK), 0);
    SAME(posix_spawn(&pid, "./child", &actions, &attributes, arguments, environment), 0);
    SAME(waitpid(pid, &status, 0), pid);
    SAME(WEXITSTATUS(status), 3);
    SAME(read(ends[0], text, sizeof text), 11);
    TEXT(text, "hello there");
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    SAME(waitpid(pid, &status, WNOHANG), 0);
    kill(pid, SIGKILL);
    SAME(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    SAME(wait(&status), -1);
    SAME(errno, ECHILD);
    SAME(getrusage(RUSAGE_SELF, &usage), 0);
    cpu_set_t processors;
    CPU_ZERO(&processors);
    SAME(sched_getaffinity(0, sizeof processors, &processors), 0);
    CHECK(CPU_COUNT(&processors) >= 1 && sched_getcpu() >= 0 && sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    CHECK(getpgid(0) > 0 && getsid(0) >= 0 && gettid() == getpid());
    return faults;
}
