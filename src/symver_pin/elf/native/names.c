/* The names that many files have, each as one object: wants.py's `Names`, for which look-ups need no object. */

#include "native.h"

/* As in a dict the names lie close together, in the order in which they came, and the slots have their numbers: new
   pages cost more than anything else here. */
typedef struct {
    PyObject_HEAD
    Name *names;
    size_t used, room;
    uint32_t *slots; /* 0 in a free one, or the number of a name, the first being 1 */
    size_t count;    /* a power of two; at least half of the slots are free */
} Names;

enum { FIRST_COUNT = 1 << 10, MOST = 1 << 30 };

/* The slot of a name, or a free one where it has its place. */
static uint32_t *slot_of(const Names *self, Py_hash_t hash, const char *text, size_t length)
{
    size_t place = (size_t)hash & (self->count - 1);
    for (; self->slots[place] != 0; place = (place + 1) & (self->count - 1)) {
        const Name *known = &self->names[self->slots[place] - 1];
        if (known->hash == hash && (size_t)PyBytes_GET_SIZE(known->name) == length &&
            memcmp(PyBytes_AS_STRING(known->name), text, length) == 0)
            break;
    }
    return &self->slots[place];
}

/* Make room for some more names; false with an exception. */
static bool grow(Names *self, size_t more)
{
    size_t room = self->used + more, count = self->count == 0 ? FIRST_COUNT : self->count;
    while (count < 2 * room)
        count *= 2;
    Name *names = room > MOST ? NULL : PyMem_Realloc(self->names, count / 2 * sizeof *names);
    if (names != NULL)
        self->names = names;
    uint32_t *slots = names == NULL ? NULL : PyMem_Calloc(count, sizeof *slots);
    if (slots == NULL) {
        PyErr_NoMemory();
        return false;
    }
    PyMem_Free(self->slots);
    self->slots = slots;
    self->count = count;
    self->room = count / 2;
    for (size_t number = 0; number < self->used; number++) {
        size_t place = (size_t)self->names[number].hash & (count - 1);
        while (slots[place] != 0)
            place = (place + 1) & (count - 1);
        slots[place] = (uint32_t)number + 1;
    }
    return true;
}

bool expect_names(PyObject *object, size_t more)
{
    Names *self = (Names *)object;
    return more <= self->used || self->used + more <= self->room || grow(self, more);
}

/* The same hash as that of bytes, which nobody outside can foresee. */
static Py_hash_t hash_of(const char *text, size_t length)
{
    return PyHash_GetFuncDef()->hash(text, (Py_ssize_t)length);
}

Name *name_of(PyObject *object, const char *text, size_t length)
{
    Names *self = (Names *)object;
    if (self->used == self->room && !grow(self, 1))
        return NULL;
    Py_hash_t hash = hash_of(text, length);
    uint32_t *slot = slot_of(self, hash, text, length);
    if (*slot == 0) {
        PyObject *name = PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
        if (name == NULL)
            return NULL;
        self->names[self->used++] = (Name){hash, name, NULL};
        *slot = (uint32_t)self->used;
    }
    return &self->names[*slot - 1];
}

/* The same of a bytes object. */
static Name *name_of_bytes(PyObject *self, PyObject *name)
{
    char *text;
    Py_ssize_t length;
    return PyBytes_AsStringAndSize(name, &text, &length) == 0 ? name_of(self, text, (size_t)length) : NULL;
}

PyDoc_STRVAR(settle_doc, "settle(nodes, /)\n--\n\nTell which node settles which name; what was told first counts.");

static PyObject *settle(PyObject *self, PyObject *nodes)
{
    if (!PyDict_Check(nodes)) {
        PyErr_SetString(PyExc_TypeError, "nodes must be a dict");
        return NULL;
    }
    if (!expect_names(self, (size_t)PyDict_Size(nodes)))
        return NULL;
    PyObject *name, *node;
    for (Py_ssize_t place = 0; PyDict_Next(nodes, &place, &name, &node);) {
        Name *entry = name_of_bytes(self, name);
        if (entry == NULL)
            return NULL;
        if (entry->node == NULL)
            entry->node = Py_NewRef(node);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(node_doc, "node(name, /)\n--\n\nThe node that settles a name, None when none does.");

static PyObject *node(PyObject *self, PyObject *name)
{
    Name *entry = name_of_bytes(self, name);
    return entry == NULL ? NULL : Py_NewRef(entry->node == NULL ? Py_None : entry->node);
}

PyDoc_STRVAR(share_doc, "share(names, /)\n--\n\nThe same names, each as the one object that it is known as.");

static PyObject *share(PyObject *self, PyObject *names)
{
    PyObject *each = PyObject_GetIter(names), *shared = each == NULL ? NULL : PyList_New(0), *name;
    while (shared != NULL && (name = PyIter_Next(each)) != NULL) {
        Name *entry = name_of_bytes(self, name);
        Py_DECREF(name);
        if (entry == NULL || PyList_Append(shared, entry->name) != 0)
            Py_CLEAR(shared);
    }
    Py_XDECREF(each);
    if (PyErr_Occurred())
        Py_CLEAR(shared);
    return shared;
}

static void let_go(PyObject *object)
{
    Names *self = (Names *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (size_t number = 0; number < self->used; number++) {
        Py_DECREF(self->names[number].name);
        Py_XDECREF(self->names[number].node);
    }
    PyMem_Free(self->names);
    PyMem_Free(self->slots);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"settle", settle, METH_O, settle_doc},
    {"node", node, METH_O, node_doc},
    {"share", share, METH_O, share_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(names_doc, "Names()\n--\n\nThe names that many files have.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)names_doc},
    {Py_tp_methods, methods},
    {Py_tp_dealloc, let_go},
    {Py_tp_new, PyType_GenericNew},
    {0, NULL},
};

static PyType_Spec specification = {
    .name = "symver_pin.elf._native.Names",
    .basicsize = sizeof(Names),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

PyObject *make_names_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &specification, NULL);
}
