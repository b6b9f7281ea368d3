"""Which libraries beside glibc and GCC's runtimes a platform has, and which OpenSSL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from symver_pin.errors import MapsError
from symver_pin.glibc.platforms import DERIVED_FAMILIES, Platform
from symver_pin.glibc.tsv import numbered_lines


class PlatformLibrary(NamedTuple):
    """Where a library is that some platforms have and others of their families do not (``platform_libraries.tsv``)."""

    families: frozenset[str]
    """The families of symbol nodes that this holds for."""
    packages: Mapping[str, str]
    """Id of a platform that has the library -> the package to install; "" where a standard installation has it."""

    def lacks(self, platform: Platform) -> bool:
        """True if it is known that a platform does not have the library."""
        return platform.family in self.families and platform.id not in self.packages


def describe_packages(library: PlatformLibrary, platforms: Iterable[Platform]) -> str:
    """The platforms that leave a library out of a standard installation: ``Fedora 30+, RHEL 9+ (libxcrypt-compat)``."""
    first: dict[tuple[str, str], Platform] = {}
    for platform in platforms:
        package = library.packages.get(platform.id)
        if package and platform.family not in DERIVED_FAMILIES:
            first.setdefault((package, platform.family), platform)
    by_package: dict[str, list[str]] = {}
    for (package, _family), platform in first.items():
        by_package.setdefault(package, []).append(f"{platform.name}+")
    return "; ".join(f"{', '.join(names)} ({package})" for package, names in by_package.items())


PlatformLibraries = Mapping[str, PlatformLibrary]
"""By soname."""

OpensslRelease = tuple[int, int, int, str]
"""``(1, 1, 1, "b")`` or ``(3, 0, 13, "")``."""


def parse_openssl_release(text: str) -> OpensslRelease | None:
    """The release in ``1.1.1b`` and in the rest of a node's name (``1_1_1b``, ``3.0.3``); None where there is none."""
    found = re.match(r"(\d+)[._](\d+)[._](\d+)([a-z]?)", text)
    return (int(found[1]), int(found[2]), int(found[3]), found[4]) if found else None


def parse_platform_openssl(text: str, where: str, platforms: tuple[Platform, ...]) -> Mapping[str, OpensslRelease]:
    """The rows of ``platform_openssl.tsv``, by the platform's id; ``where`` names the file in errors.

    Raises MapsError for a broken row.
    """
    ids = {platform.id for platform in platforms}
    releases: dict[str, OpensslRelease] = {}
    for number, line in numbered_lines(text):
        id_, _, cell = line.partition("\t")
        release = parse_openssl_release(cell)
        if id_ not in ids or release is None:
            raise MapsError(f"{where}:{number}: broken row {line!r}: two columns, a platform and a release of OpenSSL")
        releases[id_] = release
    return releases


def parse_platform_libraries(text: str, where: str, platforms: tuple[Platform, ...]) -> PlatformLibraries:
    """The rows of ``platform_libraries.tsv``; ``where`` names the file in errors. Raises MapsError for a broken row."""
    by_id = {platform.id: platform for platform in platforms}
    packages: dict[str, dict[str, str]] = {}
    for number, line in numbered_lines(text):
        cells = line.split("\t")
        if len(cells) != 5 or not {cells[1], cells[2]} - {"-"} <= by_id.keys():
            raise MapsError(f"{where}:{number}: broken row {line!r}: five columns, the second and third platforms")
        soname, first, last, package, _source = cells
        family = [platform.id for platform in platforms if platform.family == by_id[first].family]
        end = len(family) if last == "-" else family.index(last) + 1
        ids = family[family.index(first) : end]
        packages.setdefault(soname, {}).update(dict.fromkeys(ids, "" if package == "-" else package))
    return {
        soname: PlatformLibrary(frozenset(by_id[each].family for each in found), found)
        for soname, found in packages.items()
    }
