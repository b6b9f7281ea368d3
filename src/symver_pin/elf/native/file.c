/* The outside of a file, its dynamic section, and how long the symbol table is. */

#include "file.h"

bool first_segment(const File *file, uint32_t type, Elf64_Phdr *found)
{
    for (unsigned number = 0; number < file->header.e_phnum; number++) {
        *found = segment_at(file, number);
        if (found->p_type == type)
            return true;
    }
    return false;
}

bool place_of(const File *file, uint64_t address, uint64_t size, uint64_t *offset)
{
    for (unsigned number = 0; number < file->header.e_phnum; number++) {
        Elf64_Phdr segment = segment_at(file, number);
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
            uint64_t within = address - segment.p_vaddr;
            if (segment.p_offset > file->size || within > file->size - segment.p_offset)
                return false;
            *offset = segment.p_offset + within;
            return has(file, *offset, size);
        }
    }
    return false;
}

bool place_of_tag(const File *file, enum tag tag, uint64_t size, uint64_t *offset)
{
    return is_present(file, tag) && place_of(file, file->tags[tag], size, offset);
}

static bool read_header(File *file)
{
    if (!TAKE(file, 0, &file->header) || memcmp(file->header.e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    const Elf64_Ehdr *header = &file->header;
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
        return false;
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return false;
    if (header->e_phnum == 0 || header->e_phnum > MOST_SEGMENTS || header->e_phentsize != sizeof(Elf64_Phdr))
        return false;
    if (!has(file, header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr)))
        return false;
    file->segments = file->data + header->e_phoff;
    return true;
}

static int known_tag(int64_t tag)
{
    switch (tag) {
    case DT_HASH: return HASH;
    case DT_GNU_HASH: return GNU_HASH;
    case DT_STRTAB: return STRTAB;
    case DT_STRSZ: return STRSZ;
    case DT_SYMTAB: return SYMTAB;
    case DT_SONAME: return SONAME;
    case DT_RPATH: return RPATH;
    case DT_RUNPATH: return RUNPATH;
    case DT_FLAGS_1: return FLAGS_1;
    case DT_VERSYM: return VERSYM;
    case DT_VERDEF: return VERDEF;
    case DT_VERDEFNUM: return VERDEFNUM;
    case DT_VERNEED: return VERNEED;
    case DT_VERNEEDNUM: return VERNEEDNUM;
    case DT_JMPREL: return JMPREL;
    case DT_PLTRELSZ: return PLTRELSZ;
    case DT_PLTREL: return PLTREL;
    case DT_RELA: return RELA;
    case DT_RELASZ: return RELASZ;
    case DT_RELACOUNT: return RELACOUNT;
    case DT_REL: return REL;
    case DT_RELSZ: return RELSZ;
    case DT_RELCOUNT: return RELCOUNT;
    case 36: return RELR; /* DT_RELR, which the elf.h of older releases lacks */
    default: return -1;
    }
}

static bool read_dynamic(File *file)
{
    Elf64_Phdr segment;
    if (!first_segment(file, PT_DYNAMIC, &segment) || segment.p_filesz == 0 ||
        !has(file, segment.p_offset, segment.p_filesz))
        return false;
    uint64_t most = segment.p_filesz / sizeof(Elf64_Dyn);
    if (most > MOST_TAGS)
        return false;
    file->dynamic = segment.p_offset;
    for (uint64_t number = 0; number < most; number++) {
        Elf64_Dyn entry = dynamic_at(file, number);
        if (entry.d_tag == DT_NULL)
            break;
        file->dynamic_count = number + 1;
        int tag = known_tag(entry.d_tag);
        if (tag >= 0) { /* of a tag that is there twice the loader takes the last one */
            file->tags[tag] = entry.d_un.d_val;
            file->present |= 1u << tag;
        }
    }
    uint64_t place, size = file->tags[STRSZ];
    if (size == 0 || size > MOST_BYTES || !place_of_tag(file, STRTAB, size, &place))
        return false;
    file->strings = (const char *)file->data + place;
    file->strings_size = size;
    /* Strings may share their tails, but those that add up to far more than their table are made to exhaust memory. */
    file->strings_left = 8 * size + 0x10000 < size + MOST_BYTES ? 8 * size + 0x10000 : size + MOST_BYTES;
    return true;
}

bool open_file(File *file, const uint8_t *data, uint64_t size)
{
    *file = (File){.data = data, .size = size};
    return read_header(file) && read_dynamic(file);
}

const char *string_at(File *file, uint64_t offset, size_t *length)
{
    if (offset >= file->strings_size)
        return NULL;
    const char *start = file->strings + offset, *end = memchr(start, 0, file->strings_size - offset);
    if (end == NULL)
        return NULL;
    *length = (size_t)(end - start);
    if (*length > file->strings_left)
        return NULL;
    file->strings_left -= *length;
    return start;
}

/* The number of symbols by DT_GNU_HASH; 0 when nothing is hashed, UINT64_MAX when it is broken. */
static uint64_t count_by_gnu_hash(const File *file)
{
    uint64_t at;
    if (!place_of_tag(file, GNU_HASH, 16, &at))
        return UINT64_MAX;
    const uint8_t *place = file->data + at;
    uint64_t buckets = word_at(place), first = word_at(place + 4), bloom = word_at(place + 8), highest = 0;
    at += 16 + bloom * 8;
    if (!has(file, at, buckets * 4))
        return UINT64_MAX;
    for (uint64_t number = 0; number < buckets; number++) {
        uint32_t symbol = word_at(file->data + at + number * 4);
        if (symbol > highest)
            highest = symbol;
    }
    if (highest < first || highest == 0)
        return 0;
    for (at += (buckets + highest - first) * 4; has(file, at, 4) && highest < MOST_SYMBOLS; at += 4)
        if (++highest, word_at(file->data + at) & 1)
            return highest;
    return UINT64_MAX;
}

/* The same by the section header of .dynsym; 0 when there is none of this table. */
static uint64_t count_by_sections(const File *file)
{
    const Elf64_Ehdr *header = &file->header;
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shoff == 0 ||
        !has(file, header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr)))
        return 0;
    for (unsigned number = 0; number < header->e_shnum; number++) {
        Elf64_Shdr section;
        memcpy(&section, file->data + header->e_shoff + number * sizeof section, sizeof section);
        if (section.sh_type == SHT_DYNSYM && section.sh_addr == file->tags[SYMTAB])
            return section.sh_size / sizeof(Elf64_Sym);
    }
    return 0;
}

/* The number of dynamic symbols, the null one included; 0 for what is left to the other reader. */
static uint64_t count_symbols(const File *file)
{
    uint64_t count = 0, at;
    if (is_present(file, GNU_HASH))
        count = count_by_gnu_hash(file);
    if (count == 0 && is_present(file, HASH))
        return place_of_tag(file, HASH, 8, &at) ? word_at(file->data + at + 4) : 0;
    if (count == 0)
        count = count_by_sections(file);
    return count;
}

bool find_symbols(const File *file, Symbols *symbols)
{
    uint64_t count = count_symbols(file), table, versions;
    if (count == 0 || count > MOST_SYMBOLS || !place_of_tag(file, SYMTAB, count * sizeof(Elf64_Sym), &table))
        return false;
    *symbols = (Symbols){.table = file->data + table, .count = count};
    if (is_present(file, VERSYM)) {
        if (!place_of_tag(file, VERSYM, count * 2, &versions))
            return false;
        symbols->versions = file->data + versions;
    }
    return true;
}
