"""Dynamic relocations: which symbols the loader looks up, and what a slot of the global offset table will hold.

Three tables: DT_RELA or DT_REL (data, filled at start), DT_JMPREL (function slots, filled at the first call unless the
file asks for binding at start) and DT_RELR (addresses only, no symbols, a bitmap). A symbol that no relocation names is
never looked up, whatever the symbol table says.
"""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from symver_pin.elf.image import Image
from symver_pin.elf.symtab import words

if TYPE_CHECKING:
    from symver_pin.elf.dynamic import Dynamic

_DT_RELA, _DT_RELASZ, _DT_REL, _DT_RELSZ, _DT_PLTREL, _DT_JMPREL, _DT_PLTRELSZ = 7, 8, 17, 18, 20, 23, 2
_EM_MIPS = 8


class Relocation(NamedTuple):
    """One relocation."""

    address: int
    symbol: int
    """The index of its symbol; 0 for none."""
    type: int
    addend: int
    """The addend, 0 for one that is stored in place (DT_REL)."""


def read_relocations(dynamic: "Dynamic") -> Iterator[Relocation]:
    """Every relocation of DT_JMPREL, DT_RELA and DT_REL. Raises ElfError when a table is outside of the file."""
    image = dynamic.image
    for raw, with_addend in _tables(dynamic):
        layout = image.order + image.word * 2 + (image.word.lower() if with_addend else "")
        for place, info, *addend in struct.iter_unpack(layout, raw):
            symbol, kind = _split(image, info)
            yield Relocation(place, symbol, kind, addend[0] if addend else 0)


def _tables(dynamic: "Dynamic") -> Iterator[tuple[memoryview, bool]]:
    """The raw tables, each whole entries long, with whether its entries have an addend."""
    image = dynamic.image
    tables = (
        (_DT_JMPREL, _DT_PLTRELSZ, dynamic.value(_DT_PLTREL) == _DT_RELA),
        (_DT_RELA, _DT_RELASZ, True),
        (_DT_REL, _DT_RELSZ, False),
    )
    for start, size_tag, with_addend in tables:
        address, size = dynamic.value(start), dynamic.value(size_tag)
        if address is not None and size:
            entry = image.bits // 8 * (3 if with_addend else 2)
            yield image.take(image.offset_of(address, "relocations"), size // entry * entry, "relocations"), with_addend


def _split(image: Image, info: int) -> tuple[int, int]:
    if image.bits == 32:
        return info >> 8, info & 0xFF
    if image.machine == _EM_MIPS and image.order == "<":
        # 64-bit MIPS writes the symbol as the first four bytes, in either byte order.
        return info & 0xFFFFFFFF, info >> 56
    return info >> 32, info & 0xFFFFFFFF


def highest_symbol(dynamic: "Dynamic") -> int:
    """The highest symbol index that a relocation names; 0 when none names any."""
    return max((relocation.symbol for relocation in read_relocations(dynamic)), default=0)


def referenced_symbols(dynamic: "Dynamic") -> frozenset[int] | None:
    """The indexes of all symbols that the loader looks up; None when relocations do not tell (MIPS fills its global
    offset table from the symbol table itself).
    """
    if dynamic.image.machine == _EM_MIPS:
        return None
    image = dynamic.image
    if image.bits == 64 and image.order == "<":
        # The symbol is the upper half of the second word of three (two without an addend): one column, no records.
        found: set[int] = set()
        for raw, with_addend in _tables(dynamic):
            found.update(words(raw, "I", image)[3 :: 6 if with_addend else 4])
        return frozenset(found)
    return frozenset(relocation.symbol for relocation in read_relocations(dynamic))


def relocation_at(dynamic: "Dynamic", address: int) -> Relocation | None:
    """The relocation that fills the word at a virtual address, or None."""
    return next((found for found in read_relocations(dynamic) if found.address == address), None)
