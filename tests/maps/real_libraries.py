"""The real libraries that the tables are checked against: every set of them that the package registries have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import map_sources
import runtimes
from conftest import SETUP
from exports import Exports, read_exports
from symver_pin.archives.reader import members

#: Debian's name of an architecture -> ours.
ARCHITECTURES = {
    "amd64": "x86_64", "i386": "i386", "arm64": "aarch64", "armhf": "arm", "ppc64el": "powerpc64le", "s390x": "s390x",
    "mips64el": "mips64", "riscv64": "riscv64", "loong64": "loongarch64",
}  # fmt: skip
RELEASES = {"bullseye": "2.31", "bookworm": "2.36", "trixie": "2.41", "sid": "2.43"}


class LibrarySet(NamedTuple):
    """The libraries of one glibc release, of one source and architecture."""

    source: str
    arch: str
    release: str

    def __str__(self) -> str:
        return f"{self.source}-{self.arch}"

    def libraries(self) -> Iterator[Exports]:
        """What each of them exports, as pyelftools reads it."""
        folder = runtimes.cache_dir() / "map-sources"
        if self.source.startswith("debian-"):
            suite = self.source.removeprefix("debian-")
            names = {ours: debian for debian, ours in ARCHITECTURES.items()}
            package = next((folder / suite / names[self.arch]).glob("libc6_*.deb"), None)
            if package is None:
                pytest.fail(f"no libc6 of {self}; {SETUP}", pytrace=False)
            libraries = (member for member in members(package) if ".so" in member.name)
            contents = [(Path(member.name), bytes(member.read())) for member in libraries]
        else:
            files = sorted((folder / "sysroots" / self.arch / "lib").glob("*.so*"))
            contents = [(path, path.read_bytes()) for path in files if not path.is_symlink()]
        for path, data in contents:
            if data[:4] == b"\x7fELF" and "glibc-hwcaps" not in path.parts and b".gnu.version_d" in data:
                yield read_exports(data)


SETS = [
    *(LibrarySet("sysroot-2.17", arch, "2.17") for arch in map_sources.SYSROOTS),
    *(LibrarySet(f"debian-{suite}", ARCHITECTURES[name], RELEASES[suite])
      for suite, names in map_sources.SUITES.items() for name in names),
]  # fmt: skip
