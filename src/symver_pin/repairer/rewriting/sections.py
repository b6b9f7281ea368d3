"""Section headers of a rewritten file: they follow the tables that moved, so that tools find them.

No loader reads them. A file without section headers, or with headers that do not fit, stays without. Symbols of
``.symtab`` that stand for such a section or its start (``_DYNAMIC``) move with it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from symver_pin.elf.image import Image, integers

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_DYNAMIC, SHT_REL, SHT_RELR = 1, 2, 3, 4, 6, 9, 19
SHT_GNU_VERNEED, SHT_X86_64_UNWIND = 0x6FFFFFFE, 0x70000001
_NARROW, _WIDE = "IIIIIIIIII", "IIQQQQIIQQ"


class Moved(NamedTuple):
    """A new place of a section."""

    offset: int
    address: int
    size: int
    info: int | None = None
    """sh_info; None to leave it."""


class _Section(NamedTuple):
    """A section header."""

    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int


def section_patches(image: Image, moved: Mapping[tuple[int, int], Moved]) -> Iterator[tuple[int, bytes]]:
    """(file offset, bytes) of the changed section headers and symbols. ``moved`` maps (type, old address) to the new
    place.
    """
    layout = struct.Struct(image.order + (_NARROW if image.bits == 32 else _WIDE))
    if image.section_entry_size != layout.size or not image.section_offset:
        return
    if image.section_offset + image.section_count * layout.size > image.size:
        return
    raw = image.take(image.section_offset, image.section_count * layout.size, "section headers")
    sections = [_Section(*fields) for fields in layout.iter_unpack(raw)]
    distances: dict[int, int] = {}
    for number, section in enumerate(sections):
        place = moved.get((section.type, section.address))
        if place is None:
            continue
        if section.type == SHT_RELR:  # what is left of it is data that nothing reads
            new = section._replace(type=SHT_PROGBITS, entry_size=0)
        else:
            distances[number] = place.address - section.address
            info = section.info if place.info is None else place.info
            new = section._replace(address=place.address, offset=place.offset, size=place.size, info=info)
        yield image.section_offset + number * layout.size, layout.pack(*new)
    for section in sections:
        if section.type == SHT_SYMTAB and distances:
            yield from _symbol_patches(image, section, distances)


def _symbol_patches(image: Image, table: _Section, distances: Mapping[int, int]) -> Iterator[tuple[int, bytes]]:
    """The values of the symbols in sections that moved. ``distances``: section number -> how far it moved."""
    size, section_at, value_at = (24, 6, 8) if image.bits == 64 else (16, 14, 4)
    if table.offset + table.size > image.size:
        return
    raw = image.take(table.offset, table.size // size * size, ".symtab")
    word, mask = struct.Struct(image.order + image.word), (1 << image.bits) - 1
    for number, section in enumerate(integers(raw, "H", image.order)[section_at // 2 :: size // 2]):
        if section in distances:
            at = number * size + value_at
            (value,) = word.unpack_from(raw, at)
            yield table.offset + at, word.pack((value + distances[section]) & mask)
