"""The dynamic section of a rewritten file: its entries in their new order, and whether they fit into the old place.

Linkers leave spare entries at the end (``-z spare-dynamic-tags``: five by default in GNU ld), and most repairs need no
more than these. A section that stays is still protected after relocation (PT_GNU_RELRO); one that moves is not.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence

from symver_pin.elf.constants import DT_NEEDED, DT_NULL, EM_MIPS, PT_DYNAMIC
from symver_pin.elf.dynamic import Dynamic
from symver_pin.errors import ElfError

DT_MIPS_RLD_MAP_REL = 0x70000035
"""Its value counts from the address of the entry itself (MIPS psABI supplement of binutils)."""
PRELINK_TAGS = frozenset({0x6FFFFDF5, 0x6FFFFDF8})
"""DT_GNU_PRELINKED and DT_CHECKSUM, by which a prelinked program knows that a library is still the one to which it was
bound. A rewritten library is another one."""
_SPARE = 4
"""The spare entries of a section that moves, for whoever changes the file next."""

Entries = list[tuple[int, int]]


def entries_of(dynamic: Dynamic) -> Entries:
    """(tag, value) of the entries before DT_NULL, in order."""
    image, segment = dynamic.image, dynamic.image.first(PT_DYNAMIC)
    if segment is None:
        raise ElfError(f"{image.name}: has no dynamic section")
    size = image.bits // 4
    raw = image.take(segment.offset, segment.file_size // size * size, "PT_DYNAMIC")
    found: Entries = []
    for tag, value in struct.iter_unpack(image.order + image.word * 2, raw):
        if tag == DT_NULL:
            break
        found.append((tag, value))
    return found


def changed_entries(
    entries: Entries, needed: Sequence[int], values: Mapping[int, int], removed: Collection[int]
) -> Entries:
    """The entries with other DT_NEEDED (offsets of names), other values of some tags, and without the removed ones and
    those of prelink. Tags of ``values`` that the file does not have are added at the end.
    """
    gone = {DT_NEEDED, *removed, *PRELINK_TAGS}
    kept = [(tag, values.get(tag, value)) for tag, value in entries if tag not in gone]
    present = {tag for tag, _value in kept}
    added = [(tag, value) for tag, value in values.items() if tag not in present]
    return [*((DT_NEEDED, offset) for offset in needed), *kept, *added]


def room_of(dynamic: Dynamic) -> int:
    """The number of entries that fit into the section's place, DT_NULL at the end not counted."""
    segment = dynamic.image.first(PT_DYNAMIC)
    return 0 if segment is None else segment.file_size // (dynamic.image.bits // 4) - 1


def table_bytes(dynamic: Dynamic, old: Entries, new: Entries, address: int, room: int) -> bytes:
    """The bytes of the section at an address, filled with DT_NULL up to ``room`` entries and the final one."""
    image = dynamic.image
    size = image.bits // 4
    if image.machine == EM_MIPS:
        segment = image.first(PT_DYNAMIC)
        before = segment.vaddr if segment is not None else 0
        targets = [
            before + size * number + value for number, (tag, value) in enumerate(old) if tag == DT_MIPS_RLD_MAP_REL
        ]
        mask = (1 << image.bits) - 1
        new = [
            (tag, (targets[0] - (address + size * number)) & mask if tag == DT_MIPS_RLD_MAP_REL else value)
            for number, (tag, value) in enumerate(new)
        ]
    layout = struct.Struct(image.order + image.word * 2)
    return b"".join(layout.pack(*entry) for entry in new).ljust(size * (room + 1), b"\0")


def spare_room(entries: Entries) -> int:
    """The room of a section that moves."""
    return len(entries) + _SPARE
