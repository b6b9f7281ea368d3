"""The linker scripts of a kit, which ``-lc``, ``-lm``, ``-lcrypt``, ``-lgcc_s`` and ``-lstdc++`` find.

``libc.so`` lists the compat archive; then, under AS_NEEDED, the libraries whose symbols have moved into libc.so.6 since
the target release; then the stub of libc.so.6; then, under AS_NEEDED, the loader. A modern link line has no ``-lpthread
-ldl -lrt``. AS_NEEDED adds each of these libraries to DT_NEEDED only if the program uses it. The order has two reasons:

* The loader searches symbols in the order of DT_NEEDED. ``-lpthread`` has always put libpthread before libc. The loader
  itself must come after libc: up to 2.30 it exports its own ``malloc``, ``free`` and ``realloc`` for its start-up,
  under the same version. A program that found these first would never free memory.
* GNU ld copies its whole symbol table before it reads an AS_NEEDED library, so that it can undo the reading. The
  AS_NEEDED libraries are therefore *slim* stubs, which export only symbols that the target's libc.so.6 lacks. All of
  them except the loader come before libc, so that libc's two thousand symbols are not yet in the table. With this
  order, and with INPUT instead of GROUP (which a linker reads twice), a link is as fast as without the kit. Before, it
  was 12% slower.

A kit can be moved and copied, so its scripts name its files relative to the folder ``lib``. All four linkers look for
such a name in the current directory. Then GNU ld looks in the folders of ``-L``, gold in the folder of the script, lld
and mold in both. The names begin with a folder whose name no other folder has (``inner_folder``), so only the kit's own
files are found.
A file of the compiler (libgcc.a) has an absolute name: with another compiler the link fails.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.glibc.release import Release
from symver_pin.glibc.sonames import LIBC
from symver_pin.glibc.table import View
from symver_pin.header.pins import moved_libraries
from symver_pin.kit.model import Kit
from symver_pin.kit.runtimes import Runtime
from symver_pin.machine.arch import Arch
from symver_pin.templates import render

ARCHIVE = "libsymver_pin_compat.a"
"""The archive of compat objects that every link searches."""
MATH_ARCHIVE, VECTOR_ARCHIVE = "libsymver_pin_compat_m.a", "libsymver_pin_compat_mvec.a"
"""The archives of compat objects for functions of libm and of libmvec. A link searches them only with -lm."""
CRYPT_ARCHIVE = "libsymver_pin_compat_crypt.a"
"""The archive of compat objects for functions of libcrypt. A link searches it only with -lcrypt."""
LIBGCC_ARCHIVE, ATOMIC_ARCHIVE = "libsymver_pin_libgcc.a", "libsymver_pin_atomic.a"
"""The archives that link before the compiler's libgcc.a and libatomic.a, if ``kit.libgcc`` and ``kit.libatomic`` make
them."""
INPUT_SCRIPT = "pin.ld"
SLIM, BUNDLES = "slim", "bundles"
"""The folders of slim stubs and of archives for mold, below the inner folder."""
LIBM, LIBMVEC, LIBCRYPT, _LIBGCC_S = "libm.so.6", "libmvec.so.1", "libcrypt.so.1", "libgcc_s.so.1"


def libraries_merged_into_libc(view: View, newest: View, arch: Arch) -> tuple[str, ...]:
    """The sonames of the libraries whose symbols have moved into libc.so.6 between ``view`` and ``newest``.

    The loader is excluded, although its ``__tls_get_addr`` counts as moved.
    """
    return tuple(name for name in moved_libraries(view, newest) if name != arch.loader)


class _Input(NamedTuple):
    """One file in a linker script."""

    path: Path
    as_needed: bool


def _as_needed(paths: Iterable[Path]) -> list[_Input]:
    return [_Input(path, True) for path in paths]


def _always(*paths: Path) -> list[_Input]:
    return [_Input(path, False) for path in paths]


def _unwinder(libgcc: Path) -> Path:
    """The static unwinder of the compiler that has a static libgcc."""
    return libgcc.with_name("libgcc_eh.a")


def inner_folder(arch: Arch, target: Release, key: str) -> str:
    """The name of the folder below ``lib`` that holds a kit's stubs and archives. ``key`` is the kit's key.

    Kits with the same key have the same files, so it does not matter which of them a linker finds.
    """
    return f"symver-pin-{arch.name}-{target}-{key[:12]}"


class Scripts:
    """The linker scripts of one kit.

    ``files`` is the folder of stubs and archives as the scripts name it: a bare name (see ``inner_folder``), or an
    absolute path for a script that will stand outside of the kit. ``merged`` is the result of
    ``libraries_merged_into_libc``, ``archives`` are the names of the kit's archives. The archives have the same
    order in every script: the objects of vector functions call scalar functions, and these call functions of libm and
    libc. ``gcc`` is the target's: where its unwinder is too old for code of today, the compiler's static one is linked.
    """

    def __init__(
        self, target: Release, gcc: Release, arch: Arch, files: Path, merged: Sequence[str], archives: Collection[str]
    ) -> None:
        self.target = target
        self.is_unwinder_static = arch.has_too_old_unwinder(gcc)
        self.math_archives = [name for name in (VECTOR_ARCHIVE, MATH_ARCHIVE) if name in archives]
        self.arch = arch
        self.lib = files
        self.before_libgcc = [files / LIBGCC_ARCHIVE] if LIBGCC_ARCHIVE in archives else []
        self.before_runtime = {"atomic": [files / ATOMIC_ARCHIVE]} if ATOMIC_ARCHIVE in archives else {}
        self.merged = _as_needed(files / SLIM / soname for soname in merged)
        self.loader = _as_needed([files / SLIM / arch.loader])

    def libc(self, archives: Path = Path()) -> str:
        """The text of ``libc.so``. ``archives`` is the folder of the compat archive, relative to the inner folder."""
        inputs = [*_always(self.lib / archives / ARCHIVE), *self.merged, *_always(self.lib / LIBC), *self.loader]
        return self._render("libc, its compat objects, and the libraries that later became part of libc.", inputs)

    def libm(self, sonames: Sequence[str], archives: Path = Path()) -> str:
        """The text of ``libm.so``: the compat objects of libm, libm, and libmvec for vectorised code if the target has
        it.

        The compat objects call older functions of libm. If ``libc.so`` listed them, a linker with --as-needed might
        have dropped libm before it reads them.
        """
        vector = _as_needed([self.lib / LIBMVEC] if LIBMVEC in sonames else [])
        scalar = _always(*(self.lib / archives / name for name in self.math_archives), self.lib / LIBM)
        return self._render("the mathematics library.", [*scalar, *vector])

    def libcrypt(self, archives: Path = Path()) -> str:
        """The text of ``libcrypt.so``: the compat objects of libcrypt, which call its older functions, and libcrypt."""
        inputs = _always(self.lib / archives / CRYPT_ARCHIVE, self.lib / LIBCRYPT)
        return self._render("password hashes.", inputs)

    def libgcc_s(self, libgcc: Path) -> str:
        """The text of ``libgcc_s.so``: the stub of the target's libgcc_s, then the static libgcc for the rest."""
        if self.is_unwinder_static:
            return self.static_libgcc(libgcc)
        inputs = _always(self.lib / _LIBGCC_S, *self.before_libgcc, libgcc)
        return self._render("the shared unwinder of the target's time.", inputs)

    def libgcc(self, libgcc: Path) -> str:
        """The text of ``libgcc.so``: the kit's own arithmetic, then the compiler's libgcc."""
        return self._render("arithmetic for every processor.", _always(*self.before_libgcc, libgcc))

    def static_libgcc(self, libgcc: Path) -> str:
        """The text of ``libgcc_s.so`` for -static-libgcc: the compiler's static unwinder and helper functions."""
        inputs = _always(_unwinder(libgcc), *self.before_libgcc, libgcc)
        return self._render("the static unwinder of the compiler.", inputs)

    def runtime(self, runtime: Runtime, archive: Path) -> str:
        """The text of ``libNAME.so`` for a runtime of the compiler: its static library, then its glibc libraries."""
        archives = _always(*self.before_runtime.get(runtime.name, ()), archive)
        inputs = [*archives, *_as_needed(self.lib / soname for soname in runtime.needs)]
        return self._render(f"the static lib{runtime.name} of the compiler.", inputs)

    def input_script(self, libstdcxx: Path | None, libgcc: Path) -> str:
        """The text of ``pin.ld``: the libraries of the kit as one more input file of a link, after the objects.

        It is for builds to which only an object can be added. The linker reads it before the compiler's own ``-lgcc_s
        -lc``, so each symbol resolves to a library of the kit. The static libstdc++ and the static unwinder must come
        before the compat archives, because their members refer to compat objects.
        """
        compat = (self.lib / name for name in (*self.math_archives, ARCHIVE))
        static_unwinder = [_unwinder(libgcc)] if self.is_unwinder_static else []
        archives = _always(*([libstdcxx] if libstdcxx else []), *static_unwinder, *compat, *self.before_libgcc)
        shared = _as_needed([self.lib / LIBM, *([] if static_unwinder else [self.lib / _LIBGCC_S])])
        inputs = [*archives, *shared, *self.merged, *_always(self.lib / LIBC), *self.loader]
        return self._render("glibc, libgcc_s and the compat objects. Add it to the link after the objects.", inputs)

    def _render(self, purpose: str, inputs: Sequence[_Input]) -> str:
        return render("inputs.ld.j2", purpose=purpose, target=self.target, arch=self.arch.name, inputs=inputs)


def outside_script(kit: Kit) -> str:
    """The text of a kit's ``pin.ld`` for a place outside of the kit: with absolute names.

    Raises UsageError for a path that linker scripts cannot contain.
    """
    if any(character in str(kit.path) for character in '"\n'):
        raise UsageError(f"{kit.path}: a linker script cannot name a path with quotes or newlines; move the kit")
    text = (kit.lib / INPUT_SCRIPT).read_text(encoding="utf-8")
    return re.sub(r'"(symver-pin-[^/"]+/)', lambda found: f'"{kit.lib}/{found[1]}', text)
