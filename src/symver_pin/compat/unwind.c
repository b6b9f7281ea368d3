/* _dl_find_object (2.35): the object that contains an address, and its table of unwind information.

   libgcc_eh.a of gcc 12 and later finds the table only through this function. Without it no exception is ever caught. If
   the running libc has the function, it is called.

   An older libc has dl_iterate_phdr(), which holds the loader's lock during each callback. A process that forks while
   another thread holds the lock has a child in which it stays locked. So the first call describes, once and for all, the
   objects that are never unloaded: those that were loaded when the program started, and the object that contains this
   code. Addresses in them need no lock afterwards. (A kit makes that first call from a constructor, see
   static_unwinder.c.)

   For objects that dlopen loaded, each call takes the loader's lock. A handler of fork() waits until no thread is in such
   a call, and new calls wait until the process has forked. Both wait a tenth of a second at most: the thread that forks
   may need something that a waiting thread holds.

   Under the lock only one thread uses the cache below at a time.
   The loader's counters of loads and unloads show when the cache is out of date. A cache hit costs one callback. If a
   signal handler unwinds while its own thread is in this code, it finds `busy` set and does not use the cache. */

#include <dlfcn.h>
#include <errno.h>
#include <features.h>
#include <link.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>

#include "compat.h"
#include "runningfunction.h"
#include "running.h"

#if !__GLIBC_PREREQ(2, 35)
/* The structure as documented in the manual, for headers that lack it. */
#if defined __x86_64__ || defined __aarch64__ || defined __arm__
#define DLFO_STRUCT_HAS_EH_DBASE 0
#else
#define DLFO_STRUCT_HAS_EH_DBASE 1
#endif
#ifdef __arm__
#define DLFO_STRUCT_HAS_EH_COUNT 1
#define DLFO_EH_SEGMENT_TYPE PT_ARM_EXIDX
#else
#define DLFO_STRUCT_HAS_EH_COUNT 0
#define DLFO_EH_SEGMENT_TYPE PT_GNU_EH_FRAME
#endif
struct dl_find_object {
    unsigned long long dlfo_flags;
    void *dlfo_map_start;
    void *dlfo_map_end;
    struct link_map *dlfo_link_map;
    void *dlfo_eh_frame;
#if DLFO_STRUCT_HAS_EH_DBASE
    void *dlfo_eh_dbase;
#if __WORDSIZE == 32
    unsigned dlfo_eh_dbase_padding;
#endif
#endif
#if DLFO_STRUCT_HAS_EH_COUNT
    int dlfo_eh_count;
    unsigned dlfo_eh_count_padding;
#endif
    unsigned long long dlfo_reserved[7];
};
#endif

COMPAT_PLAIN(int, pthread_atfork, (void (*)(void), void (*)(void), void (*)(void)));
COMPAT_PLAIN(long, syscall, (long, ...));

typedef ElfW(Addr) address;

#define CACHED 8

struct cached {
    address start, end; /* of one segment: another object may be mapped between the segments */
    struct dl_find_object object;
};

static struct {
    unsigned long long loads, unloads;
    unsigned used, oldest;
    int busy;
    struct cached entry[CACHED];
} cache;

/* The objects that are never unloaded. More than these few are looked up with the lock. */
#define MOST_PERMANENT 64

enum { EMPTY, BEING_FILLED, FILLED };

struct permanent {
    const ElfW(Phdr) * segments;
    unsigned count;
    address bias;
    struct dl_find_object object;
};

static struct {
    int state;
    unsigned used;
    struct permanent entry[MOST_PERMANENT];
} permanent;

struct search {
    address target;
    struct dl_find_object *result;
    int first, caching;
};

#define FOUND 1

#if DLFO_STRUCT_HAS_EH_DBASE

static const ElfW(Dyn) *dynamic_of(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; ++i)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            return (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    return 0;
}

