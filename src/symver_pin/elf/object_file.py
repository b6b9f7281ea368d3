"""Read ``.symtab``: the symbols that an object file (ET_REL) defines and needs, and the functions of any file.

The symbols are in the one section of type SHT_SYMTAB, their names in the string table that its ``sh_link`` refers to.
"""

import struct
from bisect import bisect_right
from collections.abc import Collection, Iterator
from typing import NamedTuple

from symver_pin.elf.dynamic_section import string_budget
from symver_pin.elf.image import Image, integers
from symver_pin.elf.relocations import unpack_relocations
from symver_pin.errors import ElfError

_SHT_SYMTAB, _SHT_RELA, _SHT_REL = 2, 4, 9
_SHN_UNDEF = 0
_SHSTRNDX_32, _SHSTRNDX_64 = 0x32, 0x3E
"""The offsets of e_shstrndx in the ELF header."""
_STB_GLOBAL, _STB_WEAK, _STB_GNU_UNIQUE = 1, 2, 10
_STT_OBJECT, _STT_FUNC = 1, 2
_EM_ARM = 40
_LONGEST = 200
"""Longer names are cut."""
_MOST_SYMBOLS = 1 << 21
"""The functions of a file with more symbols are not read."""


class ObjectSymbols(NamedTuple):
    """The symbols of one object file."""

    defined: frozenset[str]
    """Global and weak symbols that it defines, common ones included."""
    undefined: frozenset[str]
    """Undefined symbols that the link must find, without weak ones, which may be missing."""
    is_slim: bool
    """True if it holds GCC's intermediate code alone (-flto without -ffat-lto-objects): no machine code, no symbols."""


