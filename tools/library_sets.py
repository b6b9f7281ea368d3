#!/usr/bin/env python3
"""The sets of real libraries that the symbol tables are made from and compared with, besides glibc's own ABI lists.

A set is libc6, libgcc-s1 and libstdc++6 of one Debian suite and architecture, as .deb files, or the sysroot of a cross
toolchain with glibc 2.17; all from the package registries into the cache directory:

    python tools/library_sets.py        # fetches what is missing, prints the directory

A mirror does not serve every one of them every day. The packages of the next release stand in where there is one that
is no set itself (`Suite.instead`); else the set is missing, which the last lines say. The sets of x86_64 and the two
sysroots are required, and `FLOOR` sets altogether, substitutes not counted: with less the exit status is 2.
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
"""The file in a set's folder that says which suite stands in, and why."""

FLOOR = 20
"""How many sets must be had for the tables to count as compared with real libraries."""


@dataclass(frozen=True)
class Suite:
    """A Debian suite: its glibc release, the architectures whose packages are taken, and the suite whose packages stand
    in for those that are not served."""

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
    """The glibc release that it is known to have ("2.41"); of a moving suite, when this was written."""

    @property
    def arch(self) -> str:
        """The architecture as the symbol tables call it ("x86_64")."""
        return ARCHITECTURES[self.debian_arch]

    @property
    def required(self) -> bool:
        """Whether the tables count as compared only with it."""
        return self.arch == "x86_64" or self.suite.startswith("sysroot")

    def __str__(self) -> str:
        return f"{self.suite}/{self.debian_arch}"


SETS = (
    *(LibrarySet("sysroot-2.17", debian, "2.17") for debian, ours in ARCHITECTURES.items() if ours in TOOLCHAINS_217),
    *(LibrarySet(name, arch, suite.release) for name, suite in SUITES.items() for arch in suite.architectures),
)


def fetch(wanted: LibrarySet) -> Path:
    """The folder of a set in the cache: its .deb files, or a sysroot's `lib/`.

    Raises `NotServed` when it cannot be had today.
    """

    def fill(folder: Path, download: Path) -> None:
        if wanted.suite.startswith("sysroot"):
            unpack_sysroot(TOOLCHAINS_217[wanted.arch], download, folder)
        else:
            _fetch_packages(wanted, download, folder)

    return kept_folder(f"{FOLDER}/{wanted}", fill)


class Origin(NamedTuple):
    """What a fetched set is of: its own suite, or the one that stands in for it and the reason why."""

    suite: str
    reason: str = ""

    @property
    def note(self) -> str:
        """What the closing lines say of a substitute; "" of a set's own packages."""
        return self.reason and f"{self.reason}; {self.suite} in its place"


def origin(wanted: LibrarySet) -> Origin:
    """What the fetched set is of."""
    file = fetch(wanted) / SUBSTITUTE
    return Origin(*file.read_text().split("\n", 1)) if file.is_file() else Origin(wanted.suite)


def _fetch_packages(wanted: LibrarySet, download: Path, folder: Path) -> None:
    suite, instead = wanted.suite, SUITES[wanted.suite].instead
    try:
        packages = download_packages(suite, PACKAGES, download / suite, wanted.debian_arch)
    except NotServed as refusal:
        if not instead:
            raise
        try:
            packages = download_packages(instead, PACKAGES, download / instead, wanted.debian_arch)
        except NotServed:
            raise refusal from None
        (folder / SUBSTITUTE).write_text(f"{instead}\n{refusal}")
    for package in packages:
        package.rename(folder / package.name)


def why_not(wanted: LibrarySet) -> str:
    """Why a set cannot be had today, or that another suite stands in for it; "" when it is in the cache."""
    try:
        fetch(wanted)
    except Unavailable as error:
        return str(error)
    return origin(wanted).note


def floor_problem(missing: Mapping[LibrarySet, str]) -> str:
    """Why too few sets can be had for the tables to count as compared; "" when there are enough.

    `missing` has the sets that cannot be had, or only a substitute, each with the reason.
    """
    required = [f"{wanted} ({reason})" for wanted, reason in missing.items() if wanted.required]
    if required:
        return f"required library sets cannot be had: {'; '.join(required)}"
    had = len(SETS) - len(missing)
    if had < FLOOR:
        return f"only {had} of {len(SETS)} library sets can be had; at least {FLOOR} are required"
    return ""


def main() -> int:
    """Fetch all sets, print the directory; exit status 2 when too few can be had."""
    forget_refusals()
    missing: dict[LibrarySet, str] = {}
    for wanted in SETS:
        if not (cache_dir() / FOLDER / str(wanted)).is_dir():
            print(f"fetching library set {wanted}", file=sys.stderr, flush=True)
        reason = why_not(wanted)
        if reason:
            missing[wanted] = reason
            print(f"library_sets.py: {wanted}: {reason}", file=sys.stderr)
    problem = floor_problem(missing)
    if problem:
        print(f"library_sets.py: {problem}", file=sys.stderr)
        return 2
    print(cache_dir() / FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
