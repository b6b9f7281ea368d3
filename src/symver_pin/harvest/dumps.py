"""Read dumps of the symbol tables of real libraries, for releases whose libraries are no longer available.

``defaults_<release>_<arch>.tsv`` has the columns soname, symbol, version, ``@@`` or ``@``, type F/D/T, ELF type,
binding, size. ``verdefs_<arch>.tsv`` has the columns release, soname, version node, with a line for each node that a
library defines.
"""

from collections.abc import Iterator
from pathlib import Path

from symver_pin.errors import HarvestError
from symver_pin.glibc.release import Release, parse_release
from symver_pin.glibc.rows import NO_SYMBOL
from symver_pin.harvest.observation import Observation, is_glibc_node, is_public


def is_dump_folder(folder: Path) -> bool:
    """True if a folder contains such dumps."""
    return next(folder.glob("defaults_*_*.tsv"), None) is not None


def read_dumps(folder: Path) -> Iterator[Observation]:
    """Read the public symbols of all dumps in a folder, and the nodes without symbols.

    A library that has nodes of another project is left out: it replaces glibc's own library (libxcrypt). Raises
    HarvestError with file and line for a broken row.
    """
    nodes_with_symbols: set[tuple[str, Release, str, str]] = set()
    dumped: set[tuple[str, Release]] = set()
    foreign: set[tuple[str, Release, str]] = set()
    for path in sorted(folder.glob("defaults_*_*.tsv")):
        _, release_text, arch = path.stem.split("_", 2)
        release = parse_release(release_text)
        rows = list(_rows(path, 8))
        dumped.add((arch, release))
        foreign |= {(arch, release, row[0]) for row in rows if not is_glibc_node(row[2])}
        for soname, symbol, version, mark, kind, _elf_type, _bind, size in rows:
            if is_public(version) and kind in "FDT" and (arch, release, soname) not in foreign:
                number = int(size, 16) if size and kind != "F" else 0
                nodes_with_symbols.add((arch, release, soname, version))
                yield Observation(arch, release, soname, symbol, version, kind, number, mark == "@@", None, False)
    for path in sorted(folder.glob("verdefs_*.tsv")):
        arch = path.stem.partition("_")[2]
        for release_text, soname, version in _rows(path, 3):
            key = (arch, parse_release(release_text), soname)
            symbol_less = key[:2] in dumped and (*key, version) not in nodes_with_symbols
            if is_public(version) and key not in foreign and symbol_less:
                yield Observation(*key, NO_SYMBOL, version, "N", 0, True, "", False)


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        row = line.split("\t")
        if line.startswith("#"):
            continue
        if len(row) != columns:
            raise HarvestError(f"{path}:{number}: {len(row)} columns, expected {columns}: {line!r}")
        yield row
