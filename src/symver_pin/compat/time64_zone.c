/* The zone of local time after 2038 and before 1901, for a libc whose localtime takes 32 bits.

   An old libc knows the rules of a zone and has no function that applies them to such a moment. A year with the same
   calendar would give the rules of that year, which may have changed since. So this function reads what libc reads: the
   variable TZ, the zone's file (TZif, RFC 9636), and the rule at the file's end or in TZ (POSIX, "TZ"). A file with
   leap seconds is not understood. */

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compat.h"
#include "zone64.h"
#include "zonerule64.h"

COMPAT_PLAIN(char *, getenv, (const char *));
COMPAT_PLAIN(int, open64, (const char *, int, ...));
COMPAT_PLAIN(int64_t, lseek64, (int, int64_t, int));
COMPAT_PLAIN(void *, mmap64, (void *, size_t, int, int, int, int64_t));
COMPAT_PLAIN(int, munmap, (void *, size_t));
COMPAT_PLAIN(int, close, (int));

/* Files: big-endian numbers; a block with times of 32 bits, then one with times of 64 bits, then the rule in a line. */

enum { HEADER = 44, UT, STD, LEAP, TIMES, TYPES, CHARACTERS, COUNTS = 6 };

static int64_t read_big_endian(const unsigned char *from, int bytes)
{
    uint64_t value = from[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8 | from[i];
    return (int64_t)value;
}

struct block {
    const unsigned char *start;
    uint32_t ut, std, leap, times, types, characters;
    int width;
};

/* The bytes of a block behind its header. */
static uint64_t block_bytes(const struct block *b)
{
    return (uint64_t)b->times * (b->width + 1) + (uint64_t)b->types * 6 + b->characters +
           (uint64_t)b->leap * (b->width + 4) + b->std + b->ut;
}

static int read_block(const unsigned char *file, uint64_t at, uint64_t size, int width, struct block *block)
{
    if (size < at + HEADER || file[at] != 'T' || file[at + 1] != 'Z' || file[at + 2] != 'i' || file[at + 3] != 'f')
        return 0;
    uint32_t counts[COUNTS];
    for (int i = 0; i < COUNTS; ++i)
        counts[i] = (uint32_t)read_big_endian(file + at + 20 + 4 * i, 4);
    *block = (struct block){file + at + HEADER, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
                            width};
    return block->types > 0 && size - at - HEADER >= block_bytes(block);
}

static int apply_type(const struct block *block, uint32_t number, struct local_kind *kind)
{
    const unsigned char *types = block->start + (uint64_t)block->times * (block->width + 1);
    const unsigned char *type = types + 6 * number;
    const char *characters = (const char *)(types + (uint64_t)block->types * 6);
    if (number >= block->types || type[5] >= block->characters)
        return 0;
    size_t length = 0;
    while (type[5] + length < block->characters && characters[type[5] + length])
        ++length;
    *kind = (struct local_kind){(int32_t)read_big_endian(type, 4), type[4], keep_name(characters + type[5], length)};
    return 1;
}

/* `rule` is the text after the block, NULL if there is none. */
static int apply_block(const struct block *block, const char *rule, int64_t time, struct local_kind *kind)
{
    uint32_t before = 0, first = 0;
    const unsigned char *types = block->start + (uint64_t)block->times * block->width;
    if (block->leap)
        return 0;
    while (before < block->times &&
           read_big_endian(block->start + (uint64_t)before * block->width, block->width) <= time)
        ++before;
    if (before == block->times && rule && *rule != '\n')
        return apply_text(rule, time, kind);
    if (before > 0)
        return apply_type(block, types[before - 1], kind);
    /* Before all changes: the first type that is no summer time. */
    while (first < block->types && types[block->times + 6 * first + 4])
        ++first;
    return apply_type(block, first < block->types ? first : 0, kind);
}

static int apply_file(const unsigned char *file, uint64_t size, int64_t time, struct local_kind *kind)
{
    struct block block;
    if (!read_block(file, 0, size, 4, &block))
        return 0;
    if (file[4] < '2') /* the first version of the format */
        return apply_block(&block, 0, time, kind);
    if (!read_block(file, HEADER + block_bytes(&block), size, 8, &block))
        return 0;
    const unsigned char *footer = block.start + block_bytes(&block), *end = file + size;
    if (end - footer < 2 || footer[0] != '\n' || end[-1] != '\n')
        return apply_block(&block, 0, time, kind);
    return apply_block(&block, (const char *)footer + 1, time, kind);
}

/* 1 if the file gave an answer, 0 if it is no file of zones that this function reads, -1 if there is none. */
static int apply_path(const char *path, int64_t time, struct local_kind *kind)
{
    int fd = plain_open64(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = 0;
    if (fd < 0)
        return -1;
    int64_t size = plain_lseek64(fd, 0, SEEK_END);
    if (size > 0 && size < (1 << 20)) {
        void *file = plain_mmap64(0, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED) {
            result = apply_file(file, (uint64_t)size, time, kind);
            plain_munmap(file, (size_t)size);
        }
    }
    plain_close(fd);
    return result;
}

static size_t add_text(char *to, size_t at, size_t room, const char *text)
{
    while (*text && at + 1 < room)
        to[at++] = *text++;
    to[at] = 0;
    return at;
}

COMPAT_HIDDEN int symver_pin_local_kind(int64_t time, struct local_kind *kind)
{
    char path[4096];
    const char *zone = plain_getenv("TZ"), *folder = plain_getenv("TZDIR");
    int found;
    if (zone && !*zone)
        zone = "Universal"; /* libc's zone where TZ is empty */
    else if (zone && *zone == ':' && !*++zone)
        zone = "UTC0";
    if (!zone || *zone == '/')
        found = apply_path(zone ? zone : "/etc/localtime", time, kind);
    else {
        size_t at = add_text(path, 0, sizeof path, folder && *folder ? folder : "/usr/share/zoneinfo");
        add_text(path, add_text(path, at, sizeof path, "/"), sizeof path, zone);
        found = apply_path(path, time, kind);
    }
    if (found < 0) {
        apply_variable(zone ? zone : "UTC0", time, kind);
        found = 1;
    }
    return found == 1 ? 0 : -1;
}