static address entry_of(const ElfW(Dyn) * dynamic, ElfW(Sxword) tag)
{
    for (; dynamic && dynamic->d_tag != DT_NULL; ++dynamic)
        if (dynamic->d_tag == tag)
            return dynamic->d_un.d_ptr;
    return 0;
}

#endif

static int contains(address bias, const ElfW(Phdr) * segments, unsigned count, address target)
{
    for (unsigned i = 0; i < count; ++i)
        if (segments[i].p_type == PT_LOAD && target - (bias + segments[i].p_vaddr) < segments[i].p_memsz)
            return 1;
    return 0;
}

static void describe(const struct dl_phdr_info *info, struct dl_find_object *object)
{
    address low = (address)-1, high = 0;
    __builtin_memset(object, 0, sizeof *object);
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD) {
            address start = segment->p_align > 1 ? segment->p_vaddr & -segment->p_align : segment->p_vaddr;
            address end = segment->p_vaddr + segment->p_memsz;
            low = start < low ? start : low;
            high = end > high ? end : high;
        } else if (segment->p_type == DLFO_EH_SEGMENT_TYPE) {
            object->dlfo_eh_frame = (void *)(info->dlpi_addr + segment->p_vaddr);
#if DLFO_STRUCT_HAS_EH_COUNT
            object->dlfo_eh_count = segment->p_memsz / 8;
#endif
        }
    }
    object->dlfo_map_start = (void *)(info->dlpi_addr + low);
    object->dlfo_map_end = (void *)(info->dlpi_addr + high);
#if DLFO_STRUCT_HAS_EH_DBASE
    address got = entry_of(dynamic_of(info), DT_PLTGOT);
    /* The loader has relocated this value in place, except in an object with a read-only dynamic section (the vDSO). */
    object->dlfo_eh_dbase = (void *)(got && got < info->dlpi_addr + low ? got + info->dlpi_addr : got);
#endif
    for (struct link_map *map = loaded.r_map; map; map = map->l_next)
        if (map->l_addr == info->dlpi_addr && map->l_name == info->dlpi_name) {
            object->dlfo_link_map = map;
            break;
        }
}

static int look_up(struct search *search)
{
    for (unsigned i = 0; i < cache.used; ++i) {
        const struct cached *entry = &cache.entry[i];
        if (search->target >= entry->start && search->target < entry->end) {
            *search->result = entry->object;
            return FOUND;
        }
    }
    return 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    if (search->first) {
        search->first = 0;
        search->caching = size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs && !cache.busy;
        if (search->caching) {
            cache.busy = 1;
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            if (cache.loads != info->dlpi_adds || cache.unloads != info->dlpi_subs) {
                cache.loads = info->dlpi_adds;
                cache.unloads = info->dlpi_subs;
                cache.used = cache.oldest = 0;
            }
            int found = look_up(search);
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            cache.busy = 0;
            if (found)
                return FOUND;
        }
    }
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        address start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || search->target - start >= segment->p_memsz)
            continue;
        describe(info, search->result);
        if (search->caching && !cache.busy) {
            cache.busy = 1;
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            struct cached *entry = &cache.entry[cache.oldest];
            entry->start = start;
            entry->end = start + segment->p_memsz;
            entry->object = *search->result;
            cache.oldest = (cache.oldest + 1) % CACHED;
            if (cache.used < CACHED)
                ++cache.used;
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
            cache.busy = 0;
        }
        return FOUND;
    }
    return 0;
}

/* The state of a walk over all objects. */
struct object_walk {
    int first, at_start; /* the objects seen so far were loaded when the program started */
};

