"""Recognise the kind of each source, and read it.

A folder is a tree of ABI lists, glibc's sources (unpacked, or git with its tags), a folder of symbol dumps, or any tree
with shared libraries and packages. A file is a shared library, a package (.deb, .rpm) or an archive. The libraries in
one folder or package form a set: the release of all of them is that of the set's libc.so.6.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from symver_pin.archives.reader import is_archive, members
from symver_pin.elf.constants import ET_DYN
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, load_image
from symver_pin.errors import ElfError, HarvestError
from symver_pin.glibc.release import Release
from symver_pin.glibc.sonames import LIBC, SONAMES
from symver_pin.harvest import abilist, dumps, glibc_source
from symver_pin.harvest.compiler_runtime import LIBGCC, LIBSTDCXX
from symver_pin.harvest.libraries import glibc_release, read_library
from symver_pin.harvest.observation import Observation
from symver_pin.machine.arch import Arch
from symver_pin.machine.architectures import arch_of

_HWCAPS = "glibc-hwcaps"
"""The folder of copies of libraries for newer processors. They have the same exports, so they are not read."""


class Runtime(NamedTuple):
    """A libgcc_s or libstdc++ found in a source."""

    arch: Arch
    soname: str
    dynamic: Dynamic


class Found(NamedTuple):
    """The content of all sources."""

    observations: list[Observation]
    runtimes: list[Runtime]


def read_sources(paths: Iterable[Path], release: Release | None, progress: Callable[[str], None]) -> Found:
    """Read all sources.

    ``release`` is the release of libraries without a libc.so.6 in their set. ``progress`` is called with the name of
    each source. Raises HarvestError, ArchiveError or ElfError with the source and the place in it.
    """
    found = Found([], [])
    for path in paths:
        progress(str(path))
        if not path.exists():
            raise HarvestError(f"{path}: no such file or folder")
        if not path.is_dir():
            _read_file(path, release, found)
            if not found.observations and not found.runtimes:
                raise HarvestError(f"{path}: contains no glibc library, libgcc_s or libstdc++")
            continue
        reader = _reader_of(path)
        if reader is not None:
            found.observations.extend(reader(path))
        else:
            _read_folder(path, release, found)
    if not found.observations and not found.runtimes:
        raise HarvestError("the sources contain no ABI list, glibc library, libgcc_s or libstdc++")
    return found


def _reader_of(folder: Path) -> Callable[[Path], Iterator[Observation]] | None:
    """The function that reads a folder of this kind; None for a tree of libraries and packages."""
    for recognises, reader in (
        (abilist.is_list_tree, abilist.read_list_tree),
        (glibc_source.is_git, glibc_source.read_git),
        (glibc_source.is_source_tree, glibc_source.read_source_tree),
        (dumps.is_dump_folder, dumps.read_dumps),
    ):
        if recognises(folder):
            return reader
    return None


def _read_folder(folder: Path, release: Release | None, found: Found) -> None:
    """Read a tree of libraries and packages. Symbolic links are not followed, so each file is read once."""
    sets: dict[Path, list[Image]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or _HWCAPS in path.parts:
            continue
        if _may_be_library(path.name):
            try:
                sets.setdefault(path.parent, []).append(load_image(path))
            except ElfError:
                continue  # not an ELF file: libc.so, for example, is a linker script
        elif path.suffix in (".deb", ".rpm"):
            _read_file(path, release, found)
    for images in sets.values():
        _read_set(images, release, found)


def _read_file(path: Path, release: Release | None, found: Found) -> None:
    if not is_archive(path):
        _read_set([load_image(path)], release, found)
        return
    images = []
    for member in members(path):
        if _may_be_library(PurePath(member.name).name) and _HWCAPS not in member.name and member.head[:4] == b"\x7fELF":
            images.append(Image(member.read(), f"{path}:{member.name}"))
    _read_set(images, release, found)


def _may_be_library(name: str) -> bool:
    return ".so" in name and name.startswith(("lib", "ld"))


def _read_set(images: Iterable[Image], release: Release | None, found: Found) -> None:
    libraries: dict[tuple[str, str], tuple[Arch, Dynamic]] = {}
    for image in images:
        arch = arch_of(image)
        if image.type != ET_DYN or arch is None:
            continue
        dynamic = Dynamic(image)
        soname = dynamic.soname
        if soname in (LIBGCC, LIBSTDCXX):
            found.runtimes.append(Runtime(arch, soname, dynamic))
        elif soname in SONAMES.values() or soname == arch.loader:
            libraries[arch.name, soname or ""] = (arch, dynamic)
    for (name, soname), (arch, dynamic) in sorted(libraries.items()):
        libc = libraries.get((name, LIBC))
        dated = glibc_release(libc[1].image) if libc else release
        if dated is None:
            raise HarvestError(f"{dynamic.image.name}: no libc.so.6 beside it has its release; name it with --glibc")
        found.observations.extend(read_library(dynamic, dated, arch, soname))
