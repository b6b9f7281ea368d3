/* The attributes of a thread that is created without any (2.18). Before there was a function to change them, they were
   those of a new attribute object, and nothing outside of libc can change them: the request fails. libvips, the library
   of the npm package sharp, has such a call and goes on without it. */

#include <errno.h>
#include <pthread.h>

#include "compat.h"
#include "running.h"


COMPAT_DEFINE(int, pthread_getattr_default_np, (pthread_attr_t * attr))
{
    static void *real;
    int (*running)(pthread_attr_t *) = COMPAT_RUNNING(real, "pthread_getattr_default_np");
    size_t stack;
    if (running)
        return running(attr);
    int error = pthread_attr_init(attr);
    if (!error)
        error = pthread_attr_getstacksize(attr, &stack);
    return error ? error : pthread_attr_setstacksize(attr, stack);
}

COMPAT_DEFINE(int, pthread_setattr_default_np, (const pthread_attr_t * attr))
{
    static void *real;
    int (*running)(const pthread_attr_t *) = COMPAT_RUNNING(real, "pthread_setattr_default_np");
    return running ? running(attr) : ENOSYS;
}
