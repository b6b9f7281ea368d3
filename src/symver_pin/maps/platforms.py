"""Platforms: what a distribution ships (``debian8``), or a profile promises (``manylinux2014``), as one row of a table.

A platform stands for a glibc release, and for the libgcc_s.so.1 and libstdc++.so.6 beside it, which carry version nodes
of their own. So a row answers two questions: which target is meant by its name (``resolve_target``), and does a binary
run there (``platforms_for``).

For a bare glibc release the oldest GCC among the platforms with that glibc counts; where no platform has it, the next
older one's: what is linked against that older runtime runs on the newer. A release that lived for less than a year
counts only where no other has that glibc: who says 2.17 means RHEL 7 (GCC 4.8), not Ubuntu 13.04 (GCC 4.7).
"""

from __future__ import annotations

from symver_pin.errors import MapsError, UsageError
from symver_pin.light import NamedTuple
from symver_pin.maps.release import Release, node_release, node_sort_key, parse_release
from symver_pin.resources import data_path, read_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

#: In ``Platform.ends``: never, the packages move on.
ROLLING = "rolling"

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
        """Whether its updates have ended on a day written ``2026-11-22``; False when that is not known."""
        return self.ends not in (None, ROLLING) and str(self.ends) < today[: len(str(self.ends))]

    def has(self, node: str) -> bool:
        """Whether its libraries define a node of the families GLIBC, GCC, GLIBCXX or CXXABI; True for other families.

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


def load_platforms(folder: Path | None = None) -> tuple[Platform, ...]:
    """All rows of ``platforms.tsv``, in file order. Raises MapsError, with file and line, when one is broken."""
    return _load(str(folder / "platforms.tsv") if folder else data_path("platforms.tsv"))


def gcc_of(glibc: Release, platforms: tuple[Platform, ...]) -> Release:
    """The oldest GCC runtime that ships beside a glibc release."""
    older = [p for p in platforms if p.glibc <= glibc]
    if not older:
        return min(p.gcc for p in platforms)
    nearest = max(p.glibc for p in older)
    same = [p for p in older if p.glibc == nearest]
    lasting = [p for p in same if p.lifetime is None or p.lifetime >= _YEAR]
    return min(p.gcc for p in lasting or same)


def resolve_target(text: str) -> Target:
    """Read what ``--glibc`` got. Raises UsageError, naming near spellings, when it is neither release nor platform."""
    platforms = load_platforms()
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
    from difflib import get_close_matches

    names = [name for platform in platforms for name in (platform.id, *platform.aliases)]
    near = get_close_matches(plain, names, 3) or ["debian8", "ubuntu14.04", "rhel7"]
    raise UsageError(
        f"unknown glibc release or platform {text!r}; write a release like 2.19 or a platform like "
        f"{', '.join(near)} (all: symver-pin platforms)"
    )


def platforms_for(
    lowest_glibc: Release | None, highest_of: Iterable[tuple[str, str]], platforms: Iterable[Platform] | None = None
) -> tuple[Platform, ...]:
    """The platforms that a binary runs on.

    ``lowest_glibc`` is the lowest release on which the loader's rules let it start (None: on no known one);
    ``highest_of`` the (family, highest node) pairs that it wants. glibc's own nodes among them do not count: a number
    is not the verdict, ``lowest_glibc`` is. What the file brings along itself, a private libstdc++.so.6 for
    example, is not known here.
    """
    if lowest_glibc is None:
        return ()
    known = load_platforms() if platforms is None else tuple(platforms)
    asked = _asked.get(id(known))
    if asked is None or asked.known is not known:
        asked = _asked[id(known)] = _Asked(known)
    return asked.running(lowest_glibc, tuple([node for family, node in highest_of if family in _OF_PLATFORMS]))


#: The families of nodes, beside glibc's, of which the table says how far a platform goes.
_OF_PLATFORMS = frozenset({"GCC", "GLIBCXX", "CXXABI"})


class _Asked:
    """What was asked about some platforms: files of one system want much the same. A set of them is kept as the bits of
    an integer: bit 0 is the first one.
    """

    def __init__(self, known: tuple[Platform, ...]) -> None:
        self.known = known
        alike: dict[tuple[object, ...], int] = {}
        for at, each in enumerate(known):
            libraries = each.glibc, each.gcc, each.gcc_node, each.glibcxx_node, each.cxxabi_node
            alike[libraries] = alike.get(libraries, 0) | 1 << at
        self._alike = tuple(alike.values())
        """The sets of platforms that have the same libraries."""
        self._answers: dict[tuple[Release, tuple[str, ...]], tuple[Platform, ...]] = {}
        self._having: dict[Release | str, int] = {}
        self._tuples: dict[int, tuple[Platform, ...]] = {}

    def running(self, lowest_glibc: Release, nodes: tuple[str, ...]) -> tuple[Platform, ...]:
        """Those that have this glibc and all of the nodes: the same tuple for the same platforms."""
        key = lowest_glibc, nodes
        found = self._answers.get(key)
        if found is None:
            having = self._those(lowest_glibc, lambda platform: lowest_glibc <= platform.glibc)
            for node in nodes:
                having &= self._those(node, lambda platform, node=node: platform.has(node))  # type: ignore[misc]
            if having not in self._tuples:
                self._tuples[having] = tuple([p for at, p in enumerate(self.known) if having >> at & 1])
            found = self._answers[key] = self._tuples[having]
        return found

    def _those(self, wanted: Release | str, has: Callable[[Platform], bool]) -> int:
        """The platforms that have what is wanted, a release of glibc or a node."""
        found = self._having.get(wanted)
        if found is None:
            found = 0
            for platforms in self._alike:
                if has(self.known[(platforms & -platforms).bit_length() - 1]):
                    found |= platforms
            self._having[wanted] = found
        return found


#: By the identity of the platforms, which are kept.
_asked: dict[int, _Asked] = {}

_loaded: dict[str, tuple[Platform, ...]] = {}


def _load(path: str) -> tuple[Platform, ...]:
    """The rows of a file, read once."""
    known = _loaded.get(path)
    if known is None:
        known = _loaded[path] = _read(path)
    return known


def _read(path: str) -> tuple[Platform, ...]:
    try:
        lines = read_data(path).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MapsError(f"cannot read {path}: {error}") from error
    rows: dict[str, Platform] = {}
    releases: dict[str, Release] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        try:
            platform = _row(line, releases)
            for name in (platform.id, *platform.aliases):
                if rows.setdefault(name, platform) is not platform:
                    raise ValueError(f"{name} is a second row's name")
        except (ValueError, UsageError) as error:
            raise MapsError(f"{path}:{number}: broken row {line!r}: {error}") from error
    if not rows:
        raise MapsError(f"{path}: no platform in it")
    return tuple(dict.fromkeys(rows.values()))


def _row(line: str, releases: dict[str, Release]) -> Platform:
    cells = line.split("\t")
    if len(cells) != 12:
        raise ValueError(f"{len(cells)} columns in place of 12")
    id_, family, version, glibc, gcc_node, glibcxx_node, cxxabi_node, gcc, kernel, released, ends, aliases = cells
    for cell in (glibc, gcc):
        if cell not in releases:
            releases[cell] = parse_release(cell)
    if not (gcc_node.startswith("GCC_") and glibcxx_node.startswith("GLIBCXX_") and cxxabi_node.startswith("CXXABI_")):
        raise ValueError("columns 5 to 7 are a GCC_, a GLIBCXX_ and a CXXABI_ node")
    if not _is_date(released) or not (ends == ROLLING or _is_date(ends)):
        raise ValueError("a date is written 2014-04-17, 2014-04 or -")
    names = () if aliases == "-" else tuple(aliases.split(","))
    return Platform(
        id_,
        family,
        version,
        releases[glibc],
        gcc_node,
        glibcxx_node,
        cxxabi_node,
        releases[gcc],
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
