"""The real libraries that the tables were made from, as one digest a library: what a table must say, offline too.

The libraries are compared symbol by symbol where they can be had (`test_real_libraries.py`). Their digests stand in
`libraries.tsv`, made from the libraries as pyelftools reads them, never from the tables:

    python tests/maps/library_digests.py        # writes libraries.tsv and tables.tsv; all sets must be had

`tables.tsv` has the digest of each table file as a whole, when the libraries were last added to it and changed nothing.

A line of a digest is `symbol version mark type size`, `node NAME`, or `alias NAME NAME...` of objects at one address;
what `exceptions.tsv` lists is left out on both sides.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tools")]

import library_sets
from exports import Exports
from maps.list_digests import digest
from maps.real_libraries import Pair, RealLibraries, exceptions, is_private, real_libraries
from symver_pin.glibc.maps import default_maps
from symver_pin.glibc.release import parse_release
from symver_pin.glibc.rows import Library
from symver_pin.paths import shipped_maps

LIBRARIES, TABLES = (Path(__file__).with_name(name) for name in ("libraries.tsv", "tables.tsv"))


class Row(NamedTuple):
    """One library of one set as it was seen: how many lines, and their digest."""

    source: str
    arch: str
    release: str
    package: str
    soname: str
    lines: int
    digest: str


def recorded_libraries() -> list[Row]:
    """The recorded libraries."""
    lines = [line.split("\t") for line in LIBRARIES.read_text().splitlines() if not line.startswith("#")]
    return [
        Row(source, arch, release, package, soname, int(count), digest)
        for source, arch, release, package, soname, count, digest in lines
    ]


def lines_of_library(library: Exports, known: dict[Pair, str]) -> list[str]:
    """The lines of a real library, without what an exception says that it `has` beyond the table."""
    symbols = {s for s in library.symbols if not is_private(s.version) and (s.symbol, s.version) not in known}
    lines = [f"{s.symbol} {s.version} {'@@' if s.default else '@'} {s.type} {s.size}" for s in symbols]
    lines += [f"node {node}" for node in library.nodes if not is_private(node) and ("-", node) not in known]
    groups = ({s.symbol for s in place if s in symbols} for place in library.objects)
    return lines + [f"alias {' '.join(sorted(names))}" for names in groups if len(names) > 1]


def lines_of_table(library: Library, known: dict[Pair, str]) -> list[str]:
    """The lines of a table's library, without what an exception says that the real one `lacks`."""
    exports = [e for e in library.exports if (e.symbol, e.version) not in known]
    lines = [f"{e.symbol} {e.version} {'@@' if e.default else '@'} {e.type} {e.size}" for e in exports]
    lines += [f"node {node}" for node in library.nodes if ("-", node) not in known]
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for export in exports:
        if export.alias and export.type != "F":
            groups[export.alias].add(export.symbol)
    return lines + [f"alias {' '.join(sorted(names))}" for names in groups.values()]


def digests_of(found: RealLibraries) -> Iterator[Row]:
    """The rows of a set's libraries that the table of its release has too."""
    known = default_maps().table(found.arch).view(parse_release(found.release)).libraries
    for library in sorted(found.exports, key=lambda library: library.soname):
        if library.soname in known:
            lines = lines_of_library(library, exceptions(found.source, found.arch, library.soname))
            yield Row(found.source, found.arch, found.release, found.package, library.soname, len(lines), digest(lines))


def recorded_tables() -> dict[str, str]:
    """Name of a table file -> its recorded SHA-256."""
    lines = [line.split("\t") for line in TABLES.read_text().splitlines() if not line.startswith("#")]
    return {name: recorded for name, recorded in lines}  # noqa: C416 (dict() would not say what is what)


def tables() -> dict[str, str]:
    """Name of each shipped table file -> its SHA-256."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(shipped_maps().glob("*.map"))}


def main() -> None:
    """Write both files."""
    lines = [
        "# Real libraries as they were seen when the tables were made (library_digests.py writes this):",
        "# set, architecture, glibc release, package, library, lines, digest of the lines",
    ]
    for wanted in library_sets.SETS:
        found = real_libraries(wanted)
        lines += ["\t".join(map(str, row)) for row in digests_of(found)]
    LIBRARIES.write_text("\n".join(lines) + "\n")
    lines = ["# The table files (library_digests.py writes this): name, SHA-256", *map("\t".join, tables().items())]
    TABLES.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
