"""The dynamic symbol table in bulk: its columns, its length, the symbols that a file imports, the names it exports.

**How long it is** is written nowhere that the loader looks: it only ever follows hash chains and relocations. DT_HASH's
chain count is the length. DT_GNU_HASH leaves undefined symbols out, so its last chain ends at the table's end only when
something is hashed at all; GNU ld writes an empty one for an executable that exports nothing (first index 1, whatever
comes before). For that case the section header of ``.dynsym`` counts, and where sections are stripped, the highest
symbol that a relocation names: the loader touches no other.

**What is an import**: an undefined symbol, and also a *defined* one whose version index belongs to VERNEED: the copy of
a library's variable in an executable (copy relocation), looked up in that library at start.

A library with 50,000 symbols is read as four strided columns rather than 50,000 records.
"""

import struct
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from symver_pin.elf.image import Image
from symver_pin.errors import ElfError

if TYPE_CHECKING:
    from symver_pin.elf.dynamic import Dynamic

SHT_DYNSYM = 11
_SHN_ABS, _STT_TLS = 0xFFF1, 6
#: GLOBAL, WEAK, GNU_UNIQUE.
_GLOBAL_BINDINGS = frozenset({1, 2, 10})
#: INTERNAL, HIDDEN.
_HIDDEN_VISIBILITIES = frozenset({1, 2})
#: NOTYPE, OBJECT, FUNC, COMMON, TLS, GNU_IFUNC.
_SOUGHT_TYPES = frozenset({0, 1, 2, 5, 6, 10})
_NATIVE = "<" if sys.byteorder == "little" else ">"


class Import(NamedTuple):
    """One symbol that the loader must find in another file."""

    name: str
    version: str | None
    """The version node, None for an unversioned reference."""
    library: str | None
    """The library that VERNEED names for that node; None for an unversioned reference, and for a node of its own."""
    weak: bool
    """An undefined weak symbol resolves to zero where it is not found."""
    number: int
    """Its index in the symbol table, as relocations name it."""
    copied: bool
    """True for the executable's copy of a library's variable."""


class Columns(NamedTuple):
    """The columns of a symbol table, one value a symbol."""

    names: Sequence[int]
    infos: bytes
    others: bytes
    sections: Sequence[int]


def words(raw: memoryview, code: Literal["H", "I", "Q"], image: Image) -> "memoryview[int]":
    """Bytes as integers (struct code H, I or Q) of the file's byte order; ``raw`` must be whole words long."""
    if image.order == _NATIVE:
        return raw.cast(code)
    from array import array

    swapped = array(code, bytes(raw))
    swapped.byteswap()
    return memoryview(swapped)


def string_budget(size: int) -> int:
    """How many bytes of strings may be read out of a string table of ``size`` bytes.

    Strings may share their tails, but those that add up to far more than their table are made to exhaust memory.
    """
    return min(8 * size + 0x10000, size + 0x1000_0000)


def symbol_size(image: Image) -> int:
    """The size of one symbol table entry in bytes."""
    return 24 if image.bits == 64 else 16


def read_columns(image: Image, raw: memoryview) -> Columns:
    """Split a symbol table into columns. 64-bit: name, info, other, section, value, size; 32-bit: name, value, size,
    info, other, section.
    """
    half_words, full_words = words(raw, "H", image), words(raw, "I", image)
    if image.bits == 64:
        return Columns(full_words[0::6].tolist(), bytes(raw[4::24]), bytes(raw[5::24]), half_words[3::12].tolist())
    return Columns(full_words[0::4].tolist(), bytes(raw[12::16]), bytes(raw[13::16]), half_words[7::8].tolist())


