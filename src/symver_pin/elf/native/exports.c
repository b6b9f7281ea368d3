/* Look-ups in a file's own hash table (DT_GNU_HASH), as lookup.py does them for any file. */

#include "native.h"

#include <sys/mman.h>

typedef struct {
    PyObject_HEAD
    Bytes bytes;
    File file;
    Symbols symbols;
    const uint8_t *bloom, *buckets, *chain;
    uint64_t bloom_count, bucket_count, first;
    uint32_t shift;
} Exports;

/* Whether a symbol is one of this name that a look-up may find (lookup.py says which). */
static bool is_offered(const Exports *self, uint64_t number, const char *name, size_t length)
{
    Elf64_Sym symbol = symbol_at(&self->symbols, number);
    unsigned binding = ELF64_ST_BIND(symbol.st_info), type = ELF64_ST_TYPE(symbol.st_info);
    unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (symbol.st_shndx == SHN_UNDEF || visibility == STV_INTERNAL || visibility == STV_HIDDEN)
        return false;
    if (binding != STB_GLOBAL && binding != STB_WEAK && binding != STB_GNU_UNIQUE)
        return false;
    if (type > STT_FUNC && type != STT_COMMON && type != STT_TLS && type != STT_GNU_IFUNC)
        return false;
    if (symbol.st_value == 0 && symbol.st_shndx != SHN_ABS && type != STT_TLS)
        return false;
    uint64_t size = self->file.strings_size;
    return symbol.st_name < size && length < size - symbol.st_name &&
           memcmp(self->file.strings + symbol.st_name, name, length) == 0 &&
           self->file.strings[symbol.st_name + length] == 0;
}

static uint32_t gnu_hash(const char *name, size_t length)
{
    uint32_t value = 5381;
    for (size_t place = 0; place < length; place++)
        value = value * 33 + (uint8_t)name[place];
    return value;
}

/* A search for the symbols of one name, of which there is one for each of its versions. */
typedef struct {
    const char *name;
    size_t length;
    uint32_t hash;
    uint64_t next; /* the symbol to look at next, 0 when there is none */
} Search;

/* Begin to look for a name; false with an exception when it is none. */
static bool begin(const Exports *self, PyObject *name, Search *search)
{
    char *text;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(name, &text, &length) != 0)
        return false;
    uint32_t hash = gnu_hash(text, (size_t)length);
    uint64_t word = long_at(self->bloom + hash / 64 % self->bloom_count * 8), number = 0;
    if (word >> hash % 64 & word >> (hash >> self->shift) % 64 & 1)
        number = word_at(self->buckets + hash % self->bucket_count * 4);
    *search = (Search){text, (size_t)length, hash, number >= self->first ? number : 0};
    return true;
}

/* The version index of the next symbol of the name, hidden bit included; -1 when there is no more. */
static int next_index(const Exports *self, Search *search)
{
    while (search->next != 0 && search->next < self->symbols.count) {
        uint64_t number = search->next++;
        uint32_t link = word_at(self->chain + (number - self->first) * 4);
        if (link & 1)
            search->next = 0;
        if ((link | 1) == (search->hash | 1) && is_offered(self, number, search->name, search->length))
            return (int)version_at(&self->symbols, number);
    }
    return -1;
}

/* All of its version indexes, a list; NULL, without an exception when there are none. */
static PyObject *all_indexes(const Exports *self, Search *search)
{
    PyObject *indexes = NULL;
    for (int index; (index = next_index(self, search)) >= 0;) {
        PyObject *number = PyLong_FromLong(index);
        if (indexes == NULL)
            indexes = PyList_New(0);
        if (number == NULL || indexes == NULL || PyList_Append(indexes, number) != 0)
            Py_CLEAR(indexes);
        Py_XDECREF(number);
        if (indexes == NULL)
            return NULL;
    }
    return indexes;
}

/* What is done with one name; false with an exception. */
typedef bool Visit(const Exports *self, PyObject *name, Search *search, PyObject *found);

/* Do it with all names; returns what was found, or NULL with an exception. */
static PyObject *visit_names(const Exports *self, PyObject *names, Visit *visit, PyObject *found)
{
    PyObject *each = PyObject_GetIter(names), *name;
    bool goes_on = found != NULL && each != NULL;
    while (goes_on && (name = PyIter_Next(each)) != NULL) {
        Search search;
        goes_on = begin(self, name, &search) && visit(self, name, &search, found);
        Py_DECREF(name);
    }
    Py_XDECREF(each);
    if (PyErr_Occurred())
        Py_CLEAR(found);
    return found;
}

static bool visit_found(const Exports *self, PyObject *name, Search *search, PyObject *found)
{
    PyObject *indexes = all_indexes(self, search);
    if (indexes == NULL)
        return !PyErr_Occurred();
    bool is_in = PyDict_SetItem(found, name, indexes) == 0;
    Py_DECREF(indexes);
    return is_in;
}

