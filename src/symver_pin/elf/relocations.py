"""Dynamic relocations: which symbols the loader looks up, and what a slot of the global offset table will hold.

Three tables: DT_RELA or DT_REL (data, filled at start), DT_JMPREL (function slots, filled at the first call unless the
file asks for binding at start) and DT_RELR (addresses only, no symbols, a bitmap). A symbol that no relocation names is
never looked up, whatever the symbol table says. MIPS differs: the last part of its global offset table has no
relocations, since it is in the order of the last part of the symbol table.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_JMPREL,
    DT_PLTGOT,
    DT_PLTREL,
    DT_PLTRELSZ,
    DT_REL,
    DT_RELA,
    DT_RELACOUNT,
    DT_RELASZ,
    DT_RELCOUNT,
    DT_RELSZ,
    EM_MIPS,
)
from symver_pin.elf.dynamic_section import DynamicSection
from symver_pin.elf.image import Image, integers

_MIPS_GOT_TAGS = (0x7000000A, 0x70000013, 0x70000011)
"""DT_MIPS_LOCAL_GOTNO: how many slots stand before those of symbols. DT_MIPS_GOTSYM: the first symbol that has a slot.
DT_MIPS_SYMTABNO: the number of symbols. (MIPS psABI.)
"""


class Relocation(NamedTuple):
    """One relocation."""

    address: int
    symbol: int
    """The index of its symbol; 0 for none."""
    type: int
    addend: int
    """The addend, 0 for one that is stored in place (DT_REL)."""


def read_relocations(dynamic: DynamicSection) -> Iterator[Relocation]:
    """Every relocation of DT_JMPREL, DT_RELA and DT_REL. Raises ElfError when a table is outside of the file."""
    for raw, with_addend in _tables(dynamic):
        yield from unpack_relocations(dynamic.image, raw, with_addend)


def relocations_within(dynamic: DynamicSection, first: int, end: int) -> Iterator[Relocation]:
    """Those of the addresses from ``first`` to before ``end``: one column is looked at, and few records are made."""
    image = dynamic.image
    for raw, with_addend in _tables(dynamic):
        step = 3 if with_addend else 2
        size = step * image.bits // 8
        places = integers(raw, "Q" if image.bits == 64 else "I", image.order)[::step]
        for number in [number for number, place in enumerate(places) if first <= place < end]:
            yield from unpack_relocations(image, raw[number * size : (number + 1) * size], with_addend)


def symbols_in_slot(dynamic: DynamicSection, slot: int) -> set[int]:
    """The indices of the symbols whose address the loader writes to the address ``slot``; 0 for a relocation without a
    symbol.
    """
    found = {relocation.symbol for relocation in relocations_within(dynamic, slot, slot + 1)}
    start, symbols = _slots_in_order(dynamic)
    place = (slot - start) // (dynamic.image.bits // 8)
    if 0 <= place < symbols.stop - symbols.start:  # (a broken file may name more than len() can count)
        found.add(symbols.start + place)
    return found


def slots_without_relocation(dynamic: DynamicSection, symbols: Collection[int]) -> dict[int, int]:
    """Address -> symbol number of the slots that a loader fills although no relocation names them: on MIPS, those of
    the last symbols in the global offset table, in their order.
    """
    start, ordered = _slots_in_order(dynamic)
    word = dynamic.image.bits // 8
    return {start + word * (number - ordered.start): number for number in symbols if number in ordered}


def _slots_in_order(dynamic: DynamicSection) -> tuple[int, range]:
    """The address of MIPS's slots for its last symbols, and these symbols; no symbols on another architecture."""
    table = dynamic.value(DT_PLTGOT)
    if dynamic.image.machine != EM_MIPS or table is None:
        return 0, range(0)
    before, first, end = (dynamic.value(tag) or 0 for tag in _MIPS_GOT_TAGS)
    return table + dynamic.image.bits // 8 * before, range(first, end)


def stored_addresses(dynamic: DynamicSection, first: int, count: int, what: str) -> list[int]:
    """The ``count`` addresses that a file stores from the address ``first`` on, as if it were loaded at address 0.

    Each is the addend of a relocation there, or else the value in the file. ``what`` names the place in errors. Raises
    ElfError when the file does not have them.
    """
    image = dynamic.image
    word = image.bits // 8
    stored = image.unpack(f"{count}{image.word}", image.offset_of(first, what), what)
    written = {
        relocation.address: relocation.addend
        for relocation in relocations_within(dynamic, first, first + count * word)
        if relocation.addend
    }
    return [written.get(first + position * word, value) for position, value in enumerate(stored)]


def unpack_relocations(image: Image, raw: bytes, with_addend: bool) -> Iterator[Relocation]:
    """The relocations of one table, which is whole entries long."""
    layout = image.order + image.word * 2 + (image.word.lower() if with_addend else "")
    for place, info, *addend in struct.iter_unpack(layout, raw):
        symbol, kind = _split(image, info)
        yield Relocation(place, symbol, kind, addend[0] if addend else 0)


