"""Platforms: what a distribution ships (``debian8``), or a profile promises (``manylinux2014``), as one row of a table.

A platform stands for a glibc release, and for the libgcc_s.so.1 and libstdc++.so.6 beside it, which carry version nodes
of their own. So a row answers two questions: which target its name stands for (``resolve_target``), and whether a file
runs there (``PlatformIndex``).

For a bare glibc release the oldest GCC among the platforms with that glibc counts; where no platform has it, the next
older one's: what is linked against that older runtime runs on the newer. A release that lived for less than a year
counts only where no other has that glibc: who says 2.17 means RHEL 7 (GCC 4.8), not Ubuntu 13.04 (GCC 4.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.release import Release, ReleaseAxis, ReleaseSet, Span, node_release, node_sort_key, parse_release

ROLLING = "rolling"
"""In ``Platform.ends``: never, the packages move on."""

DERIVED_FAMILIES = frozenset(
    {"CentOS", "CentOS Stream", "AlmaLinux", "Rocky Linux", "Oracle Linux", "Yocto", "Steam Runtime", "manylinux"}
)
"""Families that lines for people leave out: they rebuild RHEL or another family, or are profiles. JSON has them all."""

_YEAR = 12


class Platform(NamedTuple):
    """One row of ``platforms.tsv``: what a release had on its first day, before any update."""

    id: str
    family: str
    """``Debian``, ``Ubuntu`` ...; rows of one family stand together, oldest first."""
    version: str
    glibc: Release
    gcc_node: str
    """The newest node of its libgcc_s.so.1 on x86_64: ``GCC_7.0.0``."""
    glibcxx_node: str
    """The newest numbered GLIBCXX_ node of its libstdc++.so.6."""
    cxxabi_node: str
    """The newest numbered CXXABI_ node of its libstdc++.so.6."""
    gcc: Release
    """The GCC that both are of; not always the GCC that compiles there."""
    kernel: str | None
    released: str | None
    """``2014-04-17`` or ``2014-04``."""
    ends: str | None
    """The last day, or month, of updates for everyone; ROLLING; None when not known."""
    aliases: tuple[str, ...]

    @property
    def name(self) -> str:
        """For people: ``Debian 8``, ``openSUSE Leap 15.3``."""
        return f"{self.family} {self.version}"

    @property
    def lifetime(self) -> int | None:
        """Months from release to the end of updates; None where either is not known, or there is no end."""
        if self.released is None or self.ends is None or self.ends == ROLLING:
            return None
        return _month(self.ends) - _month(self.released)

    def ended(self, today: str) -> bool:
        """True if its updates have ended on a day written ``2026-11-22``; False when that is not known."""
        return self.ends not in (None, ROLLING) and str(self.ends) < today[: len(str(self.ends))]

    def has(self, node: str) -> bool:
        """True if its libraries define a node of the families GLIBC, GCC, GLIBCXX or CXXABI; True for other families.

        A GCC_ node is also there when the release in its name is old enough: the column has x86_64's nodes, and
        aarch64 has others (GCC_11.0).
        """
        family = node.partition("_")[0]
        if family == "GLIBC":
            release = node_release(node)
            return release is None or release <= self.glibc
        if family == "GCC":
            release = node_release(node)
            by_release = release is not None and release <= self.gcc
            return by_release or node_sort_key(node) <= node_sort_key(self.gcc_node)
        newest = {"GLIBCXX": self.glibcxx_node, "CXXABI": self.cxxabi_node}.get(family)
        number = node.partition("_")[2]
        if newest is None or not number[:1].isdigit():
            return True
        return node_sort_key(node) <= node_sort_key(newest)


class Target(NamedTuple):
    """What a build must run on."""

    label: str
    """As the user wrote it: ``2.19`` or ``debian8``."""
    glibc: Release
    gcc: Release


def gcc_of(glibc: Release, platforms: tuple[Platform, ...]) -> Release:
    """The oldest GCC runtime that ships beside a glibc release."""
    older = [p for p in platforms if p.glibc <= glibc]
    if not older:
        return min(p.gcc for p in platforms)
    nearest = max(p.glibc for p in older)
    same = [p for p in older if p.glibc == nearest]
    lasting = [p for p in same if p.lifetime is None or p.lifetime >= _YEAR]
    return min(p.gcc for p in lasting or same)


def resolve_target(text: str, platforms: tuple[Platform, ...]) -> Target:
    """Read what ``--glibc`` got. Raises UsageError, naming near spellings, when it is neither release nor platform."""
    word = text.strip().lower()
    if word.startswith("glibc"):
        word = word[len("glibc") :].removeprefix(word[len("glibc") :][:1].strip("0123456789."))
    if word[:1].isdigit():
        glibc = parse_release(word)
        return Target(text.strip(), glibc, gcc_of(glibc, platforms))
    plain = word.replace(" ", "").replace("-", "").replace(":", "")
    for platform in platforms:
        if platform.id == plain or plain in platform.aliases:
            return Target(platform.id, platform.glibc, platform.gcc)

    from difflib import get_close_matches  # only for this error

    names = [name for platform in platforms for name in (platform.id, *platform.aliases)]
    near = get_close_matches(plain, names, 3) or ["debian8", "ubuntu14.04", "rhel7"]
    raise UsageError(
        f"unknown glibc release or platform {text!r}; write a release like 2.19 or a platform like "
        f"{', '.join(near)} (all: symver-pin platforms)"
    )


class PlatformLibrary(NamedTuple):
    """Where a library is that some platforms have and others of their families do not (``platform_libraries.tsv``)."""

    families: frozenset[str]
    """The families of which this is known."""
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


def parse_platform_libraries(text: str, where: str, platforms: tuple[Platform, ...]) -> PlatformLibraries:
    """The rows of ``platform_libraries.tsv``; ``where`` names the file in errors. Raises MapsError for a broken row."""
    by_id = {platform.id: platform for platform in platforms}
    packages: dict[str, dict[str, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
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


class PlatformIndex:
    """Answers which platforms a file runs on. Answers are kept, since the files of one system need much the same."""

    _FAMILIES = frozenset({"GCC", "GLIBCXX", "CXXABI"})
    """The families of version nodes, beside glibc's, whose newest node the table has."""

    def __init__(
        self, platforms: Iterable[Platform], runtime_nodes: Mapping[str, Release], libraries: PlatformLibraries
    ) -> None:
        """``runtime_nodes`` maps the nodes of GCC's runtimes to GCC releases: those of other families (GOMP, GFORTRAN)
        are on a platform with that GCC or a later one.
        """
        self.platforms = tuple(platforms)
        self._runtime_nodes, self._libraries = runtime_nodes, libraries
        self._answers: dict[tuple[ReleaseSet, Span, tuple[str, ...], tuple[str, ...]], tuple[Platform, ...]] = {}

    def running(
        self,
        loads: ReleaseSet,
        axis: ReleaseAxis,
        needed_nodes: Iterable[str] = (),
        needed_libraries: Iterable[str] = (),
    ) -> tuple[Platform, ...]:
        """The platforms that a file runs on.

        ``loads`` is the set of glibc releases on which the loader's rules let it start, of those on ``axis``. A
        platform with a newer glibc counts as the newest of them, one with an older glibc runs nothing. ``needed_nodes``
        are the version nodes that it needs of the platform's libraries, without those of libraries that come with the
        file. glibc's own nodes among them do not count: a number is not the verdict, ``loads`` is.
        ``needed_libraries`` are the sonames of those libraries.
        """
        if not loads:
            return ()
        nodes = tuple(node for node in needed_nodes if self._is_of_the_platform(node))
        covered = Span(axis.releases[0], axis.releases[-1])
        sonames = tuple(soname for soname in needed_libraries if soname in self._libraries)
        key = loads, covered, nodes, sonames
        if key not in self._answers:
            self._answers[key] = tuple(
                platform
                for platform in self.platforms
                if covered.first <= platform.glibc
                and axis.only(min(platform.glibc, covered.last)) & loads
                and all(self._has(platform, node) for node in nodes)
                and not any(self._libraries[soname].lacks(platform) for soname in sonames)
            )
        return self._answers[key]

    def _is_of_the_platform(self, node: str) -> bool:
        return node.partition("_")[0] in self._FAMILIES or node in self._runtime_nodes

    def _has(self, platform: Platform, node: str) -> bool:
        if node.partition("_")[0] in self._FAMILIES:
            return platform.has(node)
        return self._runtime_nodes[node] <= platform.gcc


