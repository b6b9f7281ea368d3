"""The sonames of glibc's own libraries. The loader's soname depends on the architecture (``machine``)."""

from fnmatch import fnmatchcase

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


OTHER_LIBCS = {
    "libc.musl-*.so.1": "musl's",
    "ld-musl-*.so.1": "musl's",
    "libc.so": "musl's or Android's",
    "libc.so.0": "uClibc's",
    "ld-uClibc.so.*": "uClibc's",
    "ld64-uClibc.so.*": "uClibc's",
}
"""Glob of the sonames of another C library -> whose it is. musl's own soname is ``libc.so``; Alpine Linux names it by
its architecture (``libc.musl-x86_64.so.1``)."""


def other_libc(soname: str) -> str:
    """Whose C library a soname names, if it is one but not glibc's; else ""."""
    return next((owner for glob, owner in OTHER_LIBCS.items() if fnmatchcase(soname, glob)), "")
