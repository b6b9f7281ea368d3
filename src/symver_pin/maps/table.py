"""Read a table file and ask it about one release.

The format (version 1) is text, one row a line, tab-separated, sorted, so that a new glibc release is a small diff::

    # symver-pin map 1
    # arch x86_64
    # releases 2.12-2.43
    # soname symbol version span mark type size alias note
    libc.so.6	memcpy	GLIBC_2.14	2.14-	@@	F
    libc.so.6	memcpy	GLIBC_2.2.5	2.12-2.13	@@	F
    libc.so.6	memcpy	GLIBC_2.2.5	2.14-	@	F

An open span needs no edit when a release is added; empty trailing columns are left away. Parsing is one ``split`` a
line with the spans interned: about 5 ms for x86_64's six thousand rows, so no binary cache is kept.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import MapsError, SymverPinError, UsageError
from symver_pin.maps.model import NO_SYMBOL, Export, Library, Row
from symver_pin.maps.release import Release, Span, node_sort_key, parse_span
from symver_pin.resources import data_file, maps_dir, shipped_maps_dir

_MAGIC = "# symver-pin map 1"
_COLUMNS = "# soname symbol version span mark type size alias note"
_MARKS = {"@@": True, "@": False}
_TYPES = frozenset("FDTN")


class View:
    """One release of one architecture: its libraries by soname, and look-ups over all of them."""

    def __init__(self, arch: str, release: Release, rows: tuple[Row, ...]) -> None:
        self.arch = arch
        self.release = release
        self.rows = rows

    @cached_property
    def libraries(self) -> dict[str, Library]:
        """Every library of the release, by soname."""
        grouped: dict[str, list[Row]] = {}
        for row in self.rows:
            grouped.setdefault(row.soname, []).append(row)
        return {soname: _library(soname, rows) for soname, rows in grouped.items()}

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


class Table(NamedTuple):
    """A whole table file: all rows of one architecture over all releases."""

    name: str
    covered: Span
    rows: tuple[Row, ...]

    def view(self, release: Release) -> View:
        """The rows that hold in ``release``. Raises UsageError when the table does not cover it."""
        first, last = self.covered
        if not first <= release <= last:
            raise UsageError(
                f"release {release} is outside the {self.name} tables, which cover {first} to {last}; "
                f"name a release in that range"
            )
        return View(self.name, release, tuple(row for row in self.rows if row.span[0] <= release <= row.span[1]))

    @property
    def newest(self) -> View:
        """The view of the newest release that the table covers."""
        return self.view(self.covered.last)

    def history(self, symbol: str) -> tuple[Row, ...]:
        """All rows of one symbol name, oldest span first; empty when no release exported it."""
        found = [row for row in self.rows if row.symbol == symbol]
        return tuple(sorted(found, key=lambda row: (row.span, node_sort_key(row.version), row.soname)))


def _library(soname: str, rows: list[Row]) -> Library:
    nodes = tuple(sorted({row.version for row in rows}, key=node_sort_key))
    exports = tuple(Export(r.symbol, r.version, r.default, r.type, r.size, r.alias) for r in rows if r.type != "N")
    return Library(soname, nodes, exports)


def architectures(folder: Path | None = None) -> tuple[str, ...]:
    """The architectures that have a table, sorted."""
    found = (path.stem for path in (folder or maps_dir()).glob("*.map"))
    return tuple(sorted(name for name in found if not name.endswith("-gcc")))


def load_table(name: str, folder: Path | None = None) -> Table:
    """Read ``<name>.map``: an architecture (``x86_64``), or its compiler runtime (``x86_64-gcc``).

    Raises UsageError when there is no such table, MapsError when the file is broken.
    """
    try:
        return _read(folder / f"{name}.map" if folder else data_file(f"{name}.map"))
    except FileNotFoundError:
        known = ", ".join(architectures(folder))
        raise UsageError(f"no symbol table for architecture {name!r}; known: {known}") from None


@lru_cache(maxsize=2)
def _read(path: Path) -> Table:
    """A table file, read once; its values are immutable."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise MapsError(f"cannot read {path}: {error}") from error
    return parse_table(text, str(path))


def load_reference(name: str) -> Table:
    """The table that reaches the newest release: the user's own, or the shipped one where that knows more of the
    future.

    What differs between a target and *any newer glibc* is asked of this one; a table harvested from one distribution
    knows its own release only.
    """
    own = load_table(name)
    if maps_dir() == shipped_maps_dir():
        return own
    shipped = load_table(name, shipped_maps_dir())
    return own if own.covered.last >= shipped.covered.last else shipped


def parse_table(text: str, where: str) -> Table:
    """Parse a table file's text; ``where`` names it in errors. Raises MapsError with the line number."""
    lines = text.split("\n")
    header = dict(line[2:].split(" ", 1) for line in lines[:3] if line.startswith("# ") and line.count(" ") >= 2)
    if lines[0] != _MAGIC or "arch" not in header or "releases" not in header:
        raise MapsError(f"{where}:1: not a symver-pin map of format 1; reinstall symver-pin or harvest it again")
    return Table(header["arch"], parse_span(header["releases"]), tuple(_parse_rows(lines, where)))


def _parse_rows(lines: list[str], where: str) -> list[Row]:
    """All rows. The loop is as bare as it can be: it is most of the time that a table takes to load."""
    spans: dict[str, Span] = {}
    rows: list[Row] = []
    add, new = rows.append, tuple.__new__
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
            add(new(Row, (soname, symbol, version, span, _MARKS[mark], kind, size, alias, note)))
        except (ValueError, KeyError, SymverPinError) as error:
            advice = "reinstall symver-pin or harvest it again"
            raise MapsError(f"{where}:{number}: broken row {line!r}; {advice}") from error
    return rows


def format_table(table: Table) -> str:
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
    """One line an export: ``soname symbol@version``, tab, type, tab, size; sorted. Nodes without symbols are left
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
