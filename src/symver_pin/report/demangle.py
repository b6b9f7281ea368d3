"""Names of C++ symbols as C++ writes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

_PREFIX = "_Z"
"""Every mangled name of the Itanium C++ ABI begins with it."""
_LONGEST = 4096
"""Longer names are printed as they are: a hostile file could keep the demangler busy."""


def demangled(name: str) -> str:
    """A mangled name as C++ writes it (``std::thread::join()``), every other name as it is.

    The work is done by ``__cxa_demangle`` of this machine's libstdc++ (the package cxxfilt). On a machine without that
    library every name stays as it is.
    """
    if not name.startswith(_PREFIX) or len(name) > _LONGEST:
        return name
    return _demangler()(name)


@cache
def _demangler() -> Callable[[str], str]:
    try:
        import cxxfilt
    except (ImportError, OSError, RuntimeError):  # no such package, no dlopen, no libstdc++
        return str

    def demangle(name: str) -> str:
        try:
            return str(cxxfilt.demangle(name))
        except (cxxfilt.Error, UnicodeError):
            return name

    return demangle