static int note_permanent(struct dl_phdr_info *info, size_t size, void *data)
{
    struct object_walk *walk = data;
    (void)size;
    if (walk->first) {
        walk->first = 0;
        /* In a namespace of dlmopen, all objects can be unloaded together. */
        walk->at_start = loaded.r_map && info->dlpi_name == loaded.r_map->l_name;
        if (__atomic_load_n(&permanent.state, __ATOMIC_RELAXED) != EMPTY)
            return FOUND;
        /* A signal handler that unwinds now does not use the table. */
        __atomic_store_n(&permanent.state, BEING_FILLED, __ATOMIC_RELAXED);
    }
    int is_own = contains(info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum, (address)&permanent);
    if ((walk->at_start || is_own) && permanent.used < MOST_PERMANENT) {
        struct permanent *entry = &permanent.entry[permanent.used++];
        entry->segments = info->dlpi_phdr;
        entry->count = info->dlpi_phnum;
        entry->bias = info->dlpi_addr;
        describe(info, &entry->object);
    }
    /* The loader, in which r_brk is, is the last of the objects that every program has. */
    if (contains(info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum, (address)loaded.r_brk))
        walk->at_start = 0;
    return 0;
}

#define MOST_WAITS 1000

/* Threads that hold the loader's lock because of this code, or wait for it; whether the process is about to fork. */
static int threads_inside, forking;

/* A tenth of a millisecond. (nanosleep of libc is a cancellation point.) */
static void wait_a_moment(void)
{
    const long moment[2] = {0, 100000};
    plain_syscall(SYS_nanosleep, moment, (void *)0);
}

static void before_fork(void)
{
    __atomic_store_n(&forking, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < MOST_WAITS && __atomic_load_n(&threads_inside, __ATOMIC_SEQ_CST) > 0; ++i)
        wait_a_moment();
}

static void after_fork(void)
{
    __atomic_store_n(&forking, 0, __ATOMIC_SEQ_CST);
}

static void after_fork_in_child(void)
{
    __atomic_store_n(&threads_inside, 0, __ATOMIC_SEQ_CST);
    after_fork();
}

static void enter(void)
{
    for (int i = 0;; ++i) {
        __atomic_add_fetch(&threads_inside, 1, __ATOMIC_SEQ_CST);
        if (i == MOST_WAITS || !__atomic_load_n(&forking, __ATOMIC_SEQ_CST))
            return;
        __atomic_sub_fetch(&threads_inside, 1, __ATOMIC_SEQ_CST);
        wait_a_moment();
    }
}

static void leave(void)
{
    __atomic_sub_fetch(&threads_inside, 1, __ATOMIC_SEQ_CST);
}

static int find_permanent(address target, struct dl_find_object *result)
{
    if (__atomic_load_n(&permanent.state, __ATOMIC_ACQUIRE) == EMPTY) {
        struct object_walk walk = {.first = 1};
        if (plain_dl_iterate_phdr(note_permanent, &walk) == 0) {
            __atomic_store_n(&permanent.state, FILLED, __ATOMIC_RELEASE);
            plain_pthread_atfork(before_fork, after_fork, after_fork_in_child);
        }
    }
    if (__atomic_load_n(&permanent.state, __ATOMIC_ACQUIRE) != FILLED)
        return 0;
    for (unsigned i = 0; i < permanent.used; ++i) {
        const struct permanent *entry = &permanent.entry[i];
        if (target >= (address)entry->object.dlfo_map_start && target < (address)entry->object.dlfo_map_end
            && contains(entry->bias, entry->segments, entry->count, target)) {
            *result = entry->object;
            return FOUND;
        }
    }
    return 0;
}

COMPAT_DEFINE(int, _dl_find_object, (void *target, struct dl_find_object *result))
{
    static void *real;
    int (*running)(void *, struct dl_find_object *) = COMPAT_FOUND(real, function_from_start("_dl_find_object"));
    if (running) /* a function of the loader, which all namespaces share */
        return running(target, result);
    if (find_permanent((address)target, result))
        return 0;
    struct search search = {.target = (address)target, .result = result, .first = 1};
    int before = errno;
    enter();
    int found = plain_dl_iterate_phdr(visit, &search);
    leave();
    errno = before;
    return found == FOUND ? 0 : -1;
}
