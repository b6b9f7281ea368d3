"""Section headers of a rewritten file: they follow the tables that moved, so that tools find them.

No loader reads them. A file without section headers, or with headers that do not fit, stays without.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from symver_pin.elf.image import Image

SHT_PROGBITS, SHT_STRTAB, SHT_RELA, SHT_DYNAMIC, SHT_REL, SHT_RELR = 1, 3, 4, 6, 9, 19
SHT_GNU_VERNEED = 0x6FFFFFFE
_NARROW, _WIDE = "IIIIIIIIII", "IIQQQQIIQQ"


class Moved(NamedTuple):
    """A new place of a section."""

    offset: int
    address: int
    size: int
    info: int | None = None
    """sh_info; None to leave it."""


def section_patches(image: Image, moved: Mapping[tuple[int, int], Moved]) -> Iterator[tuple[int, bytes]]:
    """(file offset, bytes) of the changed section headers. ``moved`` maps (type, old address) to the new place."""
    layout = struct.Struct(image.order + (_NARROW if image.bits == 32 else _WIDE))
    if image.section_entry_size != layout.size or not image.section_offset:
        return
    if image.section_offset + image.section_count * layout.size > image.size:
        return
    for number in range(image.section_count):
        at = image.section_offset + number * layout.size
        name, kind, flags, address, offset, size, link, info, align, entry = layout.unpack(
            image.take(at, layout.size, "section header")
        )
        place = moved.get((kind, address))
        if kind == SHT_RELR and place is not None:  # what is left of it is data that nothing reads
            yield at, layout.pack(name, SHT_PROGBITS, flags, address, offset, size, link, info, align, 0)
        elif place is not None:
            new_info = info if place.info is None else place.info
            fields = (name, kind, flags, place.address, place.offset, place.size, link, new_info, align, entry)
            yield at, layout.pack(*fields)
