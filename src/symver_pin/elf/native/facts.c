/* The facts that a verdict needs of a file, read in one pass (facts.py says what each is); and its imports. */

#include "native.h"

/* What follows returns a new reference; NULL without an exception set is None for the whole file. */

static PyObject *text_at(File *file, uint64_t offset)
{
    size_t length;
    const char *start = string_at(file, offset, &length);
    return start == NULL ? NULL : PyUnicode_DecodeUTF8(start, (Py_ssize_t)length, "surrogateescape");
}

static PyObject *text_of(File *file, enum tag tag)
{
    return is_present(file, tag) ? text_at(file, file->tags[tag]) : Py_NewRef(Py_None);
}

static bool append(PyObject *list, PyObject *item)
{
    if (item == NULL)
        return false;
    int status = PyList_Append(list, item);
    Py_DECREF(item);
    return status == 0;
}

static PyObject *finished(PyObject *list)
{
    PyObject *found = PyList_AsTuple(list);
    Py_DECREF(list);
    return found;
}

/* DT_NEEDED's names. */
static PyObject *read_needed(File *file)
{
    PyObject *needed = PyList_New(0);
    if (needed == NULL)
        return NULL;
    for (uint64_t number = 0; number < file->dynamic_count; number++) {
        Elf64_Dyn entry = dynamic_at(file, number);
        if (entry.d_tag == DT_NEEDED && !append(needed, text_at(file, entry.d_un.d_val))) {
            Py_DECREF(needed);
            return NULL;
        }
    }
    return finished(needed);
}

static PyObject *read_interpreter(const File *file)
{
    Elf64_Phdr segment;
    if (!first_segment(file, PT_INTERP, &segment))
        return Py_NewRef(Py_None);
    uint64_t size = segment.p_filesz < MOST_INTERPRETER ? segment.p_filesz : MOST_INTERPRETER;
    if (!has(file, segment.p_offset, size))
        return NULL;
    const char *start = (const char *)file->data + segment.p_offset;
    return PyUnicode_DecodeUTF8(start, (Py_ssize_t)strnlen(start, size), "replace");
}

/* A record, an instance of a subclass of tuple, of its values; takes over what is NULL or a reference. */
static PyObject *new_record(PyTypeObject *type, PyObject *values)
{
    PyObject *arguments = values == NULL ? NULL : PyTuple_Pack(1, values);
    PyObject *record = arguments == NULL ? NULL : PyTuple_Type.tp_new(type, arguments, NULL);
    Py_XDECREF(arguments);
    Py_XDECREF(values);
    return record;
}

/* One version node that is wanted of a library. */
static PyObject *new_need(File *file, PyTypeObject *type, PyObject *library, const Elf64_Vernaux *version)
{
    PyObject *name = text_at(file, version->vna_name), *index = PyLong_FromLong(version->vna_other & INDEX);
    PyObject *weak = version->vna_flags & VER_FLG_WEAK ? Py_True : Py_False, *values = NULL;
    if (name != NULL && index != NULL)
        values = PyTuple_Pack(4, library, name, weak, index);
    Py_XDECREF(name);
    Py_XDECREF(index);
    return new_record(type, values);
}

/* One version node of the file's own. */
static PyObject *new_definition(File *file, PyTypeObject *type, const Elf64_Verdef *entry, const Elf64_Verdaux *version)
{
    PyObject *name = text_at(file, version->vda_name), *index = PyLong_FromLong(entry->vd_ndx & INDEX), *values = NULL;
    if (name != NULL && index != NULL)
        values = PyTuple_Pack(3, name, entry->vd_flags & VER_FLG_BASE ? Py_True : Py_False, index);
    Py_XDECREF(name);
    Py_XDECREF(index);
    return new_record(type, values);
}

/* VERNEED, and in `wanted` a bit for each of its version indexes. */
static PyObject *read_needs(File *file, PyTypeObject *type, uint8_t *wanted)
{
    PyObject *needs = PyList_New(0), *library = NULL;
    if (needs == NULL || !is_present(file, VERNEED) || !is_present(file, VERNEEDNUM) || file->tags[VERNEEDNUM] == 0)
        return needs == NULL ? NULL : finished(needs);
    uint64_t offset, left = file->tags[VERNEEDNUM];
    if (left > MOST_VERSIONS || !place_of_tag(file, VERNEED, 0, &offset))
        goto uncommon;
    while (left-- > 0) {
        Elf64_Verneed entry;
        if (!TAKE(file, offset, &entry))
            goto uncommon;
        Py_XSETREF(library, text_at(file, entry.vn_file));
        if (library == NULL)
            goto uncommon;
        uint64_t at = offset + entry.vn_aux;
        for (unsigned number = 0; number < entry.vn_cnt; number++) {
            Elf64_Vernaux version;
            if (!TAKE(file, at, &version) || PyList_GET_SIZE(needs) == MOST_VERSIONS)
                goto uncommon;
            if (!append(needs, new_need(file, type, library, &version)))
                goto uncommon;
            unsigned index = version.vna_other & INDEX;
            wanted[index >> 3] |= (uint8_t)(1u << (index & 7));
            if (version.vna_next == 0)
                break;
            at += version.vna_next;
        }
        if (entry.vn_next == 0)
            break;
        offset += entry.vn_next;
    }
    Py_XDECREF(library);
    return finished(needs);
uncommon:
    Py_XDECREF(library);
    Py_DECREF(needs);
    return NULL;
}

