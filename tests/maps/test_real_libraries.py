"""The x86_64 table against the libraries of real glibc releases: nothing missing, nothing too much, same marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

from conftest import need_root
from symver_pin.maps.release import parse_release
from symver_pin.maps.table import View, load_table

RELEASES = ("2.17", "2.31", "2.36", "2.41", "2.43")

#: Debian built 2.31 with libnsl retired from linking, as upstream does by default since 2.26; the release itself still
#: lets a program link it, and the dumps of other distributions' 2.28 agree. Debian's libcrypt is libxcrypt.
FOREIGN = {"libcrypt.so.1"}
RETIRED_EARLY = {("2.31", "libnsl.so.1")}


class Seen(NamedTuple):
    """One export as pyelftools reads it."""

    symbol: str
    version: str
    default: bool
    type: str
    size: int
    address: int


TYPES = {"STT_FUNC": "F", "STT_OBJECT": "D", "STT_TLS": "T", "STT_LOOS": "F", "STT_GNU_IFUNC": "F"}


def read_library(path: Path) -> Iterator[Seen]:
    """The public exports of a library, read with pyelftools and not with our own reader."""
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        symbols = next(s for s in elf.iter_sections() if isinstance(s, SymbolTableSection) and s.name == ".dynsym")
        versions = next(s for s in elf.iter_sections() if isinstance(s, GNUVerSymSection))
        defined = next(s for s in elf.iter_sections() if isinstance(s, GNUVerDefSection))
        names = {definition["vd_ndx"]: next(aux).name for definition, aux in defined.iter_versions()}
        for number, symbol in enumerate(symbols.iter_symbols()):
            index = versions.get_symbol(number)["ndx"]
            if symbol["st_shndx"] in ("SHN_UNDEF", "SHN_ABS") or not isinstance(index, int):
                continue
            version = names[index & 0x7FFF]
            kind = TYPES.get(symbol["st_info"]["type"])
            if kind is None or not version.startswith("GLIBC_") or version == "GLIBC_PRIVATE":
                continue
            size = 0 if kind == "F" else symbol["st_size"]
            yield Seen(symbol.name, version, not index & 0x8000, kind, size, symbol["st_value"])


def library_path(root: Path, soname: str) -> Path:
    """Where a root keeps a library."""
    return next(path for path in sorted(root.glob(f"**/{soname}")) if path.is_file())


def view_of(release: str) -> View:
    return load_table("x86_64").view(parse_release(release))


@pytest.mark.parametrize("release", RELEASES)
def test_every_library_exports_what_the_table_says(release: str) -> None:
    root, view = need_root(release), view_of(release)
    for soname, library in view.libraries.items():
        if soname in FOREIGN:
            continue
        found = list(read_library(library_path(root, soname)))
        table = {(e.symbol, e.version): (e.type, e.size) for e in library.exports}
        assert {(s.symbol, s.version): (s.type, s.size) for s in found} == table, soname
        if (release, soname) not in RETIRED_EARLY:
            marks = {(e.symbol, e.version): e.default for e in library.exports}
            assert {(s.symbol, s.version): s.default for s in found} == marks, soname


@pytest.mark.parametrize("release", RELEASES)
def test_objects_that_share_an_address_share_an_alias_group(release: str) -> None:
    root, view = need_root(release), view_of(release)
    checked = 0
    for soname, library in view.libraries.items():
        if soname in FOREIGN:
            continue
        objects = {(e.symbol, e.version): e.alias for e in library.exports if e.type == "D"}
        by_address: dict[int, list[tuple[str, str]]] = {}
        for seen in read_library(library_path(root, soname)):
            if seen.type == "D":
                by_address.setdefault(seen.address, []).append((seen.symbol, seen.version))
        for names in by_address.values():
            groups = {objects[name] for name in names}
            if len({symbol for symbol, _ in names}) > 1:
                assert len(groups) == 1 and "" not in groups, (soname, names)
                checked += 1
    assert checked > 5


@pytest.mark.parametrize("release", ("2.36", "2.41", "2.43"))
def test_nodes_without_symbols_are_those_of_the_release(release: str) -> None:
    view = view_of(release)
    bare = {row.version for row in view.rows if row.type == "N" and row.soname == "libc.so.6"}
    expected = {"GLIBC_ABI_DT_RELR"}
    if release == "2.43":
        expected |= {"GLIBC_ABI_GNU2_TLS", "GLIBC_ABI_DT_X86_64_PLT"}
    assert bare == expected
