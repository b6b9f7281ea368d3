/* Macros with which every compat member is defined under a libc name, whatever the host's headers and compiler do with
   that name.

   A header of the build host may rename a function (strtol becomes __isoc23_strtol, fcntl becomes fcntl64), replace it
   by a fortified inline function, or declare it with attributes that change how the compiler treats it. So a member has
   a private name in C, and only its assembler label is the libc symbol. The same holds for each libc function that a
   member calls.

   Rules (docs/compat.md has the reasons):
   - There is one COMPAT_DEFINE or COMPAT_DATA for each symbol, and a file has no other global symbols.
   - Members share code through static functions. The archive builder cuts the compiled file into one object for each
     symbol, and each object gets a copy of the static functions that it needs.
   - Several files are compiled as one translation unit. The names of static functions and tags must be unique in all
     files, and a file must not rely on a macro that it does not define itself.
   - There are no constructors, and no writable static data that two members would have to share. */

#ifndef SYMVER_PIN_COMPAT_H
#define SYMVER_PIN_COMPAT_H

#define COMPAT_HIDDEN __attribute__((visibility("hidden")))

/* gcc merges functions with equal bodies (stat and stat64 of a 64-bit architecture). This attribute prevents that. */
#ifdef __has_attribute
#if __has_attribute(no_icf)
#define COMPAT_WHOLE __attribute__((no_icf))
#endif
#endif
#ifndef COMPAT_WHOLE
#define COMPAT_WHOLE
#endif

/* COMPAT_DEFINE(int, name, (int a)) { ... } defines a hidden function with the symbol `name`. */
#define COMPAT_DEFINE(result, symbol, parameters)                                                                      \
    COMPAT_HIDDEN COMPAT_WHOLE result compat_##symbol parameters __asm__(#symbol);                                     \
    result compat_##symbol parameters

/* COMPAT_DATA(char, name) = 0; defines a hidden variable with the symbol `name`. */
#define COMPAT_DATA(type, symbol)                                                                                      \
    extern COMPAT_HIDDEN type compat_##symbol __asm__(#symbol);                                                        \
    type compat_##symbol

/* plain_name(...) calls the libc function with the symbol `name`, even if the headers rename or wrap that name. */
#define COMPAT_PLAIN(result, symbol, parameters) extern result plain_##symbol parameters __asm__(#symbol)

/* old_name(...) calls the symbol that the target exports under that name, at the given version node. Only a member that
   wraps the older function of the same name uses it. */
#define COMPAT_OLD(result, symbol, version, parameters)                                                                \
    extern result old_##symbol parameters;                                                                             \
    __asm__(".symver old_" #symbol ", " #symbol "@" version)

#endif
