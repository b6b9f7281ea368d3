"""The sonames of glibc's own libraries. The loader's soname depends on the architecture (``machine``)."""

SONAMES = {
    "libBrokenLocale": "libBrokenLocale.so.1",
    "libanl": "libanl.so.1",
    "libc": "libc.so.6",
    "libc_malloc_debug": "libc_malloc_debug.so.0",
    "libcrypt": "libcrypt.so.1",
    "libdl": "libdl.so.2",
    "libm": "libm.so.6",
    "libmvec": "libmvec.so.1",
    "libnsl": "libnsl.so.1",
    "libpthread": "libpthread.so.0",
    "libresolv": "libresolv.so.2",
    "librt": "librt.so.1",
    "libthread_db": "libthread_db.so.1",
    "libutil": "libutil.so.1",
}
"""Library name, as in the name of an ABI list and after ``-l`` -> soname."""

LIBC = SONAMES["libc"]
