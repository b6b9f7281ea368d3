/* What a sound file wants: the names of its imports, which stay in the file until they are asked for. */

#include "native.h"

/* An import. */
typedef struct {
    uint32_t number, name, length; /* its name's offset in the string table */
    uint16_t index;                /* its version index, without the hidden bit */
    bool is_weak, is_copied;
} Want;

typedef struct {
    PyObject_HEAD
    Bytes bytes;
    File file;
    uint64_t symbol_count;
    Want *wants;
    size_t count;
} Wants;

static bool is_plain(const Want *want)
{
    return want->index <= VER_NDX_GLOBAL;
}

/* A weak one without a version may stay undefined. */
static bool may_lack(const Want *want)
{
    return want->is_weak && is_plain(want);
}

static const char *text_of(const Wants *self, const Want *want)
{
    return self->file.strings + want->name;
}

/* Note the imports: what is undefined, and copies of a library's variables, which have a version of VERNEED. False when
   a name is not sound. */
static bool note_wants(Wants *self, const Symbols *symbols, const uint8_t *needed)
{
    File *file = &self->file;
    for (uint64_t number = 1; number < symbols->count; number++) {
        Elf64_Sym symbol = symbol_at(symbols, number);
        unsigned index = version_at(symbols, number) & INDEX, binding = ELF64_ST_BIND(symbol.st_info);
        bool is_copied = symbol.st_shndx != SHN_UNDEF;
        size_t length;
        if (binding == STB_LOCAL ||
            (is_copied && (symbols->versions == NULL || !(needed[index >> 3] >> (index & 7) & 1))))
            continue;
        if (string_at(file, symbol.st_name, &length) == NULL)
            return false;
        self->wants[self->count++] =
            (Want){(uint32_t)number, symbol.st_name, (uint32_t)length, (uint16_t)index, binding == STB_WEAK, is_copied};
    }
    /* The reader in Python wants the whole table to end with an end. */
    return self->count == 0 || file->strings[file->strings_size - 1] == 0;
}

