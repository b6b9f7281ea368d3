/* The names that many files have, each as one object: wants.py's `Names`, for which look-ups need no object. */

#include "native.h"

typedef struct {
    PyObject_HEAD
    Name *slots;
    size_t count, used; /* count is a power of two, and more than half of the slots are free */
} Names;

enum { FIRST_COUNT = 1 << 10 };

/* Where a name is, or has its place. */
static Name *slot_of(const Names *self, Py_hash_t hash, const char *text, size_t length)
{
    size_t number = (size_t)hash & (self->count - 1);
    for (;; number = (number + 1) & (self->count - 1)) {
        Name *slot = &self->slots[number];
        if (slot->name == NULL || (slot->hash == hash && (size_t)PyBytes_GET_SIZE(slot->name) == length &&
                                   memcmp(PyBytes_AS_STRING(slot->name), text, length) == 0))
            return slot;
    }
}

/* Make room for one more; false with an exception. */
static bool has_room(Names *self)
{
    if (self->used < self->count / 2)
        return true;
    Names larger = {.count = self->count == 0 ? FIRST_COUNT : self->count * 2};
    larger.slots = PyMem_Calloc(larger.count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        PyErr_NoMemory();
        return false;
    }
    for (size_t number = 0; number < self->count; number++) {
        Name *old = &self->slots[number];
        if (old->name != NULL)
            *slot_of(&larger, old->hash, PyBytes_AS_STRING(old->name), (size_t)PyBytes_GET_SIZE(old->name)) = *old;
    }
    PyMem_Free(self->slots);
    self->slots = larger.slots;
    self->count = larger.count;
    return true;
}

/* The same hash as that of bytes, which nobody outside can foresee. */
static Py_hash_t hash_of(const char *text, size_t length)
{
    return PyHash_GetFuncDef()->hash(text, (Py_ssize_t)length);
}

Name *name_of(PyObject *object, const char *text, size_t length)
{
    Names *self = (Names *)object;
    if (!has_room(self))
        return NULL;
    Py_hash_t hash = hash_of(text, length);
    Name *slot = slot_of(self, hash, text, length);
    if (slot->name == NULL) {
        PyObject *name = PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
        if (name == NULL)
            return NULL;
        *slot = (Name){hash, name, NULL};
        self->used++;
    }
    return slot;
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
    for (size_t number = 0; number < self->count; number++) {
        Py_XDECREF(self->slots[number].name);
        Py_XDECREF(self->slots[number].node);
    }
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
