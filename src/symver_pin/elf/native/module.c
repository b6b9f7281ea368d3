/* The module symver_pin.elf._native: sound files by their path, or as bytes at hand. */

#include "native.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL = 1 << 16 }; /* a file up to this size is read, a larger one mapped */

static PyTypeObject *exports_type; /* of the one interpreter that may load the module */

/* Open a regular file. -1, without an exception, when it cannot be read: the reader in Python says why. */
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
    if (PyType_IsSubtype(need, &PyTuple_Type) && PyType_IsSubtype(definition, &PyTuple_Type) &&
        need->tp_basicsize == PyTuple_Type.tp_basicsize && definition->tp_basicsize == PyTuple_Type.tp_basicsize)
        return true;
    PyErr_SetString(PyExc_TypeError, "the types of records must be plain subclasses of tuple");
    return false;
}

PyDoc_STRVAR(facts_of_bytes_doc, "facts_of_bytes(data, need, definition, /)\n--\n\nThe facts of a file at hand, or None.");

static PyObject *facts_of_bytes(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer data;
    PyTypeObject *need, *definition;
    if (!PyArg_ParseTuple(arguments, "y*O!O!:facts_of_bytes", &data, &PyType_Type, &need, &PyType_Type, &definition))
        return NULL;
    PyObject *found = NULL;
    if (are_records(need, definition))
        found = read_facts(data.buf, (uint64_t)data.len, need, definition);
    PyBuffer_Release(&data);
    return found;
}

PyDoc_STRVAR(facts_of_file_doc, "facts_of_file(path, need, definition, /)\n--\n\nThe facts of a file, or None.");

static PyObject *facts_of_file(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *path;
    PyTypeObject *need, *definition;
    if (!PyArg_ParseTuple(arguments, "UO!O!:facts_of_file", &path, &PyType_Type, &need, &PyType_Type, &definition) ||
        !are_records(need, definition))
        return NULL;
    size_t size;
    int handle = open_regular(path, &size);
    if (handle < 0)
        Py_RETURN_NONE;
    PyObject *found = NULL;
    void *data = NULL;
    if (size <= SMALL) {
        static uint8_t content[SMALL]; /* used while the interpreter is held */
        if (read(handle, content, size) == (ssize_t)size)
            found = read_facts(content, size, need, definition);
    } else if ((data = map_file(handle, size)) != NULL) {
        found = read_facts(data, size, need, definition);
        munmap(data, size);
    }
    close(handle);
    return found == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : found;
}

PyDoc_STRVAR(exports_of_bytes_doc, "exports_of_bytes(data, /)\n--\n\nThe hash table of a file at hand, or None.");

static PyObject *exports_of_bytes(PyObject *Py_UNUSED(module), PyObject *data)
{
    Bytes bytes = {0};
    if (PyObject_GetBuffer(data, &bytes.view, PyBUF_SIMPLE) != 0)
        return NULL;
    bytes.data = bytes.view.buf;
    bytes.size = (uint64_t)bytes.view.len;
    return open_exports(exports_type, bytes);
}

PyDoc_STRVAR(exports_of_file_doc, "exports_of_file(path, /)\n--\n\nThe hash table of a file, mapped, or None.");

static PyObject *exports_of_file(PyObject *Py_UNUSED(module), PyObject *path)
{
    size_t size;
    int handle = open_regular(path, &size);
    if (handle < 0)
        Py_RETURN_NONE;
    void *data = map_file(handle, size);
    close(handle);
    if (data == NULL)
        Py_RETURN_NONE;
    return open_exports(exports_type, (Bytes){.data = data, .size = size, .mapped = data});
}

PyDoc_STRVAR(not_steady_doc, "not_steady(names, indexes, nodes, steady, /)\n--\n\nBy index, the names whose value in steady"
                             " is not what their index has in nodes.");

PyDoc_STRVAR(group_rows_doc, "group_rows(text, low, high, prefix, /)\n--\n\nThe symbols of the rows between two places, which "
                             "stand behind a prefix, by the three columns behind them.");

static PyMethodDef functions[] = {
    {"facts_of_bytes", facts_of_bytes, METH_VARARGS, facts_of_bytes_doc},
    {"facts_of_file", facts_of_file, METH_VARARGS, facts_of_file_doc},
    {"exports_of_bytes", exports_of_bytes, METH_O, exports_of_bytes_doc},
    {"exports_of_file", exports_of_file, METH_O, exports_of_file_doc},
    {"not_steady", not_steady, METH_VARARGS, not_steady_doc},
    {"group_rows", group_rows, METH_VARARGS, group_rows_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_doc = "Sound files: what elf.facts and elf.lookup read of them, in C.",
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
    if (module != NULL && (exports_type = (PyTypeObject *)make_exports_type(module)) == NULL)
        Py_CLEAR(module);
    return module;
}
