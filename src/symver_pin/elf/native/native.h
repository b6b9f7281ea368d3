/* What the module's functions are made of. */

#ifndef SYMVER_PIN_NATIVE_H
#define SYMVER_PIN_NATIVE_H

#include "file.h"

/* The bytes of a file. */
typedef struct {
    const uint8_t *data;
    uint64_t size;
    void *mapped, *read; /* NULL when they are not */
    Py_buffer view;      /* without an object when they are not one's */
} Bytes;

/* Those of a file by its path, or of an object; `is_kept` says that they will be for long. False, with an exception or
   without one, when they cannot be had. */
bool get_bytes(PyObject *source, bool is_kept, Bytes *bytes);

/* Let go of them. */
void release_bytes(Bytes *bytes);

/* The types that the module makes; NULL with an exception. */
PyObject *make_exports_type(PyObject *module);
PyObject *make_names_type(PyObject *module);
PyObject *make_wants_type(PyObject *module, PyTypeObject *names);

/* What follows returns a new reference, or NULL; without an exception that means None. Bytes are taken over. */

/* The facts of a file; see facts.py. The types are those of the records, subclasses of tuple. */
PyObject *read_facts(Bytes bytes, PyTypeObject *need, PyTypeObject *definition, PyTypeObject *wants);

/* The hash table of a file. */
PyObject *open_exports(Bytes bytes, PyTypeObject *type);

/* What a file wants; `needed` has a bit for each version index of VERNEED. */
PyObject *open_wants(Bytes bytes, PyTypeObject *type, const File *file, const Symbols *symbols, const uint8_t *needed);

/* One name of many files, and what is known of it. */
typedef struct {
    Py_hash_t hash;
    PyObject *name; /* bytes */
    PyObject *node; /* NULL when no one node settles it */
} Name;

/* The entry of a name, which is made when there is none; NULL with an exception. It is good until the next one. */
Name *name_of(PyObject *names, const char *text, size_t length);

/* Make room where so many are to come that it is worth it; false with an exception. */
bool expect_names(PyObject *names, size_t more);

/* group_rows(text, low, high, prefix) */
PyObject *group_rows(PyObject *module, PyObject *arguments);

#endif
