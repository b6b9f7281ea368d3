"""The linker scripts of a kit: what ``-lc``, ``-lm``, ``-lgcc_s`` and ``-lstdc++`` mean in it.

``libc.so`` names the compat archive; then, under AS_NEEDED, the libraries whose symbols have since moved into
libc.so.6; then libc's stub; then, under AS_NEEDED again, the loader. A modern link line no longer says ``-lpthread
-ldl -lrt``, and AS_NEEDED brings each of them back, and into DT_NEEDED, only where it is used. The order matters
twice:

* The order of DT_NEEDED is the order in which the loader searches symbols. libpthread before libc is what
  ``-lpthread`` always gave. The loader itself must stand behind libc: up to 2.30 it exports a ``malloc``, ``free`` and
  ``realloc`` of its own for its start-up, under the same version, and a program that found these first would never
  free anything.
* GNU ld copies its whole symbol table before it tries an AS_NEEDED library, to be able to go back. What stands under
  AS_NEEDED are therefore *slim* stubs, which export only what the target's libc.so.6 lacks, and all but the loader are
  tried before libc's two thousand symbols are in the table. With that, and INPUT instead of GROUP (which is gone
  through twice), a link is as fast as without the kit; before, it was 12% slower.

File names are absolute: a relative one would be looked for in the current directory first.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.elf.arch import Arch
from symver_pin.gen.pins import LIBC, moved_libraries
from symver_pin.maps.release import Release
from symver_pin.maps.table import View
from symver_pin.templates import render

ARCHIVE = "libsymver_pin_compat.a"
#: The compat objects for libm, and for libmvec, in archives of their own, which are read with -lm only.
MATH_ARCHIVE, VECTOR_ARCHIVE = "libsymver_pin_compat_m.a", "libsymver_pin_compat_mvec.a"
INPUT_SCRIPT = "pin.ld"
SLIM = "slim"
LIBM, LIBMVEC, _LIBGCC_S = "libm.so.6", "libmvec.so.1", "libgcc_s.so.1"


def swallowed_libraries(view: View, newest: View, arch: Arch) -> tuple[str, ...]:
    """The libraries that libc has swallowed since the target, the loader (``__tls_get_addr``) left out."""
    return tuple(name for name in moved_libraries(view, newest) if name != arch.loader)


class _Input(NamedTuple):
    """One word of a script."""

    path: Path
    as_needed: bool


def _needed(paths: Iterable[Path]) -> list[_Input]:
    return [_Input(path, True) for path in paths]


def _always(*paths: Path) -> list[_Input]:
    return [_Input(path, False) for path in paths]


class Scripts:
    """The scripts of one kit; ``lib`` is its library folder, where it will stand.

    ``archives`` are the compat archives that it has. A vector function's object calls scalar functions, these call
    libm's and libc's: hence their order on every line.
    """

    def __init__(
        self, target: Release, arch: Arch, lib: Path, swallowed: Sequence[str], archives: Collection[str]
    ) -> None:
        self.target = target
        self.mathematics = [name for name in (VECTOR_ARCHIVE, MATH_ARCHIVE) if name in archives]
        self.arch = arch
        self.lib = lib
        self.swallowed = _needed(lib / SLIM / soname for soname in swallowed)
        self.loader = _needed([lib / SLIM / arch.loader])

    def libc(self, archives: Path = Path()) -> str:
        """``libc.so``; ``archives`` is the folder below ``lib`` whose compat archive it names."""
        inputs = [*_always(self.lib / archives / ARCHIVE), *self.swallowed, *_always(self.lib / LIBC), *self.loader]
        return self._render("libc with its compat objects, and the libraries that it has swallowed since.", inputs)

    def libm(self, sonames: Sequence[str], archives: Path = Path()) -> str:
        """``libm.so``: libm, its compat objects before it, and libmvec for vectorised code where the target has it.

        A compat object wants libm's older functions; were it taken in by ``-lc`` only, libm might be gone by then under
        --as-needed.
        """
        vector = _needed([self.lib / LIBMVEC] if LIBMVEC in sonames else [])
        mathematics = _always(*(self.lib / archives / name for name in self.mathematics), self.lib / LIBM)
        return self._render("the mathematics library.", [*mathematics, *vector])

    def libgcc_s(self, libgcc: Path) -> str:
        """``libgcc_s.so``: the era's unwinder, and the compiler's own static helpers for what it lacks."""
        return self._render("the shared unwinder of the target's era.", _always(self.lib / _LIBGCC_S, libgcc))

    def static_libgcc(self, libgcc: Path) -> str:
        """``libgcc_s.so`` where no shared one is wanted: the compiler's static unwinder and helpers."""
        inputs = _always(libgcc.with_name("libgcc_eh.a"), libgcc)
        return self._render("the compiler's own unwinder, static.", inputs)

    def libstdcxx(self, archive: Path) -> str:
        """``libstdc++.so``: the compiler's static libstdc++, with libm behind it as its shared form would need."""
        inputs = [*_always(archive), *_needed([self.lib / LIBM])]
        return self._render("the compiler's own C++ library, static.", inputs)

    def input_script(self, libstdcxx: Path | None) -> str:
        """libc's script as one more input file of a link (``pin.ld``), where nothing but an object can be added.

        Being read before the compiler's own ``-lgcc_s -lc``, it decides which libraries provide each symbol; the static
        libstdc++ must then stand in front of the archive, since its members come to want compat objects.
        """
        compat = (self.lib / name for name in (*self.mathematics, ARCHIVE))
        archives = _always(*([libstdcxx] if libstdcxx else []), *compat)
        around = _needed([self.lib / LIBM, self.lib / _LIBGCC_S])
        inputs = [*archives, *around, *self.swallowed, *_always(self.lib / LIBC), *self.loader]
        return self._render("glibc, the era's libgcc_s and the compat objects; to stand after the objects.", inputs)

    def _render(self, purpose: str, inputs: Sequence[_Input]) -> str:
        return render("inputs.ld.j2", purpose=purpose, target=self.target, arch=self.arch.name, inputs=inputs)
