/* What every compat member needs to be defined under a libc name without being caught by what the host's headers
   and compiler do to that name.

   A header of the build host may rename a function (strtol becomes __isoc23_strtol, fcntl becomes fcntl64), wrap it
   in an inline fortified body, or declare it with attributes the compiler acts upon.  So a member is written under a
   private C name, and only its assembler label is the libc symbol; the same holds for each libc function it calls.

   Rules (docs/compat.md has the reasons):
   - one COMPAT_DEFINE or COMPAT_DATA a symbol, all global symbols of a file are such symbols;
   - members share code through static functions: the archive builder cuts what is compiled into one object a symbol,
     and a static function goes into each object that needs it;
   - several files are compiled as one unit: static names and tags are unique among all of them, and no file may count
     on a macro that it does not define itself;
   - no constructors; no writable static data that two members would have to share.  */

#ifndef SYMVER_PIN_COMPAT_H
#define SYMVER_PIN_COMPAT_H

#define COMPAT_HIDDEN __attribute__((visibility("hidden")))

/* gcc merges functions with equal bodies (stat and stat64 of a 64-bit architecture); each must stay a whole of its own. */
#ifdef __has_attribute
#if __has_attribute(no_icf)
#define COMPAT_WHOLE __attribute__((no_icf))
#endif
#endif
#ifndef COMPAT_WHOLE
#define COMPAT_WHOLE
#endif

/* COMPAT_DEFINE(int, name, (int a)) { ... } defines the function whose symbol is `name`, hidden. */
#define COMPAT_DEFINE(result, symbol, parameters)                                                                      \
    COMPAT_HIDDEN COMPAT_WHOLE result compat_##symbol parameters __asm__(#symbol);                                     \
    result compat_##symbol parameters

/* COMPAT_DATA(char, name) = 0; defines the variable whose symbol is `name`, hidden. */
#define COMPAT_DATA(type, symbol)                                                                                      \
    extern COMPAT_HIDDEN type compat_##symbol __asm__(#symbol);                                                        \
    type compat_##symbol

/* plain_name(...) calls the libc function whose symbol is `name`, whatever the headers have made of that name. */
#define COMPAT_PLAIN(result, symbol, parameters) extern result plain_##symbol parameters __asm__(#symbol)

/* old_name(...) calls the symbol that the target itself exports under that name, at the given version node; only a
   member that stands before an older function of the same name has one. */
#define COMPAT_OLD(result, symbol, version, parameters)                                                                \
    extern result old_##symbol parameters;                                                                             \
    __asm__(".symver old_" #symbol ", " #symbol "@" version)

/* dlsym(RTLD_DEFAULT, name): the function of the libc that the program runs on, when that is younger than the target.
   A hidden member is not in a dynamic symbol table, so it never finds itself.  `cache` is a static void *. */
#define COMPAT_ABSENT ((void *)-1)
#define COMPAT_RUNNING(cache, name)                                                                                    \
    __extension__({                                                                                                    \
        void *found_ = __atomic_load_n(&(cache), __ATOMIC_ACQUIRE);                                                    \
        if (found_ == 0) {                                                                                             \
            found_ = plain_dlsym(0, name);                                                                             \
            if (found_ == 0)                                                                                           \
                found_ = COMPAT_ABSENT;                                                                                \
            __atomic_store_n(&(cache), found_, __ATOMIC_RELEASE);                                                      \
        }                                                                                                              \
        found_ == COMPAT_ABSENT ? (void *)0 : found_;                                                                  \
    })

#endif
