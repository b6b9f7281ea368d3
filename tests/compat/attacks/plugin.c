/* A plug-in with thread-local objects that it registers through the program. */

#include <unistd.h>

extern int registers(void (*)(void *), void *, void *);
extern void *__dso_handle __attribute__((visibility("hidden")));

void use_thread_local(int *destroyed);

static void destroy(void *destroyed)
{
    __atomic_add_fetch((int *)destroyed, 1, __ATOMIC_SEQ_CST);
}

void use_thread_local(int *destroyed)
{
    registers(destroy, destroyed, &__dso_handle);
    registers(destroy, destroyed, &__dso_handle);
}
