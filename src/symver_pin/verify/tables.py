"""Ask a symbol table about a few symbols, over all its releases at once, without parsing the rest.

A file imports some dozen symbols of the six thousand rows, so the rows are not parsed: the file is sorted, a symbol's
lines are found by bisection of its bytes, and only those are read. When very many have been asked for, as over a whole
system, the rows of the library are read into sets. Each answer is a *set of releases*, kept as the bits of an integer:
bit 0 is the oldest release that the table covers. One look at a file then tells for every release at once whether it
loads, which gives the lowest release it runs on for nothing.
"""

from __future__ import annotations

from symver_pin.elf.compiled import NATIVE
from symver_pin.errors import MapsError
from symver_pin.light import NamedTuple, cached_property
from symver_pin.maps.release import FOREVER, Release, node_sort_key, parse_span
from symver_pin.resources import data_path, read_data
from symver_pin.verify.whole import Part, WholeLibrary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Set

    from symver_pin.maps.release import Span

_MAGIC = b"# symver-pin map 1\n"
_RELEASES = b"\n# releases "
#: The header lines end long before this.
_HEADER = 400
#: After so many names of one library, its rows are read as a whole: 3 ms for libc, the price of 500 bisections. Where
#: many files are to be judged, at once.
_FEW = 500
#: So many names of one version are worth a set of all that it has; where many files are to be judged, any.
_SOME = 8


