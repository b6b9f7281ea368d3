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
from symver_pin.repairer.embedding.placing import member_bytes, place_members
from symver_pin.repairer.rewriting.change import Change
from symver_pin.repairer.rewriting.dynamic_table import changed_entries, entries_of, room_of, spare_room, table_bytes
from symver_pin.repairer.rewriting.layout import (
    MOST_NEW,
    Area,
    NewSegments,
    Place,
    area_behind,
    header_size,
    with_new_segments,
)
from symver_pin.repairer.rewriting.new_tables import NewTables
from symver_pin.repairer.rewriting.plt_marks import MARK_TAGS, addend_patches
from symver_pin.repairer.rewriting.relocation_tables import move_relocations
from symver_pin.repairer.rewriting.sections import (
    SHT_DYNAMIC,
    SHT_GNU_VERNEED,
    SHT_STRTAB,
    Moved,
    section_patches,
)
from symver_pin.repairer.rewriting.versions import index_patches, need_records, new_versions

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


def rewrite(dynamic: Dynamic, arch: Arch, change: Change) -> Rewritten:
    """The file with a change. Raises RepairError if its structure does not allow it, ElfError if it is broken."""
    image, embedded = dynamic.image, change.embedded
    area = area_behind(image, max(arch.format.page, 0x1000))
    start = area.start
    if embedded is not None:
        area = area.behind(-(-embedded.blob.size // area.page) * area.page)
    new = NewTables(dynamic, area, header_size(image) * (len(image.segments) + MOST_NEW))

    needed = [new.strings.offset(name) for name in change.needed]
    if change.search_path is not None:
        has_rpath_only = DT_RPATH in dynamic.tags and DT_RUNPATH not in dynamic.tags
        new.values[DT_RPATH if has_rpath_only else DT_RUNPATH] = new.strings.offset(change.search_path)
    patches = _change_versions(dynamic, change, new)
    graft, segments = None, NewSegments((area.start, 0), None)
    if embedded is not None:
        graft, segments = place_members(dynamic, arch, change, embedded, start, new)
        patches = []  # of ``.gnu.version``, which is written anew
    if change.unpacks_relative or graft is not None:
        move_relocations(dynamic, arch, change, graft, new)
    if change.clears_plt_addends:
        patches += addend_patches(dynamic)
        new.removed.update(MARK_TAGS)
    new.replace(DT_STRTAB, SHT_STRTAB, bytes(new.strings.data))
    new.values[DT_STRSZ] = len(new.strings.data)

    old = entries_of(dynamic)
    entries = changed_entries(old, needed, new.values, new.removed)
    written = _assemble(dynamic, area, new, (old, entries), segments, patches)
    if embedded is None:
        return written
    return written._replace(appended=(*member_bytes(embedded, segments), *written.appended))


def _change_versions(dynamic: Dynamic, change: Change, new: NewTables) -> list[Patch]:
    """Add the new VERNEED to the tables; returns the patches of ``.gnu.version``."""
    if not change.versions and not change.dropped:
        return []
    image, table = dynamic.image, dynamic.value(DT_VERSYM)
    if DT_VERNEED not in dynamic.tags or table is None:
        raise RepairError(f"{image.name}: has no version records, so that its symbols cannot be bound to versions")
    versions = new_versions(dynamic, change)
    if versions.nodes:
        count = len(versions.libraries)
        new.replace(DT_VERNEED, SHT_GNU_VERNEED, need_records(image.order, versions, new.strings), count)
        new.values[DT_VERNEEDNUM] = count
    else:
        new.removed |= {DT_VERNEED, DT_VERNEEDNUM} | ({DT_VERSYM} if DT_VERDEF not in dynamic.tags else set())
    return index_patches(dynamic, versions, image.offset_of(table, "DT_VERSYM"))


def _assemble(
    dynamic: Dynamic,
    area: Area,
    tables: NewTables,
    entries: tuple[list[tuple[int, int]], list[tuple[int, int]]],
    new_segments: NewSegments,
    patches: list[Patch],
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
        tables.moved[SHT_DYNAMIC, segment.vaddr] = Moved(behind.offset, behind.address, len(data))
    segments = with_new_segments(image, new_segments._replace(read_only=read_only, dynamic=place), area.page)
    appended.insert(0, (area.start.offset, _header_table(image, segments)))
    offset, count = _E_PHOFF[image.bits], _E_PHNUM[image.bits]
    patches.append((offset, struct.pack(image.order + image.word, area.start.offset)))
    patches.append((count, struct.pack(image.order + "H", len(segments))))
    patches += section_patches(image, tables.moved)
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
