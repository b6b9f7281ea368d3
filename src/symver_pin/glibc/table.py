"""The symbol table of one architecture: parse it, take the view of one release, look names up over all releases.

The format (version 1) is text, one row a line, tab-separated, sorted, so that a new glibc release is a small diff::

    # symver-pin map 1
    # arch x86_64
    # releases 2.12-2.43
    # soname symbol version span mark type size alias note
    libc.so.6	memcpy	GLIBC_2.14	2.14-	@@	F
    libc.so.6	memcpy	GLIBC_2.2.5	2.12-2.13	@@	F
    libc.so.6	memcpy	GLIBC_2.2.5	2.14-	@	F

An open span needs no edit when a release is added; empty trailing columns are left away. ``docs/maps.md`` describes the
columns. The table of a compiler runtime (``x86_64-gcc``) has libgcc_s and libstdc++ over GCC releases.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from symver_pin.errors import MapsError, SymverPinError, UsageError
from symver_pin.glibc.library import LibraryHistory
from symver_pin.glibc.release import FOREVER, Release, ReleaseAxis, Span, node_sort_key, parse_span
from symver_pin.glibc.rows import NO_SYMBOL, Export, Library, Row

_MAGIC = "# symver-pin map 1"
_COLUMNS = "# soname symbol version span mark type size alias note"
_MARKS = {"@@": True, "@": False}
_TYPES = frozenset("FDTN")
_ADVICE = "reinstall symver-pin or harvest it again"


class View:
    """One release of one architecture: its libraries by soname, and look-ups over all of them."""

    def __init__(self, arch: str, release: Release, rows: tuple[Row, ...]) -> None:
        self.arch = arch
        self.release = release
        self.rows = rows

    @cached_property
    def libraries(self) -> dict[str, Library]:
        """Every library of the release, by soname."""
        return {soname: _library(soname, rows) for soname, rows in _by_soname(self.rows).items()}

    @cached_property
    def default_version(self) -> dict[str, str]:
        """Symbol -> the version node that an unversioned reference binds to, of every linkable symbol.

        Where several libraries export a default (libc and the old libpthread do), libc's node stands; they agree on
        the node, as the loader needs them to.
        """
        versions: dict[str, str] = {}
        for row in self.rows:
            if row.default and (row.symbol not in versions or row.soname.startswith("libc.so")):
                versions[row.symbol] = row.version
        versions.pop(NO_SYMBOL, None)
        return versions


class SymbolTable:
    """All rows of one architecture over all releases."""

    def __init__(self, name: str, covered: Span, rows: Iterable[Row]) -> None:
        self.name = name
        self.covered = covered
        """The releases that the table covers."""
        self.rows = tuple(rows)
        self._histories: dict[str, LibraryHistory] = {}
        self._gcc: Release | None = None
        self._glibc_axis: ReleaseAxis | None = None

    def view(self, release: Release) -> View:
        """The rows that hold in ``release``. Raises UsageError when the table does not cover it."""
        if release not in self.covered:
            first, last = self.covered
            raise UsageError(
                f"release {release} is outside the {self.name} tables, which cover {first} to {last}; "
                f"name a release in that range"
            )
        return View(self.name, release, tuple(row for row in self.rows if release in row.span))

    @property
    def newest(self) -> View:
        """The view of the newest release that the table covers."""
        return self.view(self.covered.last)

    def history(self, symbol: str) -> tuple[Row, ...]:
        """All rows of one symbol name, oldest span first; empty when no release exported it."""
        found = [row for row in self.rows if row.symbol == symbol]
        return tuple(sorted(found, key=lambda row: (row.span, node_sort_key(row.version), row.soname)))

    @cached_property
    def axis(self) -> ReleaseAxis:
        """The releases that the table's sets of releases are about.

        Raises MapsError for a table that covers several major releases: which numbers exist is not known then.
        """
        if self._glibc_axis is not None:
            return self._glibc_axis
        first, last = self.covered
        if first.major != last.major or last == FOREVER:
            raise MapsError(
                f"releases {self.covered} are not the numbers of one major release; harvest the table again"
            )
        return ReleaseAxis(tuple(Release(first.major, minor) for minor in range(first.minor, last.minor + 1)))

    @cached_property
    def _rows_by_soname(self) -> dict[str, list[Row]]:
        return _by_soname(self.rows)

    @property
    def sonames(self) -> Iterable[str]:
        """All libraries of the table, in its order."""
        return self._rows_by_soname.keys()

    def library(self, soname: str) -> LibraryHistory | None:
        """One library over all releases; None when no release has it."""
        found = self._histories.get(soname)
        if found is None and soname in self._rows_by_soname:
            found = LibraryHistory(soname, self._rows_by_soname[soname], self.axis, self._gcc)
            self._histories[soname] = found
        return found

    def at(self, release: Release, axis: ReleaseAxis) -> SymbolTable:
        """The table of a compiler runtime as of one GCC release, for all glibc releases of ``axis``.

        A release outside of the table counts as the nearest one that it covers.
        """
        first, last = self.covered
        table = SymbolTable(self.name, self.covered, self.rows)
        table._gcc, table._glibc_axis = min(max(release, first), last), axis
        return table


def _by_soname(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.soname, []).append(row)
    return grouped


def _library(soname: str, rows: list[Row]) -> Library:
    nodes = tuple(sorted({row.version for row in rows}, key=node_sort_key))
    exports = tuple(Export(r.symbol, r.version, r.default, r.type, r.size, r.alias) for r in rows if r.type != "N")
    return Library(soname, nodes, exports)


def parse_table(text: str, where: str) -> SymbolTable:
    """Parse a table file's text; ``where`` names it in errors. Raises MapsError with the line number."""
    lines = text.split("\n")
    header = dict(line[2:].split(" ", 1) for line in lines[:3] if line.startswith("# ") and line.count(" ") >= 2)
    if lines[0] != _MAGIC or "arch" not in header or "releases" not in header:
        raise MapsError(f"{where}:1: not a symver-pin map of format 1; {_ADVICE}")
    return SymbolTable(header["arch"], parse_span(header["releases"]), _parse_rows(lines, where))