PyObject *open_wants(Bytes bytes, PyTypeObject *type, const File *file, const Symbols *symbols, const uint8_t *needed)
{
    Wants *self = (Wants *)type->tp_alloc(type, 0);
    if (self == NULL) {
        release_bytes(&bytes);
        return NULL;
    }
    self->bytes = bytes;
    self->file = *file;
    self->symbol_count = symbols->count;
    self->wants = PyMem_Malloc(symbols->count * sizeof *self->wants);
    if (self->wants == NULL)
        PyErr_NoMemory();
    else if (note_wants(self, symbols, needed))
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

/* What there is for one version index. */
typedef struct {
    PyObject *node; /* NULL without one */
    PyObject *left; /* the list of its names that are left; NULL while there are none */
} Group;

/* Put a name into the list of its version index; false with an exception. */
static bool leave(PyObject *left, Group *group, unsigned index, PyObject *name)
{
    if (group->left != NULL)
        return PyList_Append(group->left, name) == 0;
    PyObject *number = PyLong_FromLong((long)index), *list = number == NULL ? NULL : PyList_New(1);
    bool is_there = false;
    if (list != NULL) {
        PyList_SET_ITEM(list, 0, Py_NewRef(name));
        is_there = PyDict_SetItem(left, number, list) == 0;
        group->left = list; /* which the dictionary holds */
    }
    Py_XDECREF(number);
    Py_XDECREF(list);
    return is_there;
}

/* Look at the nodes of version indexes; NULL with an exception, or groups up to the highest index. */
static Group *grouped(const Wants *self, PyObject *nodes)
{
    unsigned highest = 0;
    for (size_t each = 0; each < self->count; each++)
        highest = self->wants[each].index > highest ? self->wants[each].index : highest;
    Group *groups = PyMem_Calloc(highest + 1, sizeof *groups);
    if (groups == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *index, *node;
    for (Py_ssize_t place = 0; PyDict_Next(nodes, &place, &index, &node);) {
        long number = PyLong_AsLong(index);
        if (number == -1 && PyErr_Occurred()) {
            PyMem_Free(groups);
            return NULL;
        }
        if (number >= 0 && number <= (long)highest)
            groups[number].node = node;
    }
    return groups;
}

static PyTypeObject *names_type; /* of the one interpreter that may load the module */

PyDoc_STRVAR(left_doc, "left(nodes, names, /)\n--\n\nBy version index, the names that their index's node does not settle.");

static PyObject *left(PyObject *object, PyObject *arguments)
{
    const Wants *self = (const Wants *)object;
    PyObject *nodes, *names;
    if (!PyArg_ParseTuple(arguments, "O!O!:left", &PyDict_Type, &nodes, names_type, &names))
        return NULL;
    Group *groups = expect_names(names, self->count) ? grouped(self, nodes) : NULL;
    PyObject *found = groups == NULL ? NULL : PyDict_New();
    for (size_t each = 0; found != NULL && each < self->count; each++) {
        const Want *want = &self->wants[each];
        if (may_lack(want))
            continue;
        Group *group = &groups[want->index];
        const Name *name = name_of(names, text_of(self, want), want->length);
        if (name == NULL ||
            ((name->node == NULL || name->node != group->node) && !leave(found, group, want->index, name->name)))
            Py_CLEAR(found);
    }
    PyMem_Free(groups);
    return found;
}

/* A tuple of the name, the version index, whether it is weak, the number, and whether it is a copy. */
static PyObject *row_of(const Wants *self, const Want *want)
{
    PyObject *name = PyUnicode_DecodeUTF8(text_of(self, want), (Py_ssize_t)want->length, "surrogateescape");
    return name == NULL ? NULL
                        : Py_BuildValue("NiOIO", name, (int)want->index, want->is_weak ? Py_True : Py_False,
                                        (unsigned)want->number, want->is_copied ? Py_True : Py_False);
}

/* Whether there is a version index in a set; -1 with an exception. */
static int is_among(PyObject *indexes, unsigned index)
{
    PyObject *number = PyLong_FromLong((long)index);
    int found = number == NULL ? -1 : PySet_Contains(indexes, number);
    Py_XDECREF(number);
    return found;
}

PyDoc_STRVAR(rows_doc, "rows(indexes, /)\n--\n\nThe imports with a version index among some, or all for None.");

static PyObject *rows(PyObject *object, PyObject *indexes)
{
    const Wants *self = (const Wants *)object;
    if (indexes != Py_None && !PyAnySet_Check(indexes)) {
        PyErr_SetString(PyExc_TypeError, "indexes must be a set or None");
        return NULL;
    }
    PyObject *found = PyList_New(0);
    for (size_t each = 0; found != NULL && each < self->count; each++) {
        const Want *want = &self->wants[each];
        int is_asked = indexes == Py_None ? 1 : is_among(indexes, want->index);
        PyObject *row = is_asked > 0 ? row_of(self, want) : NULL;
        if (is_asked != 0 && (row == NULL || PyList_Append(found, row) != 0))
            Py_CLEAR(found);
        Py_XDECREF(row);
    }
    return found;
}

/* Mark the symbols that one table of relocations names; false when it is not in the file. */
static bool mark_referenced(const Wants *self, enum tag start, enum tag size_tag, size_t entry, uint64_t relative,
                            uint8_t *marks)
{
    const File *file = &self->file;
    uint64_t offset, many = file->tags[size_tag] / entry;
    if (!is_present(file, start) || file->tags[size_tag] == 0)
        return true;
    if (!place_of_tag(file, start, many * entry, &offset))
        return false;
    /* What is said to be relative stands first and has no symbol; the loader does not look for one. */
    for (uint64_t number = relative < many ? relative : many; number < many; number++) {
        uint64_t symbol = ELF64_R_SYM(long_at(file->data + offset + number * entry + offsetof(Elf64_Rela, r_info)));
        if (symbol < self->symbol_count)
            marks[symbol] = 1;
    }
    return true;
}

PyDoc_STRVAR(idle_doc, "idle()\n--\n\nThe names without a version that no relocation names; None where that cannot be told.");

static PyObject *idle(PyObject *object, PyObject *Py_UNUSED(nothing))
{
    const Wants *self = (const Wants *)object;
    const File *file = &self->file;
    PyObject *found = PyFrozenSet_New(NULL);
    /* MIPS fills its global offset table from the symbol table itself. */
    if (found == NULL || file->header.e_machine == EM_MIPS)
        return found;
    uint8_t *marks = PyMem_Calloc(self->symbol_count, 1);
    bool is_known =
        marks != NULL &&
        mark_referenced(self, JMPREL, PLTRELSZ, file->tags[PLTREL] == DT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel),
                        0, marks) &&
        mark_referenced(self, RELA, RELASZ, sizeof(Elf64_Rela), file->tags[RELACOUNT], marks) &&
        mark_referenced(self, REL, RELSZ, sizeof(Elf64_Rel), file->tags[RELCOUNT], marks);
    for (size_t each = 0; is_known && each < self->count; each++) {
        const Want *want = &self->wants[each];
        if (!is_plain(want) || may_lack(want) || marks[want->number])
            continue;
        PyObject *name = PyBytes_FromStringAndSize(text_of(self, want), (Py_ssize_t)want->length);
        is_known = name != NULL && PySet_Add(found, name) == 0;
        Py_XDECREF(name);
    }
    PyMem_Free(marks);
    if (is_known)
        return found;
    Py_DECREF(found);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static void let_go(PyObject *object)
{
    Wants *self = (Wants *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyMem_Free(self->wants);
    release_bytes(&self->bytes);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"left", left, METH_VARARGS, left_doc},
    {"rows", rows, METH_O, rows_doc},
    {"idle", idle, METH_NOARGS, idle_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_dealloc, let_go}, {0, NULL}};

static PyType_Spec specification = {
    .name = "symver_pin.elf._native.Wants",
    .basicsize = sizeof(Wants),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

PyObject *make_wants_type(PyObject *module, PyTypeObject *names)
{
    names_type = names;
    return PyType_FromModuleAndSpec(module, &specification, NULL);
}
