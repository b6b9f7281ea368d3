"""Dumps of real libraries' symbol tables, for releases whose libraries themselves cannot be had any more.

``defaults_<release>_<arch>.tsv``: soname, symbol, version, ``@@`` or ``@``, type F/D/T, ELF type, binding, size;
``verdefs_<arch>.tsv``: release, soname, version node, of every node that a library defines.
"""

from collections.abc import Iterator
from pathlib import Path

from symver_pin.errors import HarvestError
from symver_pin.harvest.observation import Observation, is_glibcs, is_public
from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.release import Release, parse_release


def is_dump_folder(folder: Path) -> bool:
    """Whether a folder holds such dumps."""
    return next(folder.glob("defaults_*_*.tsv"), None) is not None


def read_dumps(folder: Path) -> Iterator[Observation]:
    """Every public row of every dump, symbol-less nodes included.

    A library that also carries another project's nodes is left out: it stands in the place of glibc's own (libxcrypt).
    Raises HarvestError with file and line for a broken row.
    """
    carried: set[tuple[str, Release, str, str]] = set()
    dumped: set[tuple[str, Release]] = set()
    foreign: set[tuple[str, Release, str]] = set()
    for path in sorted(folder.glob("defaults_*_*.tsv")):
        _, release_text, arch = path.stem.split("_", 2)
        release = parse_release(release_text)
        rows = list(_rows(path, 8))
        dumped.add((arch, release))
        foreign |= {(arch, release, row[0]) for row in rows if not is_glibcs(row[2])}
        for soname, symbol, version, mark, kind, _elf_type, _bind, size in rows:
            if is_public(version) and kind in "FDT" and (arch, release, soname) not in foreign:
                number = int(size, 16) if size and kind != "F" else 0
                carried.add((arch, release, soname, version))
                yield Observation(arch, release, soname, symbol, version, kind, number, mark == "@@", None, False)
    for path in sorted(folder.glob("verdefs_*.tsv")):
        arch = path.stem.partition("_")[2]
        for release_text, soname, version in _rows(path, 3):
            key = (arch, parse_release(release_text), soname)
            symbol_less = key[:2] in dumped and (*key, version) not in carried
            if is_public(version) and key not in foreign and symbol_less:
                yield Observation(*key, NO_SYMBOL, version, "N", 0, True, "", False)


def _rows(path: Path, columns: int) -> Iterator[list[str]]:
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
        row = line.split("\t")
        if line.startswith("#"):
            continue
        if len(row) != columns:
            raise HarvestError(f"{path}:{number}: {len(row)} columns where {columns} are wanted: {line!r}")
        yield row
