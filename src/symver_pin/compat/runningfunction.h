/* The function of some name in the libc on which the program runs, if that libc is newer than the target.

   dlsym would find it too, but it replaces the message that dlerror() returns next, takes the loader's lock, and is not
   async-signal-safe. So the loader's list of objects and their symbol tables are read here. Without a lock, only that
   part of the list may be read in which nothing changes any more: the objects that were loaded when the program started,
   up to the loader itself. All libraries of glibc that the program was linked with are among them. If several objects
   define the function, the first one counts, as for every call of the program.

   The loader's list names the objects of the main program's namespace. A library that was loaded into another one by
   dlmopen has a libc of its own, which dl_iterate_phdr() finds.

   A hidden member is not in a dynamic symbol table, so it never finds itself. */

#ifndef SYMVER_PIN_RUNNINGFUNCTION_H
#define SYMVER_PIN_RUNNINGFUNCTION_H

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "compat.h"

COMPAT_PLAIN(int, dl_iterate_phdr, (int (*)(struct dl_phdr_info *, size_t, void *), void *));
COMPAT_PLAIN(const char *, gnu_get_libc_version, (void));

extern struct r_debug loaded __asm__("_r_debug");

#define HIDDEN_VERSION 0x8000 /* in DT_VERSYM: not the default version of the symbol */

/* What the dynamic section of an object says about its symbols. */
struct symbols {
    ElfW(Addr) bias; /* the difference between addresses in the file and in memory */
    const ElfW(Sym) * table;
    const char *names, *soname;
    const ElfW(Half) * versions;
    const uint32_t *gnu_hash;
    const Elf_Symndx *hash;
};

static ElfW(Addr) apart(ElfW(Addr) one, ElfW(Addr) other)
{
    ElfW(Addr) difference = one - other;
    return difference < -difference ? difference : -difference;
}

/* The loader has relocated the addresses in the dynamic section, except where that section is read-only (the vDSO). The
   meaning that is nearer to the dynamic section is the right one: both are in one object. */
static const void *in_memory(ElfW(Addr) bias, ElfW(Addr) value, const ElfW(Dyn) * dynamic)
{
    ElfW(Addr) near = (ElfW(Addr))dynamic;
    return (const void *)(apart(bias + value, near) < apart(value, near) ? bias + value : value);
}

static struct symbols symbols_of(ElfW(Addr) bias, const ElfW(Dyn) * dynamic)
{
    struct symbols found = {.bias = bias};
    const ElfW(Dyn) *const start = dynamic;
    ElfW(Addr) soname = 0;
    for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic) {
        ElfW(Addr) value = dynamic->d_un.d_ptr;
        if (dynamic->d_tag == DT_SYMTAB)
            found.table = in_memory(bias, value, start);
        else if (dynamic->d_tag == DT_STRTAB)
            found.names = in_memory(bias, value, start);
        else if (dynamic->d_tag == DT_VERSYM)
            found.versions = in_memory(bias, value, start);
        else if (dynamic->d_tag == DT_GNU_HASH)
            found.gnu_hash = in_memory(bias, value, start);
        else if (dynamic->d_tag == DT_HASH)
            found.hash = in_memory(bias, value, start);
        else if (dynamic->d_tag == DT_SONAME)
            soname = value;
    }
    found.soname = found.names && soname ? found.names + soname : "";
    return found;
}

static int equal_names(const char *one, const char *other)
{
    for (; *one == *other; ++one, ++other)
        if (*one == 0)
            return 1;
    return 0;
}

/* The vDSO, the kernel's code in each process, is an object of the loader's list: linux-vdso.so.1, on i386
   linux-gate.so.1. Its getcpu and getrandom (x86-64, Linux 6.11) are not those of libc: they return negative error
   numbers, and getrandom takes five arguments. */
static int is_of_kernel(const struct symbols *of)
{
    const char *name = "linux-";
    for (const char *at = of->soname; *name == *at; ++at)
        if (*++name == 0)
            return 1;
    return 0;
}

/* The address of a function if symbol number `index` is its default version, else NULL. */
static void *function_at(const struct symbols *in, unsigned long index, const char *name)
{
    const ElfW(Sym) *symbol = &in->table[index];
    if (symbol->st_shndx == SHN_UNDEF || (symbol->st_info & 0xf) != STT_FUNC
        || (in->versions && (in->versions[index] & HIDDEN_VERSION)) || !equal_names(in->names + symbol->st_name, name))
        return 0;
    return (void *)(in->bias + symbol->st_value);
}

static void *exported_function(const struct symbols *in, const char *name)
{
    void *found = 0;
    if (!in->table || !in->names || is_of_kernel(in))
        return 0;
    if (in->gnu_hash) {
        uint32_t hash = 5381, buckets = in->gnu_hash[0], first = in->gnu_hash[1];
        const uint32_t *bucket = in->gnu_hash + 4 + in->gnu_hash[2] * (sizeof(ElfW(Addr)) / 4), *chain;
        for (const unsigned char *at = (const unsigned char *)name; *at; ++at)
            hash = hash * 33 + *at;
        uint32_t index = buckets ? bucket[hash % buckets] : 0;
        for (chain = bucket + buckets; index >= first && index && !found; ++index) {
            if ((chain[index - first] | 1) == (hash | 1))
                found = function_at(in, index, name);
            if (chain[index - first] & 1)
                break;
        }
    } else if (in->hash) {
        uint32_t hash = 0, buckets = (uint32_t)in->hash[0];
        for (const unsigned char *at = (const unsigned char *)name; *at; ++at) {
            hash = (hash << 4) + *at;
            hash = (hash ^ (hash >> 24 & 0xf0)) & 0xfffffff;
        }
        unsigned long index = buckets ? (unsigned long)in->hash[2 + hash % buckets] : 0;
        for (; index && !found; index = (unsigned long)in->hash[2 + buckets + index])
            found = function_at(in, index, name);
    }
    return found;
}

/* The function in the first object that was loaded at the start of the program and exports it, or NULL. */
static void *function_from_start(const char *name)
{
    for (const struct link_map *object = loaded.r_map; object; object = object->l_next) {
        if (!object->l_name || *object->l_name == 0) /* the program */
            continue;
        struct symbols symbols = symbols_of(object->l_addr, object->l_ld);
        void *found = exported_function(&symbols, name);
        if (found)
            return found;
        if (object->l_addr == loaded.r_ldbase && symbols.soname[0] == 'l' && symbols.soname[1] == 'd')
            return 0; /* the loader */
    }
    return 0;
}

#endif