def _tables(dynamic: DynamicSection, symbolic: bool = False) -> Iterator[tuple[bytes, bool]]:
    """The raw tables, each whole entries long, with whether its entries have an addend; ``symbolic`` leaves out those
    at their starts that are said to be relative: large programs have a million of them.
    """
    image = dynamic.image
    default = DT_RELA if image.bits == 64 and image.machine != EM_MIPS else DT_REL
    tables = (
        (DT_JMPREL, DT_PLTRELSZ, (dynamic.value(DT_PLTREL) or default) == DT_RELA, None),
        (DT_RELA, DT_RELASZ, True, DT_RELACOUNT),
        (DT_REL, DT_RELSZ, False, DT_RELCOUNT),
    )
    for start, size_tag, with_addend, count_tag in tables:
        address, size = dynamic.value(start), dynamic.value(size_tag)
        if address is not None and size:
            entry = image.bits // 8 * (3 if with_addend else 2)
            relative = (dynamic.value(count_tag) or 0) if symbolic and count_tag is not None else 0
            skipped = min(relative * entry, size // entry * entry)
            offset = image.offset_of(address, "relocations") + skipped
            yield image.take(offset, size // entry * entry - skipped, "relocations"), with_addend


def _split(image: Image, info: int) -> tuple[int, int]:
    if image.bits == 32:
        return info >> 8, info & 0xFF
    if image.machine == EM_MIPS and image.order == "<":
        # 64-bit MIPS writes the symbol as the first four bytes, in either byte order.
        return info & 0xFFFFFFFF, info >> 56
    return info >> 32, info & 0xFFFFFFFF


def relocation_types(dynamic: DynamicSection) -> frozenset[int]:
    """The types of all relocations but those that DT_RELACOUNT counts."""
    found: set[int] = set()
    for raw, with_addend in _tables(dynamic, symbolic=True):
        found.update(_types(dynamic.image, raw, with_addend))
    return frozenset(found)


def counted_relative_types(dynamic: DynamicSection) -> frozenset[int]:
    """The types of the relocations that DT_RELACOUNT or DT_RELCOUNT counts: the loader takes them for relative ones."""
    found: set[int] = set()
    for start, size_tag, count_tag, words in (
        (DT_RELA, DT_RELASZ, DT_RELACOUNT, 3),
        (DT_REL, DT_RELSZ, DT_RELCOUNT, 2),
    ):
        address, count = dynamic.value(start), dynamic.value(count_tag) or 0
        entry = dynamic.image.bits // 8 * words
        count = min(count, (dynamic.value(size_tag) or 0) // entry)
        if address is not None and count:
            offset = dynamic.image.offset_of(address, "relocations")
            found.update(_types(dynamic.image, dynamic.image.take(offset, count * entry, "relocations"), words == 3))
    return frozenset(found)


def _types(image: Image, raw: bytes, with_addend: bool) -> set[int]:
    """The type of each relocation of a table: one column of words."""
    step = 3 if with_addend else 2
    if image.bits == 32:
        return {info & 0xFF for info in integers(raw, "I", image.order)[1::step]}
    if image.machine == EM_MIPS and image.order == "<":
        return {info >> 56 for info in integers(raw, "Q", image.order)[1::step]}
    lower = 2 if image.order == "<" else 3
    return set(integers(raw, "I", image.order)[lower :: 2 * step])


def symbols_with(dynamic: DynamicSection, types: Collection[int]) -> list[int]:
    """The symbols that relocations of certain types name, by index, in table order."""
    image, found = dynamic.image, []
    for raw, with_addend in _tables(dynamic, symbolic=True):
        if not types or _types(image, raw, with_addend).isdisjoint(types):
            continue
        whole = unpack_relocations(image, raw, with_addend)
        found += [relocation.symbol for relocation in whole if relocation.type in types]
    return found


def symbol_numbers(dynamic: DynamicSection) -> frozenset[int]:
    """The symbols that relocations name, by index."""
    if dynamic.image.machine == EM_MIPS:
        return frozenset(relocation.symbol for relocation in read_relocations(dynamic))
    return frozenset(number for column in _symbols(dynamic) for number in set(column))


def highest_symbol(dynamic: DynamicSection) -> int:
    """The highest symbol index that a relocation names; 0 when none names any."""
    if dynamic.image.machine == EM_MIPS:
        return max((relocation.symbol for relocation in read_relocations(dynamic)), default=0)
    return max((max(column, default=0) for column in _symbols(dynamic)), default=0)


def unreferenced_symbols(dynamic: DynamicSection, numbers: Iterable[int]) -> frozenset[int]:
    """Those symbols that no relocation names: the loader never looks them up. None where relocations do not tell: MIPS
    fills its global offset table from the symbol table itself.
    """
    left = set(numbers)
    if dynamic.image.machine == EM_MIPS:
        return frozenset()
    for column in _symbols(dynamic):
        left.difference_update(column)
        if not left:
            break
    return frozenset(left)


def _symbols(dynamic: DynamicSection) -> Iterator[Sequence[int]]:
    """The symbol of each relocation, a table at a time.

    Relocations that DT_RELACOUNT calls relative have no symbol, and the loader does not look for one.
    """
    image = dynamic.image
    for raw, with_addend in _tables(dynamic, symbolic=True):
        if image.bits == 64:
            # The symbol is the upper half of the second word of three (two without an addend): one column, no records.
            upper = 3 if image.order == "<" else 2
            yield integers(raw, "I", image.order)[upper :: 6 if with_addend else 4]
        else:
            yield [info >> 8 for info in integers(raw, "I", image.order)[1 :: 3 if with_addend else 2]]
