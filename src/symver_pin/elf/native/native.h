/* What the module's functions are made of. */

#ifndef SYMVER_PIN_NATIVE_H
#define SYMVER_PIN_NATIVE_H

#include "file.h"

/* The facts of a file, or None; see facts.py. The types are those of the records, subclasses of tuple. */
PyObject *read_facts(const uint8_t *data, uint64_t size, PyTypeObject *need, PyTypeObject *definition);

/* The imports of a file, or None. */
PyObject *read_imports(const uint8_t *data, uint64_t size, PyTypeObject *need);

/* The bytes that a look-up in a hash table goes on: mapped, or those of an object. */
typedef struct {
    const uint8_t *data;
    uint64_t size;
    void *mapped;   /* NULL when they are not */
    Py_buffer view; /* without an object when there is none */
} Bytes;

/* Let go of them. */
void release_bytes(Bytes *bytes);

/* Make the type of what `open_exports` returns. */
PyObject *make_exports_type(PyObject *module);

/* The hash table of a file, or None; it takes over the bytes, whatever it returns. */
PyObject *open_exports(PyTypeObject *type, Bytes bytes);

/* not_steady(names, indexes, nodes, steady) */
PyObject *not_steady(PyObject *module, PyObject *arguments);

/* group_rows(text, low, high, prefix) */
PyObject *group_rows(PyObject *module, PyObject *arguments);

#endif
