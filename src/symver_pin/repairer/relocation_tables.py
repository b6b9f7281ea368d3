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
    DT_RELSZ,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.errors import RepairError


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