/* VERDEF's versions; None where there is no VERDEF. */
static PyObject *read_definitions(File *file, PyTypeObject *type)
{
    if (!is_present(file, VERDEF))
        return Py_NewRef(Py_None);
    PyObject *definitions = PyList_New(0);
    uint64_t offset, left = is_present(file, VERDEFNUM) ? file->tags[VERDEFNUM] : 0;
    if (definitions == NULL)
        return NULL;
    if (left > MOST_VERSIONS || (left > 0 && !place_of_tag(file, VERDEF, 0, &offset)))
        goto uncommon;
    while (left-- > 0) {
        Elf64_Verdef entry;
        Elf64_Verdaux version;
        if (!TAKE(file, offset, &entry) || !TAKE(file, offset + entry.vd_aux, &version))
            goto uncommon;
        if (!append(definitions, new_definition(file, type, &entry, &version)))
            goto uncommon;
        if (entry.vd_next == 0)
            break;
        offset += entry.vd_next;
    }
    return finished(definitions);
uncommon:
    Py_DECREF(definitions);
    return NULL;
}

/* Whether a symbol is an import: undefined, or the copy of a library's variable, which has a version of VERNEED. */
static bool is_import(const Symbols *symbols, uint64_t number, const uint8_t *wanted, bool *copied)
{
    Elf64_Sym symbol = symbol_at(symbols, number);
    unsigned index = version_at(symbols, number) & INDEX;
    *copied = symbol.st_shndx != SHN_UNDEF;
    return ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
           (!*copied || (symbols->versions != NULL && wanted[index >> 3] >> (index & 7) & 1));
}

/* The symbols that a file wants without a version, weak ones left out. */
typedef struct {
    uint32_t *numbers;
    Py_ssize_t *places; /* of their names in the list of names */
    size_t count;
} Plain;

/* The imports' names and version indexes, but of weak ones without a version. */
static bool read_wants(File *file, const Symbols *symbols, const uint8_t *wanted, PyObject *names, PyObject *indexes,
                       Plain *plain)
{
    for (uint64_t number = 1; number < symbols->count; number++) {
        Elf64_Sym symbol = symbol_at(symbols, number);
        unsigned index = version_at(symbols, number) & INDEX;
        bool copied;
        if (!is_import(symbols, number, wanted, &copied) ||
            (ELF64_ST_BIND(symbol.st_info) == STB_WEAK && index <= VER_NDX_GLOBAL))
            continue;
        if (index <= VER_NDX_GLOBAL) {
            plain->numbers[plain->count] = (uint32_t)number;
            plain->places[plain->count++] = PyList_GET_SIZE(names);
        }
        size_t length;
        const char *name = string_at(file, symbol.st_name, &length);
        if (name == NULL || !append(names, PyBytes_FromStringAndSize(name, (Py_ssize_t)length)) ||
            !append(indexes, PyLong_FromLong((long)index)))
            return false;
    }
    /* The reader in Python wants the whole table to end with an end. */
    return PyList_GET_SIZE(names) == 0 || file->strings[file->strings_size - 1] == 0;
}

/* Mark the symbols that one table of relocations names; false when it is not in the file. */
static bool mark_referenced(const File *file, enum tag start, enum tag size_tag, size_t entry, uint64_t relative,
                            uint8_t *marks, uint64_t count)
{
    uint64_t offset, left = file->tags[size_tag] / entry;
    if (!is_present(file, start) || file->tags[size_tag] == 0)
        return true;
    if (!place_of_tag(file, start, left * entry, &offset))
        return false;
    /* What is said to be relative stands first and has no symbol; the loader does not look for one. */
    for (uint64_t number = relative < left ? relative : left; number < left; number++) {
        uint64_t symbol = ELF64_R_SYM(long_at(file->data + offset + number * entry + offsetof(Elf64_Rela, r_info)));
        if (symbol < count)
            marks[symbol] = 1;
    }
    return true;
}

