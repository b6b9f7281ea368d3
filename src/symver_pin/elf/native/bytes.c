/* Where the bytes of a file come from: read, mapped, or those of an object. */

#include "native.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL = 1 << 16 }; /* a file up to this size is read, a larger one mapped, unless it is to be kept */

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

bool get_bytes(PyObject *source, bool is_kept, Bytes *bytes)
{
    *bytes = (Bytes){0};
    if (!PyUnicode_Check(source)) {
        if (PyObject_GetBuffer(source, &bytes->view, PyBUF_SIMPLE) != 0)
            return false;
        bytes->data = bytes->view.buf;
        bytes->size = (uint64_t)bytes->view.len;
        return true;
    }
    size_t size;
    int handle = open_regular(source, &size);
    if (handle < 0)
        return false;
    void *data;
    if (is_kept || size > SMALL) {
        data = mmap(NULL, size, PROT_READ, MAP_SHARED, handle, 0);
        bytes->mapped = data = data == MAP_FAILED ? NULL : data;
    } else {
        bytes->read = data = PyMem_Malloc(size);
        if (data != NULL && read(handle, data, size) != (ssize_t)size) {
            PyMem_Free(data);
            bytes->read = data = NULL;
        }
    }
    close(handle);
    bytes->data = data;
    bytes->size = size;
    return data != NULL;
}

void release_bytes(Bytes *bytes)
{
    if (bytes->mapped != NULL)
        munmap(bytes->mapped, bytes->size);
    PyMem_Free(bytes->read);
    if (bytes->view.obj != NULL)
        PyBuffer_Release(&bytes->view);
    *bytes = (Bytes){0};
}
