"""Rule: a program that is linked statically with glibc must not load libraries of another glibc. A note.

A static program needs no libc of the system, but some functions of glibc load libraries while the program runs: the
look-up of users, hosts and services (NSS: ``libnss_files.so.2`` ...), ``iconv`` (gconv modules) and ``dlopen``. These
libraries load the system's libc.so.6 into the process beside the static one, which works with the very same glibc only:
a static program of 2.36 that calls ``getpwnam`` ends with a failed assertion on 2.17 if /etc/nsswitch.conf names a
service that is not built in.

Signs: the text ``libnss_`` (the name of NSS's libraries is put together from it), and ``iconv_open`` in ``.symtab``.
The code of ``dlopen`` is in every static program, so it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.image import Image
from symver_pin.elf.object_file import read_functions
from symver_pin.errors import ElfError
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.target_system import TargetSystem

_GLIBC = b"gconv-modules"
"""A text in every static program of glibc: stdio can convert wide characters."""
_NSS = b"libnss_"
_ICONV = "iconv_open"


def check_static_program(file: LoadedObject, system: TargetSystem) -> Iterator[Problem]:
    """What a static program of glibc loads at run time."""
    image = file.image
    if not image.contains(_GLIBC):
        return
    parts = []
    if image.contains(_NSS):
        parts.append("the look-up of users and hosts (NSS)")
    if _ICONV in _function_names(image):
        parts.append("iconv")
    if parts:
        yield Problem("static-glibc", file, system.everything, detail=" and ".join(parts))


def _function_names(image: Image) -> frozenset[str]:
    """The names in ``.symtab``; none where it is stripped or broken, which no loader reads."""
    try:
        return frozenset(function.name for function in read_functions(image))
    except ElfError:
        return frozenset()
