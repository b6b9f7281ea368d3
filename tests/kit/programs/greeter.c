/* Uses libgreet.so twice: as linked, and through dlopen. */
#include <dlfcn.h>
#include <stdio.h>
int greet(const char *whom);
int main(int argc, char **argv) {
    void *library = dlopen("libgreet.so", RTLD_NOW);
    if (library == NULL) return puts(dlerror()), 1;
    int (*again)(const char *) = (int (*)(const char *))dlsym(library, "greet");
    int first = greet(argc > 1 ? argv[1] : "nobody"), second = again("again");
    printf("%d %d\n", first, second);
    return dlclose(library);
}
