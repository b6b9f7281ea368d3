"""Rule: a file should not export a C++ library that is linked into it statically. A note.

In a process the first export of a name in scope order is everybody's. If the process has the target's libstdc++.so.6
too, an older one, its functions take the place of the exported ones: code of two releases then works on one object
(seen on 2.17 with the libstdc++ of GCC 4.8: std::async crashes, std::regex throws, std::ios_base::failure is not caught
as itself). Linked with ``--exclude-libs``, as the kit does, the file uses its own.

``std::terminate`` stands for such a library: each has it, exports it strongly, and nothing else may define it.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.hash_table import HashTable, has_hash_table
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import TargetSystem

_SIGN = b"_ZSt9terminatev"
_OF_THE_LIBRARY = (
    b"_ZSt",
    b"_ZNSt",
    b"_ZNKSt",
    b"_ZTVSt",
    b"_ZTISt",
    b"_ZTSSt",
    b"_ZTVN10__cxxabi",
    b"__cxa_",
    b"__gxx_",
)
"""How the names begin that a C++ library defines: those of the namespace std and of the C++ ABI."""
_FEWEST = 100
"""The least number of dynamic symbols of a file with an exported C++ library; a static libstdc++ brings thousands."""
_CXX_LIBRARIES = ("libstdc++.so", "libc++.so", "libc++abi.so", "libsupc++.so")
"""How the sonames of C++ libraries themselves begin."""


def check_exported_runtime(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """The exports of the root that belong to a C++ library."""
    file = scope.facts[0].file
    if file.symbol_count < _FEWEST or any(name.startswith(_CXX_LIBRARIES) for name in file.names):
        return
    if not has_hash_table(file.dynamic) or HashTable(file.dynamic).find((_SIGN,)):
        count = _exported_names(file)
        if count:
            yield Problem("exported-runtime", file, system.everything, detail=str(count))


def _exported_names(file: LoadedObject) -> int:
    """How many names of a C++ library a file exports; 0 if ``std::terminate`` is not one of them."""
    names = file.dynamic.exported_names[0]
    return sum(name.startswith(_OF_THE_LIBRARY) for name in names) if _SIGN in names else 0
