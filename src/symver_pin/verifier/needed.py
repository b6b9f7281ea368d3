"""Tell where each library that a file needs comes from: glibc, GCC's runtime, LSB, the system, or the verified set."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property

from symver_pin.errors import ElfError, MapsError, UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.sonames import SONAMES
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.verdict import NeededLibrary, Origin
from symver_pin.verifier.given_files import FileSet
from symver_pin.verifier.policies.table import find_policy

_GLIBC = frozenset(SONAMES.values())
_GCC = (
    "libgcc_s.so.*", "libstdc++.so.*", "libgomp.so.*", "libgfortran.so.*", "libquadmath.so.*", "libatomic.so.*",
    "libitm.so.*", "libobjc.so.*", "libssp.so.*", "libasan.so.*", "libtsan.so.*", "libubsan.so.*", "liblsan.so.*",
    "libhwasan.so.*", "libgo.so.*", "libgphobos.so.*", "libgdruntime.so.*", "libgnat-*.so", "libgnarl-*.so",
)  # fmt: skip
"""The sonames of GCC's runtime libraries (the folders of its sources with a ``configure.tgt`` or ``Makefile.am``)."""


class NeededLibraries:
    """Tells where the libraries come from that files need."""

    def __init__(self, maps: Maps) -> None:
        self._maps = maps

    @cached_property
    def _lsb(self) -> tuple[str, ...]:
        """The sonames of LSB on any architecture; none where the tables have no such policy."""
        try:
            policy = find_policy("lsb", self._maps)
        except (UsageError, MapsError):
            return ()
        allowed = [name for _arch, limits in policy.by_arch for name in limits.allowed or ()]
        return tuple(dict.fromkeys(allowed))

    def of(self, file: LoadedObject, files: FileSet) -> tuple[NeededLibrary, ...]:
        """The libraries that DT_NEEDED of a file names; ``files`` is the set in which it finds given ones."""
        return tuple(NeededLibrary(name, self._origin(name, file, files)) for name in file.needed)

    def _origin(self, name: str, file: LoadedObject, files: FileSet) -> Origin:
        if name in _GLIBC or name == file.arch.loader:
            return "glibc"  # the target's, also where a copy lies beside the file
        if _is_given(name, file, files):
            return "given"
        if any(fnmatchcase(name, glob) for glob in _GCC):
            return "gcc"
        return "lsb" if any(fnmatchcase(name, glob) for glob in self._lsb) else "system"


def _is_given(name: str, file: LoadedObject, files: FileSet) -> bool:
    try:
        return files.resolve(name, (file,)) is not None
    except ElfError:
        return True  # it is there and broken: a rule of the loader reports it
