"""Put members into the file that is rewritten: their two segments, and the tables that know them."""

from __future__ import annotations

from symver_pin.elf.constants import DT_FLAGS_1, PT_GNU_EH_FRAME
from symver_pin.elf.dynamic import Dynamic
from symver_pin.machine.arch import Arch
from symver_pin.repairer.embedding.graft import Graft
from symver_pin.repairer.rewriting.change import Change, Embedded
from symver_pin.repairer.rewriting.layout import NewSegments, Place
from symver_pin.repairer.rewriting.new_tables import NewTables
from symver_pin.repairer.rewriting.sections import SHT_PROGBITS, SHT_X86_64_UNWIND, Moved
from symver_pin.repairer.rewriting.versions import new_versions

_DF_1_NODELETE = 8


def place_members(
    dynamic: Dynamic, arch: Arch, change: Change, embedded: Embedded, start: Place, new: NewTables
) -> tuple[Graft, NewSegments]:
    """Add the tables of a file that gets members at a place. Returns what knows its relocations, and its segments
    without the read-only one.
    """
    graft, blob = Graft(dynamic, arch, embedded, start.address), embedded.blob
    for tag, kind, data in graft.symbols(new_versions(dynamic, change), new.strings):
        new.replace(tag, kind, data)
    if embedded.stays_loaded:
        new.values[DT_FLAGS_1] = (dynamic.value(DT_FLAGS_1) or 0) | _DF_1_NODELETE
    behind = Place(start.offset + len(blob.code), start.address + len(blob.code))
    segments = NewSegments((start, 0), None, ((start, len(blob.code)), (behind, blob.size - len(blob.code))))
    place, old = new.next, dynamic.image.first(PT_GNU_EH_FRAME)
    table = graft.unwind_table(place.address)
    if table is None or old is None:
        return graft, segments
    new.add(table)
    for kind in (SHT_PROGBITS, SHT_X86_64_UNWIND):
        new.moved[kind, old.vaddr] = Moved(place.offset, place.address, len(table))
    return graft, segments._replace(unwind=(place, len(table)))


def member_bytes(embedded: Embedded, segments: NewSegments) -> tuple[tuple[int, bytes], ...]:
    """(file offset, bytes) of the members."""
    if segments.members is None:
        return ()
    (code, _size), (data, size) = segments.members
    return (code.offset, embedded.blob.code), (data.offset, embedded.blob.data.ljust(size, b"\0"))