class Axis:
    """The releases that a bit set speaks of, oldest first."""

    def __init__(self, releases: tuple[Release, ...]) -> None:
        self.releases = releases
        self.everything = (1 << len(releases)) - 1
        """The set of all of them."""
        self._before: dict[Release, int] = {}

    def only(self, release: Release) -> int:
        """The set of one release. Raises ValueError when the axis does not have it."""
        return 1 << self.releases.index(release)

    def before(self, release: Release) -> int:
        """The set of all releases older than one."""
        found = self._before.get(release)
        if found is None:
            found = self._before[release] = (1 << sum(map(release.__gt__, self.releases))) - 1
        return found

    def within(self, span: Span) -> int:
        """The set of the releases of a span."""
        first, last = span
        return (1 << sum(map(last.__ge__, self.releases))) - 1 & ~self.before(first)

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
    """One table file, held as its bytes. ``pinned`` makes every answer that of one release of the table's own kind
    (GCC's, say) and spreads it over ``axis``: all releases or none.
    """

    def __init__(
        self,
        name: str,
        text: bytes,
        where: str,
        axis: Axis | None = None,
        pinned: Release | None = None,
        for_many: bool = False,
    ) -> None:
        self.name, self._text, self._where, self.for_many = name, text, where, for_many
        at = text.find(_RELEASES, 0, _HEADER)
        if not text.startswith(_MAGIC) or at < 0 or not text.isascii():
            raise MapsError(f"{where}:1: not a symver-pin map of format 1; reinstall symver-pin or harvest it again")
        self._first_row = text.rfind(b"\n#", 0, _HEADER)
        self._first_row = text.find(b"\n", self._first_row + 1) + 1
        self.covered = parse_span(text[at + len(_RELEASES) : text.index(b"\n", at + 1)].decode())
        self.axis = axis or _consecutive(self.covered)
        self.everything = self.axis.everything
        if pinned is not None:
            pinned = min(max(pinned, self.covered.first), self.covered.last)
        self._pinned = pinned
        self._spans: dict[bytes, int] = {}
        self._blocks: dict[str, tuple[int, int]] = {}
        self._asked: dict[str, int] = {}
        self._whole: dict[str, WholeLibrary] = {}
        self._symbols: dict[tuple[str, bytes], tuple[Exported, ...]] = {}
        self._nodes: dict[tuple[str, str], int] = {}
        self._lacking: dict[tuple[str, str], int] = {}
        self._oldest: dict[str, str] = {}
        self._listed: dict[str, bool] = {}

    def _bisect(self, key: bytes, low: int, high: int) -> int:
        """Where the first line between two places begins that does not sort before ``key``."""
        text, size = self._text, len(key)
        while low < high:
            middle = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if text[middle : middle + size] < key:
                low = text.find(b"\n", middle) + 1 or high
            else:
                high = middle
        return low

    def _block(self, soname: str) -> tuple[int, int]:
        """Where a library's rows begin and end."""
        found = self._blocks.get(soname)
        if found is None:
            key = soname.encode("utf-8", "surrogateescape")
            # "\n" sorts after "\t" and before every character of a name.
            end = len(self._text)
            low = self._bisect(key + b"\t", self._first_row, end)
            found = self._blocks[soname] = low, self._bisect(key + b"\n", low, end)
        return found

    def _rows(self, soname: str) -> Iterator[list[bytes]]:
        low, high = self._block(soname)
        for line in self._text[low:high].split(b"\n"):
            if line:
                yield self._split(line)

    def _split(self, line: bytes) -> list[bytes]:
        row = line.split(b"\t")
        if len(row) < 6:
            raise self._broken(line)
        return row

    def _broken(self, line: bytes) -> MapsError:
        return MapsError(f"{self._where}: broken row {line.decode()!r}; reinstall symver-pin or harvest it again")

    def _releases(self, text: bytes) -> int:
        found = self._spans.get(text)
        if found is None:
            span = parse_span(text.decode())
            found = self.axis.within(span)
            if self._pinned is not None:
                found = self.everything if self._pinned in span else 0
            self._spans[text] = found
        return found

    @cached_property
    def sonames(self) -> dict[str, None]:
        """All libraries of the table, in its order."""
        found: dict[str, None] = {}
        position = self._first_row
        while position < len(self._text):
            soname = self._text[position : self._text.index(b"\t", position)]
            found[soname.decode()] = None
            position = self._bisect(soname + b"\n", position, len(self._text))
        return found

    def describes(self, soname: str) -> bool:
        """Whether the table knows a library."""
        if self.for_many:
            return soname in self.sonames
        low, high = self._block(soname)
        return low < high

    def symbol(self, soname: str, symbol: bytes) -> tuple[Exported, ...]:
        """Every version of a symbol that a library exported in any release."""
        found = self._symbols.get((soname, symbol))
        if found is None:
            whole = self._read_whole(soname, ())
            if whole is not None and symbol not in whole.names:
                return ()
            found = self._symbols[soname, symbol] = self._look_up(soname, symbol)
        return found

    def _look_up(self, soname: str, symbol: bytes) -> tuple[Exported, ...]:
        key = b"%b\t%b\t" % (soname.encode("utf-8", "surrogateescape"), symbol)
        text, at, rows = self._text, self._bisect(key, *self._block(soname)), []
        while text.startswith(key, at):
            end = text.find(b"\n", at)
            rows.append(self._split(text[at:end]))
            at = end + 1
        return tuple([Exported(row[2].decode(), row[4] == b"@@", self._releases(row[3])) for row in rows])

    def has_symbol(self, soname: str, symbol: bytes, version: str) -> int:
        """The releases in which a library exports a symbol with that version, default or compat."""
        found = 0
        for exported in self.symbol(soname, symbol):
            if exported[0] == version:
                found |= exported[2]
        return found

    def has_plain(self, soname: str, symbol: bytes) -> int:
        """The releases in which an unversioned reference finds a symbol in a library: as default, or under the
        library's oldest node.
        """
        found = 0
        for exported in self.symbol(soname, symbol):
            if exported.default or exported.version == self.oldest_node(soname):
                found |= exported.releases
        return found

    def known(self, soname: str, names: frozenset[bytes]) -> Iterable[bytes]:
        """Those names that a library exported in any release, under any version."""
        whole = self._read_whole(soname, names)
        if whole is not None:
            return names & whole.names
        return [name for name in names if self.symbol(soname, name)]

    def anywhere(self, symbol: bytes) -> tuple[tuple[str, Exported], ...]:
        """(library, version) of a symbol in all libraries. Nothing is remembered: static archives ask for a hundred
        thousand names that no library has; nor are libraries read for it, of all architectures.
        """
        found: list[tuple[str, Exported]] = []
        for soname in self.sonames:
            whole = self._whole.get(soname)
            if whole is None or symbol in whole.names:
                found += [(soname, exported) for exported in self._look_up(soname, symbol)]
        return tuple(found)

    def unsteady(self, soname: str, version: str, names: Collection[bytes]) -> list[bytes]:
        """Those names that a library does not export with a version in every release in which it has that version."""
        whole = self._read_whole(soname, names)
        if whole is None or (len(names) < _SOME and not self.for_many):
            everywhere = self.has_node(soname, version)
            return [name for name in names if self.has_symbol(soname, name, version) != everywhere]
        known = whole.steady(version)
        return [] if known.issuperset(names) else [name for name in names if name not in known]

    def whole(self, soname: str) -> WholeLibrary:
        """All that a library exports, read as a whole."""
        found = self._read_whole(soname, (), now=True)
        assert found is not None  # as it is to be read now
        return found

    def unsteady_plain(self, soname: str, names: Set[bytes]) -> Set[bytes]:
        """Those names that an unversioned reference does not find in a library in every release."""
        whole = self._read_whole(soname, names)
        if whole is None:
            return {name for name in names if self.has_plain(soname, name) != self.everything}
        return names - whole.plain

    def _read_whole(self, soname: str, names: Collection[bytes], now: bool = False) -> WholeLibrary | None:
        """A library's rows as a whole; None as long as few names were asked for."""
        found = self._whole.get(soname)
        if found is not None:
            return found
        asked = self._asked[soname] = self._asked.get(soname, 0) + len(names)
        if asked < _FEW and not self.for_many and not now:
            return None
        rows = []
        for rest, symbols in self._alike(soname).items():
            columns = rest.split(b"\t", 3)
            if len(columns) < 4:
                raise self._broken(b"\t".join((soname.encode(), symbols[0], rest)))
            version, span, mark, _ = columns
            part = tuple.__new__(Part, (self._releases(span), symbols))
            rows.append((version.decode(), mark == b"@@", part))
        found = self._whole[soname] = WholeLibrary(self.everything, rows)
        for node, releases in found.nodes.items():
            self._nodes[soname, node] = releases
        return found

    def _alike(self, soname: str) -> dict[bytes, list[bytes]]:
        """The symbols of a library by what stands behind them in their rows, version, span and mark first: many are
        alike in that.
        """
        low, high = self._block(soname)
        found: dict[bytes, list[bytes]] = {}
        if NATIVE is not None:
            found = NATIVE.group_rows(self._text, low, high, len(soname) + 1)
            return found
        for line in self._text[low - 1 : high - 1].split(b"\n%b\t" % soname.encode())[1:]:
            symbol, _, rest = line.partition(b"\t")
            if rest in found:
                found[rest].append(symbol)
            else:
                found[rest] = [symbol]
        return found

    def has_node(self, soname: str, version: str) -> int:
        """The releases in which a library defines a version node, with or without symbols."""
        found = self._nodes.get((soname, version))
        if found is None:
            found = 0
            text, (low, high) = self._text, self._block(soname)
            key = b"\t%b\t" % version.encode("utf-8", "surrogateescape")
            at = text.find(key, low, high)
            while at >= 0 and found != self.everything:
                end = at + len(key)
                if text.count(b"\t", text.rfind(b"\n", 0, at) + 1, at) == 1:  # the third column, not one like it
                    found |= self._releases(text[end : text.index(b"\t", end)])
                at = text.find(key, end - 1, high)
            self._nodes[soname, version] = found
        return found

    def lacks_node(self, soname: str, version: str) -> int:
        """The releases that have a library, without a version node."""
        found = self._lacking.get((soname, version))
        if found is None:
            found = self.has_library(soname) & ~self.has_node(soname, version)
            self._lacking[soname, version] = found
        return found

    def has_library(self, soname: str) -> int:
        """The releases that have a library."""
        found = self._nodes.get((soname, ""))
        if found is None:
            found = 0
            low, high = self._block(soname)
            while low < high and found != self.everything:
                end = self._text.index(b"\n", low)
                found |= self._releases(self._split(self._text[low:end])[3])
                low = end + 1
            self._nodes[soname, ""] = found
        return found

    def lists_symbols(self, soname: str) -> bool:
        """Whether the table knows a library's symbols, and not its version nodes alone."""
        found = self._listed.get(soname)
        if found is None:
            found = self._listed[soname] = any(row[5] != b"N" for row in self._rows(soname))
        return found

    def oldest_node(self, soname: str) -> str:
        """The version node that a library's oldest symbols carry: the one that unversioned references bind to."""
        found = self._oldest.get(soname)
        if found is None:
            nodes = {row[2].decode() for row in self._rows(soname)}
            found = self._oldest[soname] = min(nodes, key=node_sort_key, default="")
        return found


def _consecutive(covered: Span) -> Axis:
    """glibc's releases: the major number has stayed, the minor counts up by one."""
    first, last = covered
    if first.major != last.major or last == FOREVER:
        raise MapsError(f"releases {covered} are not the numbers of one major release; harvest the table again")
    return Axis(tuple(Release(first.major, minor) for minor in range(first.minor, last.minor + 1)))


def open_table(
    name: str, axis: Axis | None = None, pinned: Release | None = None, for_many: bool = False
) -> SymbolTable | None:
    """Read ``<name>.map``; None when there is no such table. Raises MapsError when it cannot be read or is broken."""
    path = data_path(f"{name}.map")
    try:
        return SymbolTable(name, read_data(path), path, axis, pinned, for_many)
    except FileNotFoundError:
        return None
