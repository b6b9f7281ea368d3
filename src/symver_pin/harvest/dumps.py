"""Dumps of real libraries' symbol tables, for releases whose libraries themselves cannot be had any more.

``defaults_<release>_<arch>.tsv``: soname, symbol, version, ``@@`` or ``@``, type F/D/T, ELF type, binding, size;
``verdefs_<arch>.tsv``: release, soname, version node, of every node that a library defines.
"""

from collections.abc import Iterator
from pathlib import Path

from symver_pin.harvest.observation import Observation, is_public
from symver_pin.maps.model import NO_SYMBOL
from symver_pin.maps.release import Release, parse_release


def read_dumps(folder: Path, arch: str) -> Iterator[Observation]:
    """Every public row of every dump of one architecture, symbol-less nodes included.

    A library that also carries another project's nodes is left out: it stands in the place of glibc's own (libxcrypt).
    """
    carried: set[tuple[Release, str, str]] = set()
    foreign: set[tuple[Release, str]] = set()
    for path in sorted(folder.glob(f"defaults_*_{arch}.tsv")):
        release = parse_release(path.name.split("_")[1])
        rows = [line.split("\t") for line in path.read_text(encoding="ascii").splitlines() if not line.startswith("#")]
        foreign |= {(release, row[0]) for row in rows if not row[2].startswith("GLIBC_")}
        for soname, symbol, version, mark, kind, _elf_type, _bind, size in rows:
            if is_public(version) and kind in "FDT" and (release, soname) not in foreign:
                number = int(size, 16) if size and kind != "F" else 0
                carried.add((release, soname, version))
                yield Observation(release, soname, symbol, version, kind, number, mark == "@@", None, False)
    nodes = folder / f"verdefs_{arch}.tsv"
    if nodes.exists():
        for line in nodes.read_text(encoding="ascii").splitlines():
            release_text, soname, version = line.split("\t")
            release = parse_release(release_text)
            if is_public(version) and (release, soname) not in foreign and (release, soname, version) not in carried:
                yield Observation(release, soname, NO_SYMBOL, version, "N", 0, True, "", False)
