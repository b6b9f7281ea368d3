#!/usr/bin/env python3
"""The sets of real libraries that the symbol tables are made from and compared with, besides glibc's own ABI lists.

A set is libc6, libgcc-s1 and libstdc++6 of one Debian suite and architecture, as .deb files, or the sysroot of a cross
toolchain with glibc 2.17. All come from the package registries into the cache directory:

    python tools/library_sets.py        # downloads the missing sets, prints the directory

A mirror may not serve a package that it lists. The set then has the packages of the next release, if `Suite.instead`
names one; otherwise it is missing. The sets of x86_64 and the two sysroots are required, and at least `FLOOR` sets with
their own packages: with fewer the exit status is 2.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cache import cache_dir, forget_refusals, kept_folder
from debian_archive import download_packages
from runtimes import TOOLCHAINS_217, unpack_sysroot
from unavailable import NotServed, Unavailable

PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")

FOLDER = "library-sets"

SUBSTITUTE = "substitute"
"""The file in a set's folder that names the suite of its packages when that is not its own, and the reason."""

FLOOR = 20
"""The number of sets that must be available, or the tables do not count as compared with real libraries."""


@dataclass(frozen=True)
class Suite:
    """A Debian suite: its glibc release, the architectures of which there are sets, and the suite that replaces it for
    an architecture whose packages the mirror does not serve.
    """

    release: str
    architectures: tuple[str, ...]
    instead: str = ""


SUITES = {
    "bullseye": Suite("2.31", ("amd64", "i386", "arm64", "armhf")),
    "bookworm": Suite("2.36", ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "mips64el")),
    "trixie": Suite("2.41", ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "riscv64"), "forky"),
    "sid": Suite("2.43", ("amd64", "i386", "arm64", "armhf", "ppc64el", "s390x", "riscv64", "loong64"), "forky"),
}

ARCHITECTURES = {
    "amd64": "x86_64", "i386": "i386", "arm64": "aarch64", "armhf": "arm", "ppc64el": "powerpc64le", "s390x": "s390x",
    "mips64el": "mips64", "riscv64": "riscv64", "loong64": "loongarch64",
}  # fmt: skip
"""Debian's name of an architecture -> the symbol tables'."""


@dataclass(frozen=True)
class LibrarySet:
    """One set: a sysroot (`suite` is "sysroot-2.17") or the packages of a Debian suite."""

    suite: str
    debian_arch: str
    """Debian's name of the architecture ("amd64")."""
    release: str
    """The glibc release of the suite ("2.41"); for sid, the release when this line was written."""

    @property
    def arch(self) -> str:
        """The architecture as the symbol tables call it ("x86_64")."""
        return ARCHITECTURES[self.debian_arch]

    @property
    def required(self) -> bool:
        """True if the tables do not count as compared without this set."""
        return self.arch == "x86_64" or self.suite.startswith("sysroot")

    def __str__(self) -> str:
        return f"{self.suite}/{self.debian_arch}"


SETS = (
    *(LibrarySet("sysroot-2.17", debian, "2.17") for debian, ours in ARCHITECTURES.items() if ours in TOOLCHAINS_217),
    *(LibrarySet(name, arch, suite.release) for name, suite in SUITES.items() for arch in suite.architectures),
)


def fetch(library_set: LibrarySet) -> Path:
    """The folder of a set in the cache: its .deb files, or a sysroot's `lib/`.

    Raises `NotServed` when no registry serves it today.
    """

    def fill(folder: Path, download: Path) -> None:
        if library_set.suite.startswith("sysroot"):
            unpack_sysroot(TOOLCHAINS_217[library_set.arch], download, folder)
        else:
            _fetch_packages(library_set, download, folder)

    return kept_folder(f"{FOLDER}/{library_set}", fill)


class Origin(NamedTuple):
    """The suite whose packages a set has: its own, or a later one and the reason why its own could not be used."""

    suite: str
    reason: str = ""

    @property
    def note(self) -> str:
        """The text for the closing lines of a test run; "" when the set has its own packages."""
        return self.reason and f"{self.reason}; {self.suite} used instead"


def origin(library_set: LibrarySet) -> Origin:
    """The suite whose packages the set has; the set is downloaded on first use."""
    file = fetch(library_set) / SUBSTITUTE
    return Origin(*file.read_text().split("\n", 1)) if file.is_file() else Origin(library_set.suite)


def _fetch_packages(library_set: LibrarySet, download: Path, folder: Path) -> None:
    suite, instead = library_set.suite, SUITES[library_set.suite].instead
    try:
        packages = download_packages(suite, PACKAGES, download / suite, library_set.debian_arch)
    except NotServed as refusal:
        if not instead:
            raise
        try:
            packages = download_packages(instead, PACKAGES, download / instead, library_set.debian_arch)
        except NotServed:
            raise refusal from None
        (folder / SUBSTITUTE).write_text(f"{instead}\n{refusal}")
    for package in packages:
        package.rename(folder / package.name)


def why_not(library_set: LibrarySet) -> str:
    """Why a set is not available today, or that another suite is used instead; "" when it is available."""
    try:
        fetch(library_set)
    except Unavailable as error:
        return str(error)
    return origin(library_set).note


def floor_problem(missing: Mapping[LibrarySet, str]) -> str:
    """Why too few sets are available for the tables to count as compared; "" when there are enough.

    `missing`: the sets that are not available, or only with another suite's packages, each with the reason.
    """
    required = [f"{library_set} ({reason})" for library_set, reason in missing.items() if library_set.required]
    if required:
        return f"required library sets are not available: {'; '.join(required)}"
    available = len(SETS) - len(missing)
    if available < FLOOR:
        return f"only {available} of {len(SETS)} library sets are available; at least {FLOOR} are required"
    return ""


def main() -> int:
    """Download all sets and print the directory; exit status 2 when too few are available."""
    forget_refusals()
    missing: dict[LibrarySet, str] = {}
    for library_set in SETS:
        if not (cache_dir() / FOLDER / str(library_set)).is_dir():
            print(f"downloading library set {library_set}", file=sys.stderr, flush=True)
        reason = why_not(library_set)
        if reason:
            missing[library_set] = reason
            print(f"library_sets.py: {library_set}: {reason}", file=sys.stderr)
    problem = floor_problem(missing)
    if problem:
        print(f"library_sets.py: {problem}", file=sys.stderr)
        return 2
    print(cache_dir() / FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
