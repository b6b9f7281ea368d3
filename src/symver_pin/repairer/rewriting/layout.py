"""Where the new tables of a rewritten file go: segments behind everything that the file has.

The program header table must grow by the headers of these segments, and what follows it in the file stays where it is,
so the table moves too. It cannot go to any place. Kernels before 5.18 tell the program where its headers are
(AT_PHDR) as *load address + e_phoff*, where the load address is the address of the first segment less its offset. The
loader takes the dynamic section and the base address of a position-independent program from there. So the difference
of the table's address and its file offset must be that of the first segment::

    address = file offset + distance          distance = first segment's address - first segment's offset

Addresses behind the file's own are free only after the last segment, .bss included. Where that ends beyond the end of
the file, the file gets a hole: nothing is written there, and file systems store nothing.

What else kernels and loaders demand, all of which this keeps: PT_PHDR stands before the first PT_LOAD; PT_LOADs are in
ascending order of addresses, the last one highest; address and offset of each agree modulo its alignment. The heap
(brk) begins behind the highest segment.

The first new segment is read-only: headers, VERNEED, strings, relocations. A dynamic section that outgrows its place
gets a writable one of its own, since loaders write to it.
"""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.constants import PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_EH_FRAME, PT_LOAD, PT_PHDR
from symver_pin.elf.image import Image, Segment
from symver_pin.errors import RepairError

MAX_HOLE = 1 << 30
"""The largest hole in bytes. A .bss of a gigabyte is rare, and what copies the file may fill the hole with zeros."""
MOST_NEW = 4
"""So many segments are added at most."""
_PN_XNUM = 0xFFFF


class Place(NamedTuple):
    """Where something lies."""

    offset: int
    """In the file."""
    address: int


class Area(NamedTuple):
    """The space behind a file: where the first new segment begins."""

    start: Place
    page: int
    """The alignment of segments: the largest page of the architecture's kernels."""

    @property
    def distance(self) -> int:
        """Address less file offset."""
        return self.start.address - self.start.offset

    def behind(self, size: int) -> Area:
        """The space behind the first ``size`` bytes, which are whole pages."""
        return Area(self.at(self.start.offset + size), self.page)

    def at(self, offset: int) -> Place:
        """The place at a file offset."""
        return Place(offset, offset + self.distance)


def area_behind(image: Image, page: int) -> Area:
    """The space behind all segments and all bytes of a file. ``page`` is the largest page size, in bytes.

    Raises RepairError if the file's segments leave no such space.
    """
    loads = [segment for segment in image.segments if segment.type == PT_LOAD]
    if not loads:
        raise RepairError(f"{image.name}: has no segment to load")
    distance = loads[0].vaddr - loads[0].offset
    if distance % page or distance < 0:
        if distance < 0 or distance % 0x1000:
            raise RepairError(
                f"{image.name}: the address of its first segment and its place in the file differ by {distance:#x}, no "
                f"whole number of pages, so that its program headers cannot be moved"
            )
        page = 0x1000
    end = max(segment.vaddr + max(segment.mem_size, segment.file_size) for segment in loads)
    offset = -(-max(image.size, end - distance) // page) * page
    if offset - image.size > MAX_HOLE:
        raise RepairError(
            f"{image.name}: its memory ends {offset - image.size:#x} bytes behind the end of the file; a repair needs "
            f"a hole of that size, and the limit is {MAX_HOLE:#x}"
        )
    limit = 1 << image.bits
    if offset + distance + (1 << 24) > limit:
        raise RepairError(f"{image.name}: no addresses are free behind its last segment")
    return Area(Place(offset, offset + distance), page)


class NewSegments(NamedTuple):
    """The places and sizes of new segments."""

    read_only: tuple[Place, int]
    """The one that begins with the program headers."""
    dynamic: tuple[Place, int] | None
    """The one of the dynamic section; None if that stays."""
    members: tuple[tuple[Place, int], tuple[Place, int]] | None = None
    """Code and data of embedded members, in front of the others; None if there are none."""
    unwind: tuple[Place, int] | None = None
    """The table of unwind information within the read-only one; None if that stays."""


def with_new_segments(image: Image, new: NewSegments, page: int) -> list[Segment]:
    """The new program headers. ``page`` is the alignment of segments."""
    segments = list(image.segments)
    last = max(number for number, segment in enumerate(segments) if segment.type == PT_LOAD)
    added = [_load(PF_R, *new.read_only, page)]
    if new.members is not None:
        code, data = new.members
        added[0:0] = [_load(PF_R | PF_X, *code, page), _load(PF_R | PF_W, *data, page)]
    if new.dynamic is not None:
        added.append(_load(PF_R | PF_W, *new.dynamic, page))
    segments[last + 1 : last + 1] = added
    if len(segments) >= _PN_XNUM:
        raise RepairError(f"{image.name}: has too many program headers")
    size = len(segments) * header_size(image)
    moved = {PT_PHDR: (new.read_only[0], size), PT_DYNAMIC: new.dynamic, PT_GNU_EH_FRAME: new.unwind}
    return [_moved(segment, moved.get(segment.type)) for segment in segments]


def header_size(image: Image) -> int:
    """The size of a program header."""
    return 32 if image.bits == 32 else 56


def _load(flags: int, place: Place, size: int, page: int) -> Segment:
    return Segment(PT_LOAD, flags, place.offset, place.address, size, size, page)


def _moved(segment: Segment, to: tuple[Place, int] | None) -> Segment:
    if to is None:
        return segment
    (offset, address), size = to
    return segment._replace(offset=offset, vaddr=address, file_size=size, mem_size=size)
