"""The relocations of a rewritten file: those of DT_RELR become ordinary ones, and those of the PLT follow.

Loaders of 2.16 to 2.22 that bind at once (``-z now``, LD_BIND_NOW, RTLD_NOW) do not look at DT_JMPREL: they go on
behind the end of DT_RELA or DT_REL for DT_PLTRELSZ bytes (``_ELF_DYNAMIC_DO_RELOC`` in glibc's dynamic-link.h). So
where one table moves, the other one moves too, and follows it. Some linkers count the relocations of the PLT into the
table before them.
"""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_JMPREL,
    DT_PLTREL,
    DT_PLTRELSZ,
    DT_REL,
    DT_RELA,
    DT_RELACOUNT,
    DT_RELAENT,
    DT_RELASZ,
    DT_RELCOUNT,
    DT_RELENT,
    DT_RELR,
    DT_RELRENT,
    DT_RELRSZ,
    DT_RELSZ,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.errors import RepairError
from symver_pin.machine.arch import Arch
from symver_pin.repairer.embedding.graft import Graft
from symver_pin.repairer.rewriting.change import Change
from symver_pin.repairer.rewriting.new_tables import NewTables
from symver_pin.repairer.rewriting.plt_marks import addend_patches
from symver_pin.repairer.rewriting.relative import relative_relocations
from symver_pin.repairer.rewriting.sections import SHT_REL, SHT_RELA, SHT_RELR, Moved


class RelocationTables(NamedTuple):
    """The relocations of a file, without those of DT_RELR."""

    tags: tuple[int, int, int, int]
    """DT_RELA or DT_REL, with the tags of its size, of the size of an entry, and of the number of relative ones."""
    place: int | None
    """The address of the ordinary ones; None if there are none."""
    ordinary: bytes
    counted: int
    """The number of relative relocations at the beginning of ``ordinary``."""
    plt_place: int | None
    """The address of those of the PLT, if they are of the same form; None if there are none."""
    plt: bytes


def read_tables(dynamic: Dynamic) -> RelocationTables:
    """The relocations of a file. Raises RepairError if its tables lie in each other, ElfError if they are broken."""
    image = dynamic.image
    if image.bits == 32 and DT_RELA in dynamic.tags:
        raise RepairError(f"{image.name}: has DT_RELR together with DT_RELA of 32 bits, which no known linker makes")
    tags = (
        (DT_RELA, DT_RELASZ, DT_RELAENT, DT_RELACOUNT)
        if image.bits == 64
        else (DT_REL, DT_RELSZ, DT_RELENT, DT_RELCOUNT)
    )
    place, size = dynamic.value(tags[0]), dynamic.value(tags[1]) or 0
    plt_place, plt_size = dynamic.value(DT_JMPREL), dynamic.value(DT_PLTRELSZ) or 0
    if dynamic.value(DT_PLTREL) != tags[0] or not plt_size:
        plt_place = None
    ordinary = plt = b""
    if plt_place is not None:
        plt = bytes(image.take(image.offset_of(plt_place, "DT_JMPREL"), plt_size, "DT_JMPREL"))
    if place is not None:
        if plt_place is not None and place <= plt_place < place + size:
            if plt_place + plt_size != place + size:
                raise RepairError(f"{image.name}: its relocations of the PLT lie within the others")
            size -= plt_size
        ordinary = bytes(image.take(image.offset_of(place, "relocations"), size, "relocations"))
    return RelocationTables(tags, place, ordinary, dynamic.value(tags[3]) or 0, plt_place, plt)


def move_relocations(dynamic: Dynamic, arch: Arch, change: Change, graft: Graft | None, new: NewTables) -> None:
    """Put the relocations of DT_RELR in front of those of DT_RELA or DT_REL, and those of the PLT behind.

    ``graft`` knows the relocations of embedded members.
    """
    image = dynamic.image
    if arch.relocations is None:
        raise RepairError(f"{image.name}: has DT_RELR, and the relocations of {arch.name} are not known here")
    old, added = read_tables(dynamic), b""
    start, size_tag, entry_tag, count_tag = old.tags
    entry = image.bits // 8 * (3 if image.bits == 64 else 2)
    if change.unpacks_relative:
        added = relative_relocations(dynamic, arch.relocations.relative[0], image.bits == 64)
        new.removed |= {DT_RELR, DT_RELRSZ, DT_RELRENT}
        new.moved[SHT_RELR, dynamic.tags[DT_RELR]] = Moved(0, 0, 0)
    ordinary, plt = old.ordinary, _plt_relocations(old, dynamic, change)
    if graft is not None:
        relative, ordinary, plt = graft.relocations(ordinary, old.counted, plt)
        added += relative
    size, kind = len(added) + len(ordinary), SHT_RELA if image.bits == 64 else SHT_REL
    place = new.add(added + ordinary + plt)
    new.values |= {start: place.address, size_tag: size, entry_tag: entry, count_tag: len(added) // entry + old.counted}
    if old.place is not None:
        new.moved[kind, old.place] = Moved(place.offset, place.address, size)
    if old.plt_place is not None:
        new.values[DT_JMPREL] = place.address + size
        new.moved[kind, old.plt_place] = Moved(place.offset + size, place.address + size, len(plt))


def _plt_relocations(tables: RelocationTables, dynamic: Dynamic, change: Change) -> bytes:
    """The relocations of the PLT, with their addends cleared if the change says so."""
    data = bytearray(tables.plt)
    if change.clears_plt_addends and tables.plt_place is not None:
        start = dynamic.image.offset_of(tables.plt_place, "DT_JMPREL")
        for offset, zeros in addend_patches(dynamic):
            data[offset - start : offset - start + len(zeros)] = zeros
    return bytes(data)
