"""Ask a symbol table about a few symbols, over all its releases at once, without parsing the rest.

A file imports some dozen symbols of the six thousand rows, so the rows are not parsed: the file is sorted, a symbol's
lines are found by bisection, and only those are read. Each answer is a *set of releases*, kept as the bits of an
integer: bit 0 is the oldest release that the table covers. One look at a file then tells for every release at once
whether it loads, which gives the lowest release it runs on for nothing.
"""

from bisect import bisect_left
from typing import NamedTuple

from symver_pin.errors import MapsError, UsageError
from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.release import FOREVER, Release, Span, node_sort_key, parse_span
from symver_pin.resources import maps_dir

_MAGIC = "# symver-pin map 1"


class Axis(NamedTuple):
    """The releases that a bit set speaks of, oldest first."""

    releases: tuple[Release, ...]

    @property
    def everything(self) -> int:
        """The set of all releases."""
        return (1 << len(self.releases)) - 1

    def only(self, release: Release) -> int:
        """The set of one release. Raises ValueError when the axis does not have it."""
        return 1 << self.releases.index(release)

    def before(self, release: Release) -> int:
        """The set of all releases older than one."""
        return sum(1 << position for position, found in enumerate(self.releases) if found < release)

    def within(self, span: Span) -> int:
        """The set of the releases of a span."""
        return sum(1 << position for position, found in enumerate(self.releases) if span[0] <= found <= span[1])

    def first(self, chosen: int) -> Release | None:
        """The oldest release of a set, None of the empty one."""
        return self.releases[(chosen & -chosen).bit_length() - 1] if chosen else None


class Exported(NamedTuple):
    """One (symbol, version node) of one library."""

    version: str
    default: bool
    releases: int
    """The set of releases in which the library exports it so."""


class SymbolTable:
    """One table file, held as its sorted lines. ``pinned`` makes every answer that of one release of the table's own
    kind (GCC's, say) and spreads it over ``axis``: all releases or none.
    """

    def __init__(self, name: str, text: str, where: str, axis: Axis | None = None, pinned: Release | None = None):
        self.name, self._where = name, where
        lines = text.split("\n")
        header = next((line for line in lines[:4] if line.startswith("# releases ")), None)
        if lines[0] != _MAGIC or header is None:
            raise MapsError(f"{where}:1: not a symver-pin map of format 1; reinstall symver-pin or harvest it again")
        self.covered = parse_span(header.removeprefix("# releases "))
        self.axis = axis or _consecutive(self.covered)
        if pinned is not None:
            pinned = min(max(pinned, self.covered.first), self.covered.last)
        self._pinned = pinned
        self._lines = [line for line in lines if line and line[0] != "#"]
        self._spans: dict[str, int] = {}
        self._symbols: dict[tuple[str, str], tuple[Exported, ...]] = {}
        self._nodes: dict[tuple[str, str], int] = {}
        self._has: dict[tuple[str, str, str], int] = {}
        self._anywhere: dict[str, tuple[tuple[str, Exported], ...]] = {}
        self._oldest: dict[str, str] = {}
        self._listed: dict[str, bool] = {}
        self.sonames = tuple(self._find_sonames())

    def _find_sonames(self) -> list[str]:
        found, position = [], 0
        while position < len(self._lines):
            soname = self._lines[position].partition("\t")[0]
            found.append(soname)
            # "\n" sorts after "\t" and before every character of a name.
            position = bisect_left(self._lines, f"{soname}\n", position)
        return found

    def _rows(self, prefix: str) -> list[str]:
        """The lines that begin with a soname, or a soname and a symbol."""
        low = bisect_left(self._lines, f"{prefix}\t")
        return self._lines[low : bisect_left(self._lines, f"{prefix}\n", low)]

    def _releases(self, row: list[str]) -> int:
        text = row[3]
        found = self._spans.get(text)
        if found is None:
            span = parse_span(text)
            if self._pinned is None:
                found = self.axis.within(span)
            else:
                found = self.axis.everything if self._pinned in span else 0
            self._spans[text] = found
        return found

    def _split(self, line: str) -> list[str]:
        row = line.split("\t")
        if len(row) < 6:
            raise MapsError(f"{self._where}: broken row {line!r}; reinstall symver-pin or harvest it again")
        return row

    def symbol(self, soname: str, symbol: str) -> tuple[Exported, ...]:
        """Every version of a symbol that a library exported in any release."""
        found = self._symbols.get((soname, symbol))
        if found is None:
            rows = [self._split(line) for line in self._rows(f"{soname}\t{symbol}")]
            found = tuple(Exported(row[2], row[4] == "@@", self._releases(row)) for row in rows)
            self._symbols[soname, symbol] = found
        return found

    def has_symbol(self, soname: str, symbol: str, version: str) -> int:
        """The releases in which a library exports a symbol with that version, default or compat."""
        key = soname, symbol, version
        found = self._has.get(key)
        if found is None:
            found = 0
            for exported in self.symbol(soname, symbol):
                if exported.version == version:
                    found |= exported.releases
            self._has[key] = found
        return found

    def anywhere(self, symbol: str) -> tuple[tuple[str, Exported], ...]:
        """(library, version) of a symbol in all libraries."""
        found = self._anywhere.get(symbol)
        if found is None:
            found = tuple((soname, exported) for soname in self.sonames for exported in self.symbol(soname, symbol))
            self._anywhere[symbol] = found
        return found

    def has_node(self, soname: str, version: str) -> int:
        """The releases in which a library defines a version node, with or without symbols."""
        found = self._nodes.get((soname, version))
        if found is None:
            found = 0
            needle = f"\t{version}\t"
            for line in self._rows(soname):
                if needle in line:
                    found |= self._releases(self._split(line))
            self._nodes[soname, version] = found
        return found

    def has_library(self, soname: str) -> int:
        """The releases that have a library."""
        found = self._nodes.get((soname, ""))
        if found is None:
            found = 0
            for line in self._rows(soname):
                found |= self._releases(self._split(line))
                if found == self.axis.everything:
                    break
            self._nodes[soname, ""] = found
        return found

    def lists_symbols(self, soname: str) -> bool:
        """Whether the table knows a library's symbols, and not its version nodes alone."""
        found = self._listed.get(soname)
        if found is None:
            found = any(not line.startswith(f"{soname}\t{NO_SYMBOL}\t") for line in self._rows(soname))
            self._listed[soname] = found
        return found

    def oldest_node(self, soname: str) -> str:
        """The version node that a library's oldest symbols carry: the one that unversioned references bind to."""
        found = self._oldest.get(soname)
        if found is None:
            nodes = {line.split("\t", 3)[2] for line in self._rows(soname)}
            found = self._oldest[soname] = min(nodes, key=node_sort_key, default="")
        return found


