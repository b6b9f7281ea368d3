"""The runtime libraries of the compiler, apart from libgcc: what a kit does with ``-lstdc++``, ``-lgomp`` and so on.

The build host's shared runtimes belong to its own glibc and GCC, and a target has older ones or none. So a program gets
the compiler's static library, hidden in it (``--exclude-libs``): an exported copy would mix with the target's own
library. libgomp, libgfortran, libitm and libobjc cannot be linked into a shared library, because GCC compiles their
static form with thread-local accesses of programs (R_X86_64_TPOFF32). A shared library that uses one of them needs the
shared form, and ``verify`` says from which GCC on.

On request (SYMVER_PIN_RUNTIME_LIBS=shared) a program gets a stub, which exports what the runtime exported in the
target's GCC release. It is made from the host's library: GCC never removes a node, and
``glibc_maps/runtime_nodes.tsv`` has the GCC release of each node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import load_image
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.glibc.release import Release, Span
from symver_pin.glibc.rows import Row
from symver_pin.glibc.table import View
from symver_pin.harvest.compiler_runtime import read_dated_library
from symver_pin.machine.arch import Arch


class Runtime(NamedTuple):
    """One runtime library of the compiler."""

    name: str
    """The name after ``-l``."""
    in_libraries: bool
    """True if its static form can be linked into a shared library."""
    needs: tuple[str, ...] = ()
    """The sonames of the glibc libraries that its static form uses beside libc."""

    @property
    def archive(self) -> str:
        """The file name of the static library."""
        return f"lib{self.name}.a"


RUNTIMES = (
    Runtime("stdc++", True, ("libm.so.6",)),
    Runtime("supc++", True),
    Runtime("stdc++fs", True),
    Runtime("stdc++exp", True),
    Runtime("atomic", True),
    Runtime("quadmath", True, ("libm.so.6",)),
    Runtime("gomp", False),
    Runtime("gfortran", False, ("libm.so.6",)),
    Runtime("itm", False),
    Runtime("objc", False),
    Runtime("gphobos", False, ("libm.so.6",)),
    Runtime("gdruntime", False, ("libm.so.6",)),
    Runtime("go", False, ("libm.so.6",)),
)

HIDDEN = (*(runtime.archive for runtime in RUNTIMES), "libgcc_eh.a")
"""The static libraries whose symbols a program or shared library must not export."""


def era_stub(library: Path, arch: Arch, gcc: Release, dates: Mapping[str, Release]) -> tuple[str, bytes] | None:
    """The soname and the stub of a runtime as it was in the GCC release ``gcc``, made from the host's ``library``.

    ``dates`` maps version nodes to GCC releases; other nodes count as newer. None if nothing of the library is that
    old: then the release has no such library, or one with another soname. Raises ElfError for a broken library.
    """
    dynamic = Dynamic(load_image(library))
    soname = dynamic.soname or library.name
    rows = [row for row in read_dated_library(soname, [dynamic], dates, Span(gcc, gcc)) if row.span.first <= gcc]
    return (soname, _stub(soname, rows, arch, gcc)) if rows else None


def _stub(soname: str, rows: Iterable[Row], arch: Arch, gcc: Release) -> bytes:
    library = View(arch.name, gcc, tuple(rows)).libraries[soname]
    return build_stub(arch.format, soname, library.nodes, [StubSymbol(*export) for export in library.exports])
