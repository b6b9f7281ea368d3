/* The rows of one library in a symbol table, many of which are alike but for the symbol: tables.py's `_alike`. */

#include "native.h"

typedef struct {
    const char *rest; /* of a row: the columns behind the symbol that count */
    size_t length;
    PyObject *symbols;
} Slot;

/* Where what stands behind a symbol is, or has its place. There are more slots than rows. */
static Slot *slot_of(Slot *slots, size_t count, const char *rest, size_t length)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t place = 0; place < length; place++)
        hash = (hash ^ (uint8_t)rest[place]) * 16777619u;
    size_t number = hash & (count - 1);
    while (slots[number].symbols != NULL &&
           (slots[number].length != length || memcmp(slots[number].rest, rest, length) != 0))
        number = (number + 1) & (count - 1);
    return &slots[number];
}

enum { COLUMNS = 3 }; /* version, span, mark */

/* How long the columns are that count, each with its tab; the whole when there are fewer. */
static size_t length_of(const char *rest, size_t length)
{
    const char *at = rest, *tab;
    for (int column = 0; column < COLUMNS; column++, at = tab + 1)
        if ((tab = memchr(at, '\t', length - (size_t)(at - rest))) == NULL)
            return length;
    return (size_t)(at - rest);
}

/* Put one row into `found`; false with an exception. */
static bool add_row(PyObject *found, Slot *slots, size_t count, const char *row, size_t length)
{
    const char *tab = memchr(row, '\t', length);
    size_t size = tab == NULL ? length : (size_t)(tab - row);
    const char *rest = tab == NULL ? row + length : tab + 1;
    size_t left = length_of(rest, (size_t)(row + length - rest));
    Slot *slot = slot_of(slots, count, rest, left);
    if (slot->symbols == NULL) {
        PyObject *key = PyBytes_FromStringAndSize(rest, (Py_ssize_t)left), *symbols = PyList_New(0);
        bool is_in = key != NULL && symbols != NULL && PyDict_SetItem(found, key, symbols) == 0;
        Py_XDECREF(key);
        Py_XDECREF(symbols); /* the dictionary holds it */
        if (!is_in)
            return false;
        *slot = (Slot){rest, left, symbols};
    }
    PyObject *symbol = PyBytes_FromStringAndSize(row, (Py_ssize_t)size);
    int status = symbol == NULL ? -1 : PyList_Append(slot->symbols, symbol);
    Py_XDECREF(symbol);
    return status == 0;
}

PyObject *group_rows(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *text;
    Py_ssize_t low, high, prefix;
    if (!PyArg_ParseTuple(arguments, "Snnn:group_rows", &text, &low, &high, &prefix))
        return NULL;
    if (low < 0 || high < low || high > PyBytes_GET_SIZE(text) || prefix < 0) {
        PyErr_SetString(PyExc_ValueError, "no such rows");
        return NULL;
    }
    const char *at = PyBytes_AS_STRING(text) + low, *end = PyBytes_AS_STRING(text) + high;
    size_t count = 64;
    while (count < (size_t)(high - low) / (size_t)(prefix + 2) + 2) /* a row that counts is longer than its prefix */
        count *= 2;
    Slot *slots = PyMem_Calloc(count, sizeof *slots);
    PyObject *found = slots == NULL ? PyErr_NoMemory() : PyDict_New();
    while (found != NULL && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        if (stop - at > prefix && !add_row(found, slots, count, at + prefix, (size_t)(stop - at - prefix)))
            Py_CLEAR(found);
        at = stop + 1;
    }
    PyMem_Free(slots);
    return found;
}
