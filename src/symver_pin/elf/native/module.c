/* The module symver_pin.elf._native: sound files by their path, or as bytes at hand. */

#include "native.h"

enum { INTERFACE = 2 }; /* to be raised with the one in compiled.py when functions are called otherwise */

static PyTypeObject *exports_type, *wants_type; /* of the one interpreter that may load the module */

static bool are_records(PyTypeObject *need, PyTypeObject *definition)
{
    if (PyType_IsSubtype(need, &PyTuple_Type) && PyType_IsSubtype(definition, &PyTuple_Type))
        return true;
    PyErr_SetString(PyExc_TypeError, "the types of records must be subclasses of tuple");
    return false;
}

/* What was found, or None where nothing was. */
static PyObject *or_none(PyObject *found)
{
    return found == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : found;
}

PyDoc_STRVAR(facts_doc, "facts(source, need, definition, /)\n--\n\nThe facts of a file, or None.");

static PyObject *facts(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *source;
    PyTypeObject *need, *definition;
    Bytes bytes;
    if (!PyArg_ParseTuple(arguments, "OO!O!:facts", &source, &PyType_Type, &need, &PyType_Type, &definition) ||
        !are_records(need, definition))
        return NULL;
    return or_none(get_bytes(source, false, &bytes) ? read_facts(bytes, need, definition, wants_type) : NULL);
}

PyDoc_STRVAR(exports_doc, "exports(source, /)\n--\n\nThe hash table of a file, or None.");

static PyObject *exports(PyObject *Py_UNUSED(module), PyObject *source)
{
    Bytes bytes;
    return or_none(get_bytes(source, true, &bytes) ? open_exports(bytes, exports_type) : NULL);
}

PyDoc_STRVAR(group_rows_doc, "group_rows(text, low, high, prefix, /)\n--\n\nThe symbols of the rows between two places, which "
                             "stand behind a prefix, by the three columns behind them.");

static PyMethodDef functions[] = {
    {"facts", facts, METH_VARARGS, facts_doc},
    {"exports", exports, METH_O, exports_doc},
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
    PyObject *module = PyModule_Create(&definition), *names = NULL;
    bool is_made =
        module != NULL && PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) == 0 &&
        (exports_type = (PyTypeObject *)make_exports_type(module)) != NULL &&
        (names = make_names_type(module)) != NULL && PyModule_AddObjectRef(module, "Names", names) == 0 &&
        (wants_type = (PyTypeObject *)make_wants_type(module, (PyTypeObject *)names)) != NULL;
    if (!is_made)
        Py_CLEAR(module);
    return module;
}
