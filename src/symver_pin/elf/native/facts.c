/* The facts that a verdict needs of a file, read in one pass (facts.py says what each is). */

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

/* VERNEED, and in `needed` a bit for each of its version indexes. */
static PyObject *read_needs(File *file, PyTypeObject *type, uint8_t *needed)
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
            needed[index >> 3] |= (uint8_t)(1u << (index & 7));
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

PyObject *read_facts(Bytes bytes, PyTypeObject *need, PyTypeObject *definition, PyTypeObject *wants)
{
    enum { NEEDED, INTERPRETER, NAME, RUN, R, NEEDS, NODES, DEMANDS, WANTS, PARTS };
    File file;
    Symbols symbols;
    uint8_t needed[(INDEX + 1) / 8] = {0};
    PyObject *part[PARTS] = {NULL}, *found = NULL;
    if (!open_file(&file, bytes.data, bytes.size) ||
        (part[NEEDED] = read_needed(&file)) == NULL ||
        (part[INTERPRETER] = read_interpreter(&file)) == NULL ||
        (part[NAME] = text_of(&file, SONAME)) == NULL ||
        (part[RUN] = text_of(&file, RUNPATH)) == NULL ||
        (part[R] = is_present(&file, RUNPATH) ? Py_NewRef(Py_None) : text_of(&file, RPATH)) == NULL ||
        (part[NEEDS] = read_needs(&file, need, needed)) == NULL ||
        (part[NODES] = read_definitions(&file, definition)) == NULL ||
        (part[DEMANDS] = read_demands(&file)) == NULL ||
        !find_symbols(&file, &symbols))
        release_bytes(&bytes);
    else if ((part[WANTS] = open_wants(bytes, wants, &file, &symbols, needed)) != NULL) {
        const Elf64_Ehdr *header = &file.header;
        found = Py_BuildValue(
            "(HHisIIy#OOOOOOKOO)(KOOO)O", header->e_type, header->e_machine, 64, "<", header->e_version,
            header->e_flags, (const char *)header->e_ident + EI_VERSION, (Py_ssize_t)(EI_NIDENT - EI_VERSION),
            part[INTERPRETER], part[NEEDED], part[NAME], part[NEEDS], part[RUN], part[R], file.tags[FLAGS_1],
            is_present(&file, VERDEF) || is_present(&file, VERNEED) ? Py_True : Py_False,
            is_present(&file, RELR) ? Py_True : Py_False, symbols.count, part[WANTS],
            PyTuple_GET_ITEM(part[DEMANDS], 0), PyTuple_GET_ITEM(part[DEMANDS], 1), part[NODES]);
    }
    for (int number = 0; number < PARTS; number++)
        Py_XDECREF(part[number]);
    return found;
}
