"""Rewrite one ELF file: carry out a ``Change``.

Code, data and debug information stay at their addresses and at their offsets in the file, so a build-id, a separate
debug file and the digest of a section still belong to it. What changes:

==========================  ==============================================================================
table                       how
==========================  ==============================================================================
``.gnu.version``            in place: the half-words of the symbols whose version changes
VERNEED, string table       written anew behind the file; the old ones are left where they were, unused
program headers             written anew behind the file, with the headers of the new segments
dynamic section             in place if it fits into the linker's spare entries, else behind the file
DT_RELR                     becomes part of DT_RELA or DT_REL, written anew behind the file with those of the PLT
ELF and section headers     in place: the new places of the above
==========================  ==============================================================================

``layout`` says where the new segments go and why there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_JMPREL,
    DT_RELR,
    DT_RELRENT,
    DT_RELRSZ,
    DT_RPATH,
    DT_RUNPATH,
    DT_STRSZ,
    DT_STRTAB,
    DT_VERDEF,
    DT_VERNEED,
    DT_VERNEEDNUM,
    DT_VERSYM,
    PT_DYNAMIC,
    PT_PHDR,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, Segment
from symver_pin.errors import RepairError
from symver_pin.machine.arch import Arch
from symver_pin.repairer.change import Change
from symver_pin.repairer.dynamic_table import changed_entries, entries_of, room_of, spare_room, table_bytes
from symver_pin.repairer.layout import Area, Place, area_behind, header_size, with_new_segments
from symver_pin.repairer.plt_marks import MARK_TAGS, addend_patches
from symver_pin.repairer.relative import relative_relocations
from symver_pin.repairer.relocation_tables import RelocationTables, read_tables
from symver_pin.repairer.sections import (
    SHT_DYNAMIC,
    SHT_GNU_VERNEED,
    SHT_REL,
    SHT_RELA,
    SHT_RELR,
    SHT_STRTAB,
    Moved,
    section_patches,
)
from symver_pin.repairer.strings import GrowingStrings
from symver_pin.repairer.versions import index_patches, need_records, new_versions

_ALIGNMENT = 8
_E_PHOFF, _E_PHNUM = {32: 28, 64: 32}, {32: 44, 64: 56}
"""The offsets of these fields in the ELF header, by class."""

Patch = tuple[int, bytes]


class Rewritten(NamedTuple):
    """A file and its changes: the old bytes with patches, then zeros and new bytes."""

    image: Image
    patches: tuple[Patch, ...]
    """(file offset, bytes), in ascending order; they do not overlap and lie within the old file."""
    appended: tuple[Patch, ...]
    """The same for what lies behind the old file."""

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The content of the new file."""
        at = 0
        view = memoryview(self.image.data)
        for offset, data in self.patches:
            yield view[at:offset]
            yield data
            at = offset + len(data)
        yield view[at:]
        at = self.image.size
        for offset, data in self.appended:
            yield bytes(offset - at)
            yield data
            at = offset + len(data)

    @property
    def data(self) -> bytes:
        """The content of the new file, as one value."""
        return b"".join(self.pieces())


class _Table(NamedTuple):
    """A table for the read-only segment, and what refers to it."""

    data: bytes
    place: Place


