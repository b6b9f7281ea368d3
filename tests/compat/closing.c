/* Loads ./library.so, which contains a behaviour program and the members that it calls, runs the program, unloads the
   library, and then does what would reach into it: fork, the end of a thread, exit. "kept" on the output says that the
   library stays loaded. */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *unused)
{
    return unused;
}

int main(int count, char **arguments)
{
    void *result, *library = dlopen("./library.so", RTLD_NOW);
    void *run = library ? dlsym(library, "run_in_library") : 0;
    pthread_t thread;
    int status;
    if (!run) {
        puts(dlerror());
        return 1;
    }
    if (((int (*)(int, char **))run)(count, arguments) != 0)
        return 1;
    if (dlclose(library) != 0)
        return 1;
    if (dlopen("./library.so", RTLD_NOW | RTLD_NOLOAD))
        puts("kept");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (waitpid(child, &status, 0) != child || status != 0)
        return 1;
    return pthread_create(&thread, 0, nothing, 0) != 0 || pthread_join(thread, &result) != 0;
}