def _consecutive(covered: Span) -> Axis:
    """glibc's releases: the major number has stayed, the minor counts up by one."""
    first, last = covered
    if first.major != last.major or last == FOREVER:
        raise MapsError(f"releases {covered} are not the numbers of one major release; harvest the table again")
    return Axis(tuple(Release(first.major, minor) for minor in range(first.minor, last.minor + 1)))


def open_table(name: str, axis: Axis | None = None, pinned: Release | None = None) -> SymbolTable | None:
    """Read ``<name>.map``; None when there is no such table. Raises MapsError when it cannot be read or is broken."""
    path = maps_dir() / f"{name}.map"
    try:
        return SymbolTable(name, path.read_text(encoding="ascii"), str(path), axis, pinned)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise MapsError(f"cannot read {path}: {error}") from error


class Knowledge(NamedTuple):
    """What is known about the libraries of one architecture at one target."""

    arch: str
    glibc: SymbolTable
    runtime: SymbolTable | None
    """libgcc_s and libstdc++ as of the target's GCC; None when there is no such table."""
    target: int
    """The set of the one release that is asked for."""

    def table_of(self, soname: str) -> SymbolTable | None:
        """The table that describes a library."""
        if soname in self.glibc.sonames:
            return self.glibc
        if self.runtime is not None and soname in self.runtime.sonames:
            return self.runtime
        return None


def open_knowledge(arch: str, glibc: Release, gcc: Release) -> Knowledge | None:
    """The tables of an architecture; None when it has none. Raises UsageError when they do not cover the release."""
    table = open_table(arch)
    if table is None:
        return None
    if glibc not in table.axis.releases:
        raise UsageError(
            f"release {glibc} is outside the {arch} tables, which cover {table.covered.first} to "
            f"{table.covered.last}; name a release in that range"
        )
    runtime = open_table(f"{arch}-gcc", table.axis, gcc)
    return Knowledge(arch, table, runtime, table.axis.only(glibc))