/* The plain names that no relocation names. None where that cannot be told. */
static PyObject *read_idle(const File *file, const Symbols *symbols, const Plain *plain, PyObject *names)
{
    PyObject *idle = PyFrozenSet_New(NULL);
    /* MIPS fills its global offset table from the symbol table itself. */
    if (idle == NULL || plain->count == 0 || file->header.e_machine == EM_MIPS)
        return idle;
    uint8_t *marks = PyMem_Calloc(symbols->count, 1);
    bool is_known =
        marks != NULL &&
        mark_referenced(file, JMPREL, PLTRELSZ, file->tags[PLTREL] == DT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel),
                        0, marks, symbols->count) &&
        mark_referenced(file, RELA, RELASZ, sizeof(Elf64_Rela), file->tags[RELACOUNT], marks, symbols->count) &&
        mark_referenced(file, REL, RELSZ, sizeof(Elf64_Rel), file->tags[RELCOUNT], marks, symbols->count);
    for (size_t each = 0; is_known && each < plain->count; each++)
        if (!marks[plain->numbers[each]] && PySet_Add(idle, PyList_GET_ITEM(names, plain->places[each])) != 0)
            is_known = false;
    PyMem_Free(marks);
    if (is_known)
        return idle;
    Py_DECREF(idle);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static uint64_t rounded(uint64_t value, uint64_t align)
{
    return (value + align - 1) / align * align;
}

/* The x86-64 level among the properties of a note, 1 when it names none. */
static unsigned level_of(const uint8_t *text, uint64_t size)
{
    for (uint64_t at = 0; at + 12 <= size; at += 8 + rounded(word_at(text + at + 4), 8)) {
        if (word_at(text + at) == 0xc0008002 /* GNU_PROPERTY_X86_ISA_1_NEEDED */ && word_at(text + at + 4) >= 4) {
            unsigned bits = word_at(text + at + 8) & 15, level = 0;
            for (; bits; bits >>= 1)
                level++;
            return level;
        }
    }
    return 1;
}

/* What the notes ask for: the oldest kernel, None when they name none, and the x86-64 level. */
static PyObject *read_demands(const File *file)
{
    bool x86 = file->header.e_machine == EM_386 || file->header.e_machine == EM_X86_64, named = false;
    uint32_t kernel[3] = {0, 0, 0};
    unsigned highest = 1;
    for (unsigned number = 0; number < file->header.e_phnum; number++) {
        Elf64_Phdr segment = segment_at(file, number);
        if ((segment.p_type != PT_NOTE && segment.p_type != 0x6474e553 /* PT_GNU_PROPERTY */) ||
            segment.p_offset > file->size)
            continue;
        const uint8_t *raw = file->data + segment.p_offset;
        uint64_t size = file->size - segment.p_offset, align = segment.p_align == 8 ? 8 : 4;
        size = size < segment.p_filesz ? size : segment.p_filesz;
        size = size < MOST_NOTES ? size : MOST_NOTES;
        for (uint64_t at = 0; at + 12 <= size;) {
            uint64_t name_size = word_at(raw + at), length = word_at(raw + at + 4), type = word_at(raw + at + 8);
            uint64_t start = rounded(at + 12 + name_size, align);
            if (start + length > size)
                break;
            if (name_size == 4 && memcmp(raw + at + 12, "GNU", 4) == 0) {
                if (type == NT_GNU_ABI_TAG && length >= 16 && word_at(raw + start) == ELF_NOTE_OS_LINUX) {
                    named = true;
                    for (int part = 0; part < 3; part++)
                        kernel[part] = word_at(raw + start + 4 + part * 4);
                } else if (type == 5 /* NT_GNU_PROPERTY_TYPE_0 */ && x86) {
                    unsigned level = level_of(raw + start, length);
                    highest = level > highest ? level : highest;
                }
            }
            at = rounded(start + length, align);
        }
    }
    PyObject *oldest = named ? Py_BuildValue("III", kernel[0], kernel[1], kernel[2]) : Py_NewRef(Py_None);
    return oldest == NULL ? NULL : Py_BuildValue("NI", oldest, highest);
}

/* The imports: the number of symbols, names, version indexes, and what is idle among them. */
static bool read_import_names(File *file, const uint8_t *wanted, uint64_t *count, PyObject **names,
                              PyObject **indexes, PyObject **idle)
{
    Symbols symbols;
    if (!find_symbols(file, &symbols))
        return false;
    *count = symbols.count;
    *names = PyList_New(0);
    *indexes = PyList_New(0);
    Plain plain = {.numbers = PyMem_Malloc(symbols.count * sizeof *plain.numbers),
                   .places = PyMem_Malloc(symbols.count * sizeof *plain.places)};
    if (*names != NULL && *indexes != NULL && plain.numbers != NULL && plain.places != NULL &&
        read_wants(file, &symbols, wanted, *names, *indexes, &plain))
        *idle = read_idle(file, &symbols, &plain, *names);
    PyMem_Free(plain.numbers);
    PyMem_Free(plain.places);
    return *idle != NULL;
}

