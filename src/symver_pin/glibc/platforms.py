"""Platforms: what a distribution ships (``debian8``), or a profile promises (``manylinux2014``), as one row of a table.

A platform stands for a glibc release, and for the libgcc_s.so.1 and libstdc++.so.6 beside it, which carry version nodes
of their own. ``resolve_target`` answers which target a name stands for, ``platform_index`` where a file runs.

For a bare glibc release the oldest GCC among the platforms with that glibc counts; where no platform has it, the next
older one's: what is linked against that older runtime runs on the newer. A release that lived for less than a year
counts only where no other has that glibc: who says 2.17 means RHEL 7 (GCC 4.8), not Ubuntu 13.04 (GCC 4.7).
"""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.errors import MapsError, UsageError
from symver_pin.glibc.release import Release, node_release, node_sort_key, parse_release
from symver_pin.glibc.tsv import numbered_lines
from symver_pin.spelling import near

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

    names = [name for platform in platforms for name in (platform.id, *platform.aliases)]
    alike = near(plain, names) or ["debian8", "ubuntu14.04", "rhel7"]
    raise UsageError(
        f"unknown glibc release or platform {text!r}; write a release like 2.19 or a platform like "
        f"{', '.join(alike)} (all: symver-pin platforms)"
    )


def parse_platforms(text: str, where: str) -> tuple[Platform, ...]:
    """The rows of ``platforms.tsv``, in file order; ``where`` names the file in errors.

    Raises MapsError, with file and line, when a row is broken or two rows have one name.
    """
    rows: dict[str, Platform] = {}
    for number, line in numbered_lines(text):
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
