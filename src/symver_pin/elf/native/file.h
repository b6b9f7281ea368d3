/* A sound file: 64-bit little-endian, on a little-endian machine, with what the loader needs where it says it is.

Of any other file, and at the first thing that is uncommon, broken or too much, the answer is None: then the reader in
Python goes through the file and finds the words for what is wrong. So no rule of the format is decided here alone; the
two are compared on the files of a machine, on generated ones and on broken ones (tests/verify/test_native.py).

Every offset and count comes from the file and may be anything. All access goes through `has`, which looks at an offset
and a size before they are added to anything, and nothing in a file need be aligned.
*/

#ifndef SYMVER_PIN_FILE_H
#define SYMVER_PIN_FILE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    MOST_SEGMENTS = 4096,
    MOST_TAGS = 65536,
    MOST_VERSIONS = 4096,
    MOST_BYTES = 1 << 28, /* of the string table */
    MOST_SYMBOLS = MOST_BYTES / 24,
    MOST_NOTES = 1 << 16, /* bytes of one segment */
    MOST_INTERPRETER = 4096,
    INDEX = 0x7fff, /* of a version index, without the hidden bit */
};

/* The tags that are looked at: where each has its value in `tags`, and its bit in `present`. */
enum tag {
    HASH, GNU_HASH, STRTAB, STRSZ, SYMTAB, SONAME, RPATH, RUNPATH, RELR, FLAGS_1, VERSYM, VERDEF, VERDEFNUM, VERNEED,
    VERNEEDNUM, JMPREL, PLTRELSZ, PLTREL, RELA, RELASZ, RELACOUNT, REL, RELSZ, RELCOUNT, TAGS
};

typedef struct {
    const uint8_t *data;
    uint64_t size;
    Elf64_Ehdr header;
    const uint8_t *segments;
    uint64_t dynamic, dynamic_count; /* the offset of the dynamic section, and its entries up to DT_NULL */
    uint64_t tags[TAGS];             /* 0 for one that is not there */
    uint32_t present;
    const char *strings;
    uint64_t strings_size;
    uint64_t strings_left; /* how many bytes of strings may still be read */
} File;

/* The dynamic symbol table. */
typedef struct {
    const uint8_t *table;    /* of Elf64_Sym */
    const uint8_t *versions; /* .gnu.version, NULL without it */
    uint64_t count;          /* the null symbol included */
} Symbols;

/* Look at bytes that are kept until the end; false for a file that is not sound. */
bool open_file(File *file, const uint8_t *data, uint64_t size);

/* Find the symbol table, all of which is then in the file. */
bool find_symbols(const File *file, Symbols *symbols);

/* Where the file has an address of which `size` bytes must be in it. */
bool place_of(const File *file, uint64_t address, uint64_t size, uint64_t *offset);
bool place_of_tag(const File *file, enum tag tag, uint64_t size, uint64_t *offset);

bool first_segment(const File *file, uint32_t type, Elf64_Phdr *found);

/* A string of the string table, by its offset; NULL when it has no end or strings add up to too much. */
const char *string_at(File *file, uint64_t offset, size_t *length);

static inline bool has(const File *file, uint64_t offset, uint64_t size)
{
    return offset <= file->size && size <= file->size - offset;
}

#define TAKE(file, offset, into) \
    (has(file, offset, sizeof *(into)) && memcpy(into, (file)->data + (offset), sizeof *(into)))

static inline uint64_t long_at(const uint8_t *place)
{
    uint64_t value;
    memcpy(&value, place, sizeof value);
    return value;
}

static inline uint32_t word_at(const uint8_t *place)
{
    uint32_t value;
    memcpy(&value, place, sizeof value);
    return value;
}

static inline uint16_t half_at(const uint8_t *place)
{
    uint16_t value;
    memcpy(&value, place, sizeof value);
    return value;
}

static inline bool is_present(const File *file, enum tag tag)
{
    return file->present >> tag & 1;
}

static inline Elf64_Phdr segment_at(const File *file, unsigned number)
{
    Elf64_Phdr segment;
    memcpy(&segment, file->segments + number * sizeof segment, sizeof segment);
    return segment;
}

static inline Elf64_Sym symbol_at(const Symbols *symbols, uint64_t number)
{
    Elf64_Sym symbol;
    memcpy(&symbol, symbols->table + number * sizeof symbol, sizeof symbol);
    return symbol;
}

/* The version index of a symbol, the hidden bit included. */
static inline unsigned version_at(const Symbols *symbols, uint64_t number)
{
    return symbols->versions == NULL ? VER_NDX_GLOBAL : half_at(symbols->versions + number * 2);
}

static inline Elf64_Dyn dynamic_at(const File *file, uint64_t number)
{
    Elf64_Dyn entry;
    memcpy(&entry, file->data + file->dynamic + number * sizeof entry, sizeof entry);
    return entry;
}

#endif
