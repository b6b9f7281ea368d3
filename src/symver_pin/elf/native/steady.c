/* Which names of a file are not settled by the tables alone: review.py's ``_not_steady``, name by name. */

#include "native.h"

/* Put a name into the list of its version index; false with an exception. */
static bool leave(PyObject *left, PyObject *index, PyObject *name)
{
    PyObject *list = PyDict_GetItemWithError(left, index);
    if (list != NULL)
        return PyList_Append(list, name) == 0;
    if (PyErr_Occurred() || (list = PyList_New(1)) == NULL)
        return false;
    PyList_SET_ITEM(list, 0, Py_NewRef(name));
    bool is_there = PyDict_SetItem(left, index, list) == 0;
    Py_DECREF(list);
    return is_there;
}

PyObject *not_steady(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *names, *indexes, *nodes, *steady;
    if (!PyArg_ParseTuple(arguments, "O!O!O!O!:not_steady", &PyList_Type, &names, &PyList_Type, &indexes,
                          &PyDict_Type, &nodes, &PyDict_Type, &steady))
        return NULL;
    PyObject *left = PyDict_New();
    for (Py_ssize_t each = 0; left != NULL && each < PyList_GET_SIZE(names); each++) {
        if (each >= PyList_GET_SIZE(indexes)) {
            PyErr_SetString(PyExc_ValueError, "fewer indexes than names");
            Py_CLEAR(left);
            break;
        }
        PyObject *name = PyList_GET_ITEM(names, each), *index = PyList_GET_ITEM(indexes, each);
        PyObject *found = PyDict_GetItemWithError(steady, name);
        if (found != NULL && found == PyDict_GetItemWithError(nodes, index))
            continue;
        if (PyErr_Occurred() || !leave(left, index, name))
            Py_CLEAR(left);
    }
    return left;
}