def read_object_symbols(image: Image) -> ObjectSymbols:
    """The symbols of an object. Raises ElfError when its tables are broken."""
    sections = _sections(image)
    table = next((section for section in sections if section[1] == _SHT_SYMTAB), None)
    if table is None:
        return ObjectSymbols(frozenset(), frozenset(), False)
    raw, text = _symbol_table(image, table, sections)
    # 64-bit records: name, info, other, section, value, size; 32-bit: name, value, size, info, other, section.
    wide = image.bits == 64
    size = 24 if wide else 16
    names = integers(raw, "I", image.order)[0 :: size // 4]
    infos = raw[4 if wide else 12 :: size]
    places = integers(raw, "H", image.order)[3 if wide else 7 :: size // 2]
    budget = string_budget(len(text))
    defined: set[str] = set()
    undefined: set[str] = set()
    for offset, info, section in zip(names, infos, places, strict=True):
        bind = info >> 4
        if bind not in (_STB_GLOBAL, _STB_WEAK, _STB_GNU_UNIQUE) or (section == _SHN_UNDEF and bind == _STB_WEAK):
            continue
        end = text.find(b"\0", offset)
        budget -= end - offset
        if end < 0 or budget < 0:
            raise ElfError(f"{image.name}: a name at offset {offset:#x} of its string table has no end: broken")
        (undefined if section == _SHN_UNDEF else defined).add(text[offset:end].decode("utf-8", "surrogateescape"))
    is_slim = not undefined and defined <= {"__gnu_lto_slim"} and _has_gcc_lto(image, sections)
    return ObjectSymbols(frozenset(defined), frozenset(undefined), is_slim)


class Function(NamedTuple):
    """A function, or an object, of ``.symtab``."""

    section: int
    """The index of its section."""
    start: int
    """Its address; in an object file its place in the section."""
    size: int
    name: str


def read_functions(image: Image) -> list[Function]:
    """The functions and objects that have a size. Raises ElfError when the tables are broken."""
    sections = _sections(image)
    table = next((section for section in sections if section[1] == _SHT_SYMTAB), None)
    return [] if table is None else _functions(image, *_symbol_table(image, table, sections))


def _functions(image: Image, raw: bytes, text: bytes) -> list[Function]:
    """The functions and objects of one symbol table."""
    found: list[Function] = []
    if len(raw) // 16 > _MOST_SYMBOLS:
        return found
    for offset, info, section, value, size in _records(image, raw):
        if info & 15 in (_STT_FUNC, _STT_OBJECT) and section != _SHN_UNDEF and size:
            start = value - (image.machine == _EM_ARM and value & 1)  # Thumb code
            name = text[offset : text.find(b"\0", offset)][:_LONGEST].decode("utf-8", "replace")
            found.append(Function(section, start, size, name))
    return found


def functions_referring_to(image: Image, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Undefined symbol -> the functions and objects of an object file that relocations of it lie in, sorted.

    Raises ElfError when its tables are broken.
    """
    sections = _sections(image)
    at = next((number for number, section in enumerate(sections) if section[1] == _SHT_SYMTAB), None)
    if at is None:
        return {}
    raw, text = _symbol_table(image, sections[at], sections)
    name_of = {name.encode("utf-8", "surrogateescape"): name for name in names}
    numbers: dict[int, str] = {}
    for number, (offset, _info, section, _value, _size) in enumerate(_records(image, raw)):
        name = name_of.get(text[offset : text.find(b"\0", offset)]) if section == _SHN_UNDEF else None
        if name is not None:
            numbers[number] = name
    functions: dict[int, list[Function]] = {}
    for function in sorted(_functions(image, raw, text)):
        functions.setdefault(function.section, []).append(function)
    found: dict[str, set[str]] = {}
    for header in sections:
        if header[1] not in (_SHT_RELA, _SHT_REL) or header[6] != at:
            continue
        inside, with_addend = functions.get(header[7], []), header[1] == _SHT_RELA
        entry = image.bits // 8 * (3 if with_addend else 2)
        table = image.take(header[4], header[5] // entry * entry, "relocations")
        for relocation in unpack_relocations(image, table, with_addend):
            if relocation.symbol in numbers:
                nearest = bisect_right(inside, relocation.address, key=lambda function: function.start) - 1
                if nearest >= 0 and relocation.address < inside[nearest].start + inside[nearest].size:
                    found.setdefault(numbers[relocation.symbol], set()).add(inside[nearest].name)
    return {name: tuple(sorted(users)) for name, users in found.items()}


def _records(image: Image, raw: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """(name offset, info, section, value, size) of each symbol."""
    if image.bits == 64:
        for name, info, _other, section, value, size in struct.iter_unpack(f"{image.order}IBBHQQ", raw):
            yield name, info, section, value, size
    else:
        for name, value, size, info, _other, section in struct.iter_unpack(f"{image.order}IIIBBH", raw):
            yield name, info, section, value, size


def _symbol_table(image: Image, table: tuple[int, ...], sections: list[tuple[int, ...]]) -> tuple[bytes, bytes]:
    """The records of a symbol table, and its strings."""
    size = 24 if image.bits == 64 else 16
    raw = image.take(table[4], table[5] // size * size, "symbol table")
    if table[6] >= len(sections):
        raise ElfError(f"{image.name}: its symbol table has no string table: broken")
    strings = sections[table[6]]
    return raw, image.take(strings[4], strings[5], "string table")


def _has_gcc_lto(image: Image, sections: list[tuple[int, ...]]) -> bool:
    """True if there are sections ``.gnu.lto_...``."""
    (index,) = image.unpack("H", _SHSTRNDX_64 if image.bits == 64 else _SHSTRNDX_32, "e_shstrndx")
    if index >= len(sections):
        return False
    names = image.take(sections[index][4], sections[index][5], "section names")
    return any(names.startswith(b".gnu.lto_", section[0]) for section in sections)


def _sections(image: Image) -> list[tuple[int, ...]]:
    """The section headers: name, type, flags, address, offset, size, link, info, alignment, entry size."""
    layout = struct.Struct(image.order + ("IIIIIIIIII" if image.bits == 32 else "IIQQQQIIQQ"))
    if image.section_entry_size != layout.size or image.section_offset == 0:
        return []
    first = image.take(image.section_offset, layout.size, "section headers")
    # With 0xff00 sections or more the count is in the first header's size.
    count = image.section_count or layout.unpack(first)[5]
    return list(layout.iter_unpack(image.take(image.section_offset, count * layout.size, "section headers")))