def count_by_gnu_hash(image: Image, offset: int) -> int | None:
    """The table's length by DT_GNU_HASH, or None when nothing is hashed and it says nothing."""
    bucket_count, first_hashed, bloom, _shift = image.unpack("IIII", offset, "DT_GNU_HASH")
    at = offset + 16 + bloom * image.bits // 8
    buckets = words(image.take(at, bucket_count * 4, "DT_GNU_HASH buckets"), "I", image)
    highest = max(buckets, default=0)
    if highest < first_hashed or highest == 0:
        return None
    chain = at + bucket_count * 4 + (highest - first_hashed) * 4
    # Bit 0 marks the last word of a chain. Real chains end within a few words; look further only when they do not.
    for span in (64, 4096, (len(image.data) - chain) // 4):
        size = max(0, min(span * 4, (len(image.data) - chain) // 4 * 4))
        for position, word in enumerate(words(image.take(chain, size, "DT_GNU_HASH chain"), "I", image)):
            if word & 1:
                return highest + position + 1
    raise ElfError(f"{image.name}: the last chain of DT_GNU_HASH at offset {chain:#x} has no end: broken")


def count_by_sections(image: Image, table: int) -> int:
    """The number of symbols by ``.dynsym``'s section header; 0 when sections are stripped or tell of another table."""
    layout = struct.Struct(image.order + ("IIIIIIIIII" if image.bits == 32 else "IIQQQQIIQQ"))
    if image.section_entry_size != layout.size or image.section_offset == 0:
        return 0
    size = image.section_count * layout.size
    if image.section_offset + size > len(image.data):
        return 0
    for section in layout.iter_unpack(image.take(image.section_offset, size, "section headers")):
        if section[1] == SHT_DYNSYM and section[3] == table:
            return int(section[5]) // symbol_size(image)
    return 0


def read_imports(dynamic: "Dynamic") -> tuple[Import, ...]:
    """Every import, in table order. Raises ElfError when the tables are broken."""
    image, columns, versions = dynamic.image, dynamic.columns, dynamic.versions
    if columns is None:
        return ()
    needs = dynamic.needs_by_index
    names, infos, _others, sections = columns
    text = dynamic.string_bytes
    budget = string_budget(len(text))
    found = []
    for index, section in enumerate(sections):
        version_index = versions[index] & 0x7FFF if versions else 1
        need = needs.get(version_index) if version_index > 1 else None
        if section != 0 and need is None:
            continue
        bind = infos[index] >> 4
        if bind == 0 or index == 0:
            continue
        offset = names[index]
        end = text.find(b"\0", offset)
        budget -= end - offset
        if end < 0 or budget < 0:
            raise ElfError(f"{image.name}: name of symbol {index} at offset {offset:#x} of DT_STRTAB has no end")
        name = text[offset:end].decode("utf-8", "surrogateescape")
        version = library = None
        if need is not None:
            version, library = need.version, need.library
        elif version_index > 1:
            # The loader takes an index that nothing defines for no version at all.
            own = dynamic.definitions_by_index.get(version_index)
            version = None if own is None or own.base else own.version
        found.append(Import(name, version, library, bind == 2, index, section != 0))
    return tuple(found)


def read_exports(dynamic: "Dynamic") -> dict[str, list[int]]:
    """Name -> the raw version indexes (hidden bit included) of every symbol that a look-up can find in the file.

    Left out, as the loader does: undefined symbols, local and hidden ones, those without an address (but absolute and
    thread-local ones), and types that are neither code nor data. Raises ElfError when the tables are broken.
    """
    columns, versions, raw = dynamic.columns, dynamic.versions, dynamic.symbol_bytes
    found: dict[str, list[int]] = {}
    if columns is None or raw is None:
        return found
    image, text = dynamic.image, dynamic.string_bytes
    values = words(raw, "Q", image)[1::3] if image.bits == 64 else words(raw, "I", image)[1::4]
    budget = string_budget(len(text))
    names, infos, others, sections = columns
    for index, section in enumerate(sections):
        kind = infos[index] & 15
        if section == 0 or infos[index] >> 4 not in _GLOBAL_BINDINGS or kind not in _SOUGHT_TYPES:
            continue
        if others[index] & 3 in _HIDDEN_VISIBILITIES:
            continue
        if values[index] == 0 and section != _SHN_ABS and kind != _STT_TLS:
            continue
        offset = names[index]
        end = text.find(b"\0", offset)
        budget -= end - offset
        if end < 0 or budget < 0:
            raise ElfError(f"{image.name}: name of symbol {index} at offset {offset:#x} of DT_STRTAB has no end")
        name = text[offset:end].decode("utf-8", "surrogateescape")
        found.setdefault(name, []).append(versions[index] if versions else 1)
    return found