def _parse_rows(lines: list[str], where: str) -> list[Row]:
    spans: dict[str, Span] = {}
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        columns = line.split("\t")
        try:
            if len(columns) == 6:
                soname, symbol, version, span_text, mark, kind = columns
                size, alias, note = 0, "", ""
            else:
                soname, symbol, version, span_text, mark, kind, size_text, *rest = columns
                size = int(size_text, 16) if size_text else 0
                alias, note = (*rest, "", "")[:2]
            span = spans.get(span_text) or spans.setdefault(span_text, parse_span(span_text))
            if kind not in _TYPES:
                raise ValueError(kind)
            rows.append(Row(soname, symbol, version, span, _MARKS[mark], kind, size, alias, note))
        except (ValueError, KeyError, SymverPinError) as error:
            raise MapsError(f"{where}:{number}: broken row {line!r}; {_ADVICE}") from error
    return rows


def format_table(table: SymbolTable) -> str:
    """The file text of a table; the inverse of ``parse_table``, byte for byte reproducible."""
    lines = [_MAGIC, f"# arch {table.name}", f"# releases {table.covered}", _COLUMNS]
    lines += sorted(map(_format_row, table.rows))
    return "\n".join(lines) + "\n"


def _format_row(row: Row) -> str:
    size = f"{row.size:#x}" if row.type in "DT" else ""
    mark = "@@" if row.default else "@"
    columns = (row.soname, row.symbol, row.version, str(row.span), mark, row.type, size, row.alias, row.note)
    return "\t".join(columns).rstrip("\t")


def format_dump(rows: Iterable[Row]) -> str:
    """One line for each export: ``soname symbol@version``, tab, type, tab, size; sorted. Nodes without symbols are left
    out.
    """
    lines = []
    for row in rows:
        if row.type == "N":
            continue
        mark = "@@" if row.default else "@"
        size = f"{row.size:#x}" if row.type in "DT" else ""
        lines.append(f"{row.soname} {row.symbol}{mark}{row.version}\t{row.type}\t{size}")
    return "".join(f"{line}\n" for line in sorted(lines))