PyObject *read_facts(const uint8_t *data, uint64_t size, PyTypeObject *need, PyTypeObject *definition)
{
    enum { NEEDED, INTERPRETER, NAME, RUN, R, NEEDS, NODES, NAMES, INDEXES, IDLE, DEMANDS, PARTS };
    File file;
    uint8_t wanted[(INDEX + 1) / 8] = {0};
    PyObject *part[PARTS] = {NULL}, *found = NULL;
    uint64_t count = 0;
    if (open_file(&file, data, size) &&
        (part[NEEDED] = read_needed(&file)) != NULL &&
        (part[INTERPRETER] = read_interpreter(&file)) != NULL &&
        (part[NAME] = text_of(&file, SONAME)) != NULL &&
        (part[RUN] = text_of(&file, RUNPATH)) != NULL &&
        (part[R] = is_present(&file, RUNPATH) ? Py_NewRef(Py_None) : text_of(&file, RPATH)) != NULL &&
        (part[NEEDS] = read_needs(&file, need, wanted)) != NULL &&
        (part[NODES] = read_definitions(&file, definition)) != NULL &&
        read_import_names(&file, wanted, &count, &part[NAMES], &part[INDEXES], &part[IDLE]) &&
        (part[DEMANDS] = read_demands(&file)) != NULL) {
        const Elf64_Ehdr *header = &file.header;
        found = Py_BuildValue(
            "(HHisIIy#OOOOOOKOO)(KOOOO)OO", header->e_type, header->e_machine, 64, "<", header->e_version,
            header->e_flags, (const char *)header->e_ident + EI_VERSION, (Py_ssize_t)(EI_NIDENT - EI_VERSION),
            part[INTERPRETER], part[NEEDED], part[NAME], part[NEEDS], part[RUN], part[R], file.tags[FLAGS_1],
            is_present(&file, VERDEF) || is_present(&file, VERNEED) ? Py_True : Py_False,
            is_present(&file, RELR) ? Py_True : Py_False, count, part[NAMES], part[INDEXES],
            PyTuple_GET_ITEM(part[DEMANDS], 0), PyTuple_GET_ITEM(part[DEMANDS], 1), part[NODES], part[IDLE]);
    }
    for (int number = 0; number < PARTS; number++)
        Py_XDECREF(part[number]);
    if (found != NULL || PyErr_Occurred())
        return found;
    Py_RETURN_NONE;
}

/* One import: its name, version index, whether it is weak, its number, and whether it is a copy. */
static PyObject *read_import(File *file, const Symbols *symbols, uint64_t number, bool copied)
{
    Elf64_Sym symbol = symbol_at(symbols, number);
    PyObject *found = PyTuple_New(5);
    if (found == NULL)
        return NULL;
    PyTuple_SET_ITEM(found, 0, text_at(file, symbol.st_name));
    PyTuple_SET_ITEM(found, 1, PyLong_FromLong((long)(version_at(symbols, number) & INDEX)));
    PyTuple_SET_ITEM(found, 2, PyBool_FromLong(ELF64_ST_BIND(symbol.st_info) == STB_WEAK));
    PyTuple_SET_ITEM(found, 3, PyLong_FromUnsignedLongLong(number));
    PyTuple_SET_ITEM(found, 4, PyBool_FromLong(copied));
    if (PyTuple_GET_ITEM(found, 0) == NULL || PyTuple_GET_ITEM(found, 1) == NULL || PyTuple_GET_ITEM(found, 3) == NULL)
        Py_CLEAR(found);
    return found;
}

PyObject *read_imports(const uint8_t *data, uint64_t size, PyTypeObject *need)
{
    File file;
    Symbols symbols;
    uint8_t wanted[(INDEX + 1) / 8] = {0};
    PyObject *needs = NULL, *found = NULL;
    bool is_sound = open_file(&file, data, size) && (needs = read_needs(&file, need, wanted)) != NULL &&
                    find_symbols(&file, &symbols) && file.strings[file.strings_size - 1] == 0 &&
                    (found = PyList_New(0)) != NULL;
    Py_XDECREF(needs);
    for (uint64_t number = 1; is_sound && number < symbols.count; number++) {
        bool copied;
        if (is_import(&symbols, number, wanted, &copied))
            is_sound = append(found, read_import(&file, &symbols, number, copied));
    }
    if (is_sound)
        return found;
    Py_XDECREF(found);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