PyDoc_STRVAR(find_doc, "find(names, /)\n--\n\nThe raw version indexes under which names are offered, of those that are.");

static PyObject *find(PyObject *self, PyObject *names)
{
    return visit_names((const Exports *)self, names, visit_found, PyDict_New());
}

static bool visit_plain(const Exports *self, PyObject *name, Search *search, PyObject *found)
{
    bool is_old = false;
    int shown = 0;
    for (int index; (index = next_index(self, search)) >= 0;) {
        is_old = is_old || (index & INDEX) <= 2;
        shown += index <= INDEX;
    }
    return !(is_old || shown == 1) || PySet_Add(found, name) == 0;
}

PyDoc_STRVAR(plain_doc, "plain(names, /)\n--\n\nThose names that a reference without a version finds.");

static PyObject *plain(PyObject *self, PyObject *names)
{
    return visit_names((const Exports *)self, names, visit_plain, PyFrozenSet_New(NULL));
}

/* Whether a reference with a version takes a symbol of an index: 1, 0, or -1 with an exception. */
static int answers(PyObject *nodes, int index, PyObject *version)
{
    PyObject *number = PyLong_FromLong(index & INDEX);
    PyObject *node = number == NULL ? NULL : PyDict_GetItemWithError(nodes, number);
    Py_XDECREF(number);
    if (PyErr_Occurred())
        return -1;
    if (node == NULL || node == Py_None)
        return index <= INDEX;
    return PyObject_RichCompareBool(node, version, Py_EQ);
}

PyDoc_STRVAR(lacks_doc, "lacks(names, nodes, version, /)\n--\n\nThose names that a reference with a version does not find.");

static PyObject *lacks(PyObject *object, PyObject *arguments)
{
    const Exports *self = (const Exports *)object;
    PyObject *names, *nodes, *version;
    if (!PyArg_ParseTuple(arguments, "O!O!U:lacks", &PyList_Type, &names, &PyDict_Type, &nodes, &version))
        return NULL;
    PyObject *left = PyList_New(0);
    int known = -1, verdict = 0; /* names often have one index after another */
    for (Py_ssize_t each = 0; left != NULL && each < PyList_GET_SIZE(names); each++) {
        PyObject *name = PyList_GET_ITEM(names, each);
        Search search;
        bool is_there = false;
        if (begin(self, name, &search))
            for (int index; !is_there && (index = next_index(self, &search)) >= 0;) {
                if (index != known)
                    verdict = answers(nodes, known = index, version);
                is_there = verdict > 0;
            }
        if (PyErr_Occurred() || (!is_there && PyList_Append(left, name) != 0))
            Py_CLEAR(left);
    }
    return left;
}

PyDoc_STRVAR(rest_doc, "rest()\n--\n\nLet go of the pages that were looked at, until the next question.");

static PyObject *rest(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    const Bytes *bytes = &((const Exports *)self)->bytes;
    if (bytes->mapped != NULL)
        madvise(bytes->mapped, bytes->size, MADV_DONTNEED);
    Py_RETURN_NONE;
}

static bool open_table(Exports *self)
{
    File *file = &self->file;
    uint64_t at;
    if (!open_file(file, self->bytes.data, self->bytes.size) || !find_symbols(file, &self->symbols) ||
        file->strings[file->strings_size - 1] != 0 || !place_of_tag(file, GNU_HASH, 16, &at))
        return false;
    const uint8_t *head = file->data + at;
    self->bucket_count = word_at(head);
    self->first = word_at(head + 4);
    self->bloom_count = word_at(head + 8);
    self->shift = word_at(head + 12);
    uint64_t hashed = self->symbols.count > self->first ? self->symbols.count - self->first : 0;
    at += 16;
    if (self->bloom_count == 0 || self->bucket_count == 0 || self->shift > 31 ||
        !has(file, at, self->bloom_count * 8 + self->bucket_count * 4 + hashed * 4))
        return false;
    self->bloom = file->data + at;
    self->buckets = self->bloom + self->bloom_count * 8;
    self->chain = self->buckets + self->bucket_count * 4;
    return true;
}

PyObject *open_exports(Bytes bytes, PyTypeObject *type)
{
    Exports *self = (Exports *)type->tp_alloc(type, 0);
    if (self == NULL) {
        release_bytes(&bytes);
        return NULL;
    }
    self->bytes = bytes;
    if (open_table(self))
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void let_go(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    release_bytes(&((Exports *)object)->bytes);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"find", find, METH_O, find_doc},
    {"plain", plain, METH_O, plain_doc},
    {"lacks", lacks, METH_VARARGS, lacks_doc},
    {"rest", rest, METH_NOARGS, rest_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_dealloc, let_go}, {0, NULL}};

static PyType_Spec specification = {
    .name = "symver_pin.elf._native.Exports",
    .basicsize = sizeof(Exports),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

PyObject *make_exports_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &specification, NULL);
}
