/* The module symver_pin.elf._native: sound files by their path, or as bytes at hand. */

#include "native.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    INTERFACE = 1,   /* to be raised with the one in compiled.py when functions are called otherwise */
    SMALL = 1 << 16, /* a file up to this size is read, a larger one mapped */
};

static PyTypeObject *exports_type; /* of the one interpreter that may load the module */

/* Open a regular file. -1, without an exception, when it cannot be read: the reader in Python finds out why. */
static int open_regular(PyObject *path, size_t *size)
{
    PyObject *name;
    if (!PyUnicode_FSConverter(path, &name)) {
        PyErr_Clear();
        return -1;
    }
    /* A FIFO would block the open and a device may act on it, so the kind is asked first, and again of what was opened,
       since a path can change in between. */
    struct stat status;
    int handle = -1;
    if (stat(PyBytes_AS_STRING(name), &status) == 0 && S_ISREG(status.st_mode))
        handle = open(PyBytes_AS_STRING(name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    Py_DECREF(name);
    if (handle >= 0 && (fstat(handle, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)) {
        close(handle);
        handle = -1;
    }
    *size = handle < 0 ? 0 : (size_t)status.st_size;
    return handle;
}

static void *map_file(int handle, size_t size)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, handle, 0);
    return data == MAP_FAILED ? NULL : data;
}

typedef PyObject *Reader(const uint8_t *data, uint64_t size, void *asked);

/* What a reader makes of a file that is given by its path, or as an object with bytes. */
static PyObject *read_source(PyObject *source, Reader *reader, void *asked)
{
    PyObject *found = NULL;
    if (!PyUnicode_Check(source)) {
        Py_buffer bytes;
        if (PyObject_GetBuffer(source, &bytes, PyBUF_SIMPLE) != 0)
            return NULL;
        found = reader(bytes.buf, (uint64_t)bytes.len, asked);
        PyBuffer_Release(&bytes);
        return found;
    }
    size_t size;
    int handle = open_regular(source, &size);
    if (handle < 0)
        Py_RETURN_NONE;
    void *data = size <= SMALL ? PyMem_Malloc(size) : map_file(handle, size);
    if (data != NULL && (size > SMALL || read(handle, data, size) == (ssize_t)size))
        found = reader(data, size, asked);
    if (size <= SMALL)
        PyMem_Free(data);
    else if (data != NULL)
        munmap(data, size);
    close(handle);
    return found == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : found;
}

void release_bytes(Bytes *bytes)
{
    if (bytes->mapped != NULL)
        munmap(bytes->mapped, bytes->size);
    if (bytes->view.obj != NULL)
        PyBuffer_Release(&bytes->view);
    *bytes = (Bytes){0};
}

static bool are_records(PyTypeObject *need, PyTypeObject *definition)
{
    if (PyType_IsSubtype(need, &PyTuple_Type) && PyType_IsSubtype(definition, &PyTuple_Type))
        return true;
    PyErr_SetString(PyExc_TypeError, "the types of records must be subclasses of tuple");
    return false;
}

typedef struct {
    PyTypeObject *need, *definition;
} Asked;

static PyObject *read_facts_of(const uint8_t *data, uint64_t size, void *asked)
{
    const Asked *types = asked;
    return read_facts(data, size, types->need, types->definition);
}

PyDoc_STRVAR(facts_doc, "facts(source, need, definition, /)\n--\n\nThe facts of a file, or None.");

static PyObject *facts(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *source;
    Asked asked;
    if (!PyArg_ParseTuple(arguments, "OO!O!:facts", &source, &PyType_Type, &asked.need, &PyType_Type,
                          &asked.definition) ||
        !are_records(asked.need, asked.definition))
        return NULL;
    return read_source(source, read_facts_of, &asked);
}

static PyObject *read_imports_of(const uint8_t *data, uint64_t size, void *asked)
{
    return read_imports(data, size, ((const Asked *)asked)->need);
}

PyDoc_STRVAR(imports_doc, "imports(source, need, /)\n--\n\nThe imports of a file, or None.");

static PyObject *imports(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *source;
    Asked asked;
    if (!PyArg_ParseTuple(arguments, "OO!:imports", &source, &PyType_Type, &asked.need) ||
        !are_records(asked.need, asked.need))
        return NULL;
    return read_source(source, read_imports_of, &asked);
}

PyDoc_STRVAR(exports_doc, "exports(source, /)\n--\n\nThe hash table of a file, or None.");

static PyObject *exports(PyObject *Py_UNUSED(module), PyObject *source)
{
    Bytes bytes = {0};
    if (!PyUnicode_Check(source)) {
        if (PyObject_GetBuffer(source, &bytes.view, PyBUF_SIMPLE) != 0)
            return NULL;
        bytes.data = bytes.view.buf;
        bytes.size = (uint64_t)bytes.view.len;
        return open_exports(exports_type, bytes);
    }
    size_t size;
    int handle = open_regular(source, &size);
    if (handle < 0)
        Py_RETURN_NONE;
    bytes.data = bytes.mapped = map_file(handle, size);
    bytes.size = size;
    close(handle);
    if (bytes.mapped == NULL)
        Py_RETURN_NONE;
    return open_exports(exports_type, bytes);
}

PyDoc_STRVAR(not_steady_doc, "not_steady(names, indexes, nodes, steady, /)\n--\n\nBy index, the names whose value in steady"
                             " is not what their index has in nodes.");

PyDoc_STRVAR(group_rows_doc, "group_rows(text, low, high, prefix, /)\n--\n\nThe symbols of the rows between two places, which "
                             "stand behind a prefix, by the three columns behind them.");

static PyMethodDef functions[] = {
    {"facts", facts, METH_VARARGS, facts_doc},
    {"imports", imports, METH_VARARGS, imports_doc},
    {"exports", exports, METH_O, exports_doc},
    {"not_steady", not_steady, METH_VARARGS, not_steady_doc},
    {"group_rows", group_rows, METH_VARARGS, group_rows_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "What is read of sound files, and held against tables, in C.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__native(void);

PyMODINIT_FUNC PyInit__native(void)
{
    const uint16_t one = 1;
    if (*(const uint8_t *)&one != 1) {
        PyErr_SetString(PyExc_ImportError, "not for a big-endian machine");
        return NULL;
    }
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && (PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) != 0 ||
                           (exports_type = (PyTypeObject *)make_exports_type(module)) == NULL))
        Py_CLEAR(module);
    return module;
}