def parse_platforms(text: str, where: str) -> tuple[Platform, ...]:
    """The rows of ``platforms.tsv``, in file order; ``where`` names the file in errors.

    Raises MapsError, with file and line, when a row is broken or two rows have one name.
    """
    rows: dict[str, Platform] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            platform = _row(line)
            for name in (platform.id, *platform.aliases):
                if rows.setdefault(name, platform) is not platform:
                    raise ValueError(f"{name} is a second row's name")
        except (ValueError, UsageError) as error:
            raise MapsError(f"{where}:{number}: broken row {line!r}: {error}") from error
    if not rows:
        raise MapsError(f"{where}: no platform in it")
    return tuple(dict.fromkeys(rows.values()))


def _row(line: str) -> Platform:
    cells = line.split("\t")
    if len(cells) != 12:
        raise ValueError(f"{len(cells)} columns in place of 12")
    id_, family, version, glibc, gcc_node, glibcxx_node, cxxabi_node, gcc, kernel, released, ends, aliases = cells
    if not (gcc_node.startswith("GCC_") and glibcxx_node.startswith("GLIBCXX_") and cxxabi_node.startswith("CXXABI_")):
        raise ValueError("columns 5 to 7 are a GCC_, a GLIBCXX_ and a CXXABI_ node")
    if not _is_date(released) or not (ends == ROLLING or _is_date(ends)):
        raise ValueError("a date is written 2014-04-17, 2014-04 or -")
    names = () if aliases == "-" else tuple(aliases.split(","))
    return Platform(
        id_,
        family,
        version,
        parse_release(glibc),
        gcc_node,
        glibcxx_node,
        cxxabi_node,
        parse_release(gcc),
        _known(kernel),
        _known(released),
        _known(ends),
        names,
    )


def _is_date(cell: str) -> bool:
    """``2014-04-17``, ``2014-04`` or ``-``."""
    parts = cell.split("-")
    return cell == "-" or ([*map(len, parts)] in ([4, 2], [4, 2, 2]) and "".join(parts).isdecimal())


def _known(cell: str) -> str | None:
    return None if cell == "-" else cell


def _month(date: str) -> int:
    return int(date[:4]) * 12 + int(date[5:7])
