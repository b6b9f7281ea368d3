/* How a member calls the running libc's function of its own name, if that libc is newer than the target. On such a libc
   a program then behaves as if it had been linked for it.

   running.c finds the function. The search is made once for each member. */

#ifndef SYMVER_PIN_RUNNING_H
#define SYMVER_PIN_RUNNING_H

#include "compat.h"

/* The address of the function with that name in the running libc, or NULL. */
extern COMPAT_HIDDEN void *symver_pin_running_function(const char *name);

/* The result of `search`, kept in `cache`, a static void *. */
#define COMPAT_ABSENT ((void *)-1)
#define COMPAT_FOUND(cache, search)                                                                                    \
    __extension__({                                                                                                    \
        void *found_ = __atomic_load_n(&(cache), __ATOMIC_ACQUIRE);                                                    \
        if (found_ == 0) {                                                                                             \
            found_ = search;                                                                                           \
            if (found_ == 0)                                                                                           \
                found_ = COMPAT_ABSENT;                                                                                \
            __atomic_store_n(&(cache), found_, __ATOMIC_RELEASE);                                                      \
        }                                                                                                              \
        found_ == COMPAT_ABSENT ? (void *)0 : found_;                                                                  \
    })
#define COMPAT_RUNNING(cache, name) COMPAT_FOUND(cache, symver_pin_running_function(name))

/* Return what the running libc's function returns, if there is one. `type` is that of its result, `parameters` its
   parameters, and `arguments` what it is called with; the latter two have parentheses. */
#define COMPAT_PREFER_RUNNING(type, symbol, parameters, arguments)                                                     \
    do {                                                                                                               \
        static void *running_cache_;                                                                                   \
        type(*running_) parameters = (type(*) parameters)COMPAT_RUNNING(running_cache_, #symbol);                      \
        if (running_)                                                                                                  \
            return running_ arguments;                                                                                 \
    } while (0)

#endif