class _Tables:
    """The tables of the first new segment, one behind the other. The program headers come first."""

    def __init__(self, area: Area, first: int) -> None:
        """``first`` is the number of bytes that the program headers take."""
        self._area, self._at = area, area.start.offset + first
        self.tables: list[_Table] = []

    def add(self, data: bytes) -> Place:
        """Put a table behind the others."""
        self._at = -(-self._at // _ALIGNMENT) * _ALIGNMENT
        place = self._area.at(self._at)
        self.tables.append(_Table(data, place))
        self._at += len(data)
        return place

    @property
    def end(self) -> int:
        """The file offset behind the last table."""
        return self._at


def rewrite(dynamic: Dynamic, arch: Arch, change: Change) -> Rewritten:
    """The file with a change. Raises RepairError if its structure does not allow it, ElfError if it is broken."""
    image = dynamic.image
    area = area_behind(image, max(arch.format.page, 0x1000))
    moves_most = header_size(image) * (len(image.segments) + 2)
    tables = _Tables(area, moves_most)
    strings = GrowingStrings(dynamic.strings)
    values: dict[int, int] = {}
    removed: set[int] = set()
    moved: dict[tuple[int, int], Moved] = {}
    patches: list[Patch] = []

    needed = [strings.offset(name) for name in change.needed]
    if change.search_path is not None:
        has_rpath_only = DT_RPATH in dynamic.tags and DT_RUNPATH not in dynamic.tags
        values[DT_RPATH if has_rpath_only else DT_RUNPATH] = strings.offset(change.search_path)
    patches += _change_versions(dynamic, change, strings, tables, values, removed, moved)
    if change.unpacks_relative:
        _unpack_relative(dynamic, arch, change, tables, values, removed, moved)
    if change.clears_plt_addends:
        patches += addend_patches(dynamic)
        removed.update(MARK_TAGS)
    place = tables.add(bytes(strings.data))
    moved[SHT_STRTAB, dynamic.tags[DT_STRTAB]] = Moved(place.offset, place.address, len(strings.data))
    values |= {DT_STRTAB: place.address, DT_STRSZ: len(strings.data)}

    old = entries_of(dynamic)
    entries = changed_entries(old, needed, values, removed)
    return _assemble(dynamic, area, tables, (old, entries), patches, moved)


def _change_versions(
    dynamic: Dynamic,
    change: Change,
    strings: GrowingStrings,
    tables: _Tables,
    values: dict[int, int],
    removed: set[int],
    moved: dict[tuple[int, int], Moved],
) -> list[Patch]:
    """Add the new VERNEED to the tables; returns the patches of ``.gnu.version``."""
    old = dynamic.value(DT_VERNEED)
    if not change.versions and not change.dropped:
        return []
    image, table = dynamic.image, dynamic.value(DT_VERSYM)
    if old is None or table is None:
        raise RepairError(f"{image.name}: has no version records, so that its symbols cannot be bound to versions")
    versions = new_versions(dynamic, change)
    if versions.nodes:
        place = tables.add(data := need_records(image.order, versions, strings))
        count = len(versions.libraries)
        values |= {DT_VERNEED: place.address, DT_VERNEEDNUM: count}
        moved[SHT_GNU_VERNEED, old] = Moved(place.offset, place.address, len(data), count)
    else:
        removed |= {DT_VERNEED, DT_VERNEEDNUM} | ({DT_VERSYM} if DT_VERDEF not in dynamic.tags else set())
    return index_patches(dynamic, versions, image.offset_of(table, "DT_VERSYM"))


def _unpack_relative(
    dynamic: Dynamic,
    arch: Arch,
    change: Change,
    tables: _Tables,
    values: dict[int, int],
    removed: set[int],
    moved: dict[tuple[int, int], Moved],
) -> None:
    """Put the relocations of DT_RELR in front of those of DT_RELA or DT_REL, and those of the PLT behind."""
    image = dynamic.image
    if arch.relocations is None:
        raise RepairError(f"{image.name}: has DT_RELR, and the relocations of {arch.name} are not known here")
    old = read_tables(dynamic)
    start, size_tag, entry_tag, count_tag = old.tags
    added, count = relative_relocations(dynamic, arch.relocations.relative[0], image.bits == 64)
    size, kind = len(added) + len(old.ordinary), SHT_RELA if image.bits == 64 else SHT_REL
    place = tables.add(added + old.ordinary + _plt_relocations(old, dynamic, change))
    values |= {start: place.address, size_tag: size, entry_tag: image.bits // 8 * (3 if image.bits == 64 else 2)}
    values[count_tag] = count + old.counted
    removed |= {DT_RELR, DT_RELRSZ, DT_RELRENT}
    if old.place is not None:
        moved[kind, old.place] = Moved(place.offset, place.address, size)
    if old.plt_place is not None:
        values[DT_JMPREL] = place.address + size
        moved[kind, old.plt_place] = Moved(place.offset + size, place.address + size, len(old.plt))
    moved[SHT_RELR, dynamic.tags[DT_RELR]] = Moved(0, 0, 0)


def _plt_relocations(tables: RelocationTables, dynamic: Dynamic, change: Change) -> bytes:
    """The relocations of the PLT, with their addends cleared if the change says so."""
    data = bytearray(tables.plt)
    if change.clears_plt_addends and tables.plt_place is not None:
        start = dynamic.image.offset_of(tables.plt_place, "DT_JMPREL")
        for offset, zeros in addend_patches(dynamic):
            data[offset - start : offset - start + len(zeros)] = zeros
    return bytes(data)


def _assemble(
    dynamic: Dynamic,
    area: Area,
    tables: _Tables,
    entries: tuple[list[tuple[int, int]], list[tuple[int, int]]],
    patches: list[Patch],
    moved: dict[tuple[int, int], Moved],
) -> Rewritten:
    """Place the dynamic section, then write the headers that name all new places. ``entries`` are the old and the new
    ones.
    """
    image = dynamic.image
    old, new = entries
    segment = image.first(PT_DYNAMIC)
    assert segment is not None  # entries_of has raised otherwise
    appended = [(table.place.offset, table.data) for table in tables.tables]
    read_only = (area.start, tables.end - area.start.offset)
    place: tuple[Place, int] | None = None
    if len(new) <= room_of(dynamic):
        patches.append((segment.offset, table_bytes(dynamic, old, new, segment.vaddr, room_of(dynamic))))
    else:
        behind = area.at(-(-tables.end // area.page) * area.page)
        data = table_bytes(dynamic, old, new, behind.address, spare_room(new))
        appended.append((behind.offset, data))
        place = behind, len(data)
        moved[SHT_DYNAMIC, segment.vaddr] = Moved(behind.offset, behind.address, len(data))
    segments = with_new_segments(image, area.start, read_only, place, area.page)
    appended.insert(0, (area.start.offset, _header_table(image, segments)))
    offset, count = _E_PHOFF[image.bits], _E_PHNUM[image.bits]
    patches.append((offset, struct.pack(image.order + image.word, area.start.offset)))
    patches.append((count, struct.pack(image.order + "H", len(segments))))
    patches += section_patches(image, moved)
    return Rewritten(image, tuple(sorted(patches)), tuple(appended))


def _header_table(image: Image, segments: list[Segment]) -> bytes:
    """The bytes of the program headers. Those that did not change keep their physical address."""
    size = header_size(image)
    (table,) = image.unpack(image.word, _E_PHOFF[image.bits], "e_phoff")
    raw = [image.take(table + size * number, size, "program headers") for number in range(len(image.segments))]
    known = dict(zip(image.segments, raw, strict=True))
    return b"".join(
        known[segment] if segment in known and segment.type not in (PT_PHDR,) else _pack_header(image, segment)
        for segment in segments
    )


def _pack_header(image: Image, segment: Segment) -> bytes:
    kind, flags, offset, address, file_size, mem_size, align = segment
    if image.bits == 32:
        fields = (kind, offset, address, address, file_size, mem_size, flags, align)
        return struct.pack(image.order + "8I", *fields)
    return struct.pack(image.order + "2I6Q", kind, flags, offset, address, address, file_size, mem_size, align)
