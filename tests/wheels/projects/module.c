/* An extension module that uses what glibc has changed since 2.17: random numbers, threads, mathematics, files. */
#include <Python.h>
#include <math.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/stat.h>

static void *answer(void *argument) {
  *(double *)argument = pow(2.0, 5.0) + log(1.0) + exp(0.0);
  return NULL;
}

static PyObject *check(PyObject *self, PyObject *arguments) {
  (void)self, (void)arguments;
  char bytes[8];
  struct stat status;
  pthread_t thread;
  double result = 0;
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes || stat("/", &status) != 0)
    return PyErr_SetFromErrno(PyExc_OSError);
  if (pthread_create(&thread, NULL, answer, &result) != 0 || pthread_join(thread, NULL) != 0)
    return PyErr_SetFromErrno(PyExc_OSError);
  return PyUnicode_FromFormat("%d %s", (int)result, S_ISDIR(status.st_mode) ? "folder" : "file");
}

static PyMethodDef methods[] = {{"check", check, METH_NOARGS, "33 folder"}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "MODULE", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_MODULE(void) { return PyModule_Create(&module); }
