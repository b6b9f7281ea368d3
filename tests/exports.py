"""What a shared library exports, as pyelftools reads it: the second opinion on what our own code writes and reads."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from elftools.elf.elffile import ELFFile

_TYPES = {"STT_FUNC": "F", "STT_GNU_IFUNC": "F", "STT_LOOS": "F", "STT_OBJECT": "D", "STT_COMMON": "D", "STT_TLS": "T"}
_HIDDEN = 0x8000


class Seen(NamedTuple):
    """One exported symbol."""

    symbol: str
    version: str
    default: bool
    type: str
    size: int
    """Of data and thread-local objects; 0 for functions."""


class Exports(NamedTuple):
    """A library's soname, its version nodes but the base one, its symbols, and its data objects' names by address."""

    soname: str
    nodes: tuple[str, ...]
    symbols: frozenset[Seen]
    objects: frozenset[frozenset[Seen]]


def read_exports(library: Path | bytes) -> Exports:
    """Read a library, a file or its bytes; a symbol that only names a version node is left out."""
    with io.BytesIO(library) if isinstance(library, bytes) else library.open("rb") as stream:
        elf = ELFFile(stream)
        definitions: Any = elf.get_section_by_name(".gnu.version_d")
        names = {}
        base = ""
        for definition, auxiliaries in definitions.iter_versions():
            name = next(iter(auxiliaries)).name
            names[definition["vd_ndx"]] = name
            if definition["vd_flags"] & 1:
                base = name
        versions: Any = elf.get_section_by_name(".gnu.version")
        symbols: set[Seen] = set()
        places: defaultdict[tuple[int, int], set[Seen]] = defaultdict(set)
        dynsym: Any = elf.get_section_by_name(".dynsym")
        for number, symbol in enumerate(dynsym.iter_symbols()):
            section, kind = symbol["st_shndx"], symbol["st_info"]["type"]
            if section in ("SHN_UNDEF", "SHN_ABS") or symbol["st_info"]["bind"] == "STB_LOCAL" or kind not in _TYPES:
                continue
            word = versions.get_symbol(number)["ndx"]
            index = 1 if word == "VER_NDX_GLOBAL" else int(word)
            kind = _TYPES[kind]
            size = symbol["st_size"] if kind != "F" else 0
            version = "" if index == 1 else names[index & ~_HIDDEN]
            seen = Seen(symbol.name, version, not index & _HIDDEN, kind, size)
            symbols.add(seen)
            if kind != "F":
                places[section, symbol["st_value"]].add(seen)
        nodes = tuple(name for name in names.values() if name != base)
        return Exports(base, nodes, frozenset(symbols), frozenset(map(frozenset, places.values())))


def read_addresses(path: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """(symbol, version) -> (address, size) of what a library with version nodes exports."""
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        definitions: Any = elf.get_section_by_name(".gnu.version_d")
        names = {definition["vd_ndx"]: next(iter(aux)).name for definition, aux in definitions.iter_versions()}
        versions: Any = elf.get_section_by_name(".gnu.version")
        dynsym: Any = elf.get_section_by_name(".dynsym")
        found = {}
        for number, symbol in enumerate(dynsym.iter_symbols()):
            word = versions.get_symbol(number)["ndx"]
            if symbol["st_shndx"] not in ("SHN_UNDEF", "SHN_ABS") and isinstance(word, int):
                found[symbol.name, names[word & ~_HIDDEN]] = (symbol["st_value"], symbol["st_size"])
        return found
