"""The real libraries that the tables are compared with: every set of them that the package registries have today."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import library_sets
import runtimes
from exports import Exports, read_exports
from library_sets import LibrarySet
from symver_pin.archives.reader import members
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import Release, parse_release
from symver_pin.paths import shipped_maps
from unavailable import NotServed

Pair = tuple[str, str]


class RealLibraries(NamedTuple):
    """The libraries with version nodes of one set, as pyelftools reads them."""

    source: str
    """"debian-trixie", "sysroot-2.17": what the libraries are of, which may be another suite than the set's own."""
    arch: str
    release: str
    """The glibc release that their libc.so.6 says it is."""
    package: str
    """Where they come from, with the version: "libc6 2.41-12+deb13u5", or the npm package of a sysroot."""
    gcc: Release | None
    """The release of GCC that libgcc_s and libstdc++ are of; None of a sysroot."""
    exports: tuple[Exports, ...]


@cache
def real_libraries(wanted: LibrarySet) -> RealLibraries:
    """`read_libraries`, once for each set in a test process."""
    return read_libraries(wanted)


def read_libraries(wanted: LibrarySet) -> RealLibraries:
    """What a set holds. Raises `NotServed` when it cannot be had today, or has a newer glibc than the tables."""
    folder = library_sets.fetch(wanted)
    suite = library_sets.origin(wanted).suite
    if suite.startswith("sysroot"):
        source, package = suite, runtimes.TOOLCHAINS_217[wanted.arch].package
        contents, gcc = list(_files(folder / "lib")), None
    else:
        (deb,) = folder.glob("libc6_*.deb")
        source, package = f"debian-{suite}", " ".join(deb.name.split("_")[:2]).replace("%3a", ":")
        (runtime,) = folder.glob("libstdc++6_*.deb")
        gcc = Release(int(runtime.name.split("_")[1].partition(".")[0]), 0)
        contents = [(Path(member.name), bytes(member.read())) for member in members(deb) if ".so" in member.name]
    release = next(filter(None, (runtimes.release_of(data) for path, data in contents if path.name.startswith("libc"))))
    newest = default_maps().table(wanted.arch).covered.last
    if parse_release(release) > newest:
        raise NotServed(f"{suite} has glibc {release} now, and the tables end at {newest}: run `make maps`")
    exports = [
        read_exports(data)
        for path, data in contents
        if data[:4] == b"\x7fELF" and "glibc-hwcaps" not in path.parts and b".gnu.version_d" in data
    ]
    return RealLibraries(source, wanted.arch, release, package, gcc, tuple(exports))


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.glob("*.so*")):
        if not path.is_symlink():
            yield path, path.read_bytes()


def exceptions(source: str, arch: str, soname: str) -> dict[Pair, str]:
    """(symbol, version) -> `has` or `lacks`: where a library is known to differ from the tables."""
    lines = (shipped_maps() / "exceptions.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {(row[3], row[4]): row[5] for row in rows if row[:3] == [source, arch, soname]}


def is_private(version: str) -> bool:
    """Whether no table has symbols of this version: glibc's private node, or none."""
    return version in ("", "GLIBC_PRIVATE")
