"""Lay sections of a relocatable object that are alike into one, so that a linker has fewer to read.

The counterpart of ``-ffunction-sections``: ``split`` finds by its sections what a function needs, and once a bundle of
functions is chosen, the sections only cost time. No addend changes, wherever it stands: each section symbol becomes a
local symbol at the place to which its section went, so that what was relative to a section stays relative to it.
"""

from collections.abc import Collection

from symver_pin.compat.relocatable import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_LINK_ORDER,
    SHT_PROGBITS,
    STT_NOTYPE,
    STT_SECTION,
    Relocatable,
    Relocation,
    Symbol,
)

#: What is merged, by the flags that all of it has, and its name then. Strings to merge, variables and so on stay alone.
_ALIKE = {SHF_ALLOC | SHF_EXECINSTR: ".text", SHF_ALLOC: ".rodata"}


def merged(source: Relocatable, keep: Collection[int]) -> tuple[Relocatable, set[int]]:
    """The object with the code of the sections ``keep`` in one section and their constants in another.

    Returns it with the numbers of what is now to keep. One section of a sort holds all of them, at the largest
    alignment that any of them had. Code that another section is ordered after (ARM's unwind tables) and sections of a
    group (SHF_GROUP) stay as they are.
    """
    fixed = {section.link for section in source.sections if section.flags & SHF_LINK_ORDER}
    places: dict[int, tuple[int, int]] = {}
    """Section -> the section it goes into, and its offset there."""
    sections = list(source.sections)
    for flags, name in _ALIKE.items():
        alike = [
            index
            for index in sorted(keep)
            if sections[index].type == SHT_PROGBITS and sections[index].flags == flags and index not in fixed
        ]
        if len(alike) > 1:
            # The one with a relocation section, which is the pattern for the new one.
            home = next((index for index in alike if index in source.relocations), alike[0])
            data = bytearray()
            for index in alike:
                data += bytes(-len(data) % max(sections[index].align, 1))
                places[index] = (home, len(data))
                data += sections[index].data
            align = max(sections[index].align for index in alike)
            sections[home] = sections[home]._replace(name=name, data=bytes(data), size=len(data), align=align)
    relocations: dict[int, list[Relocation]] = {}
    for index in sorted(keep):
        entries = source.relocations.get(index, ())
        home, shift = places.get(index, (index, 0))
        moved = [entry._replace(offset=entry.offset + shift) for entry in entries] if shift else entries
        if moved:
            relocations.setdefault(home, []).extend(moved)
    symbols = [_moved(symbol, places) for symbol in source.symbols]
    applied = {index: tuple(entries) for index, entries in relocations.items()}
    result = Relocatable(source.identity, source.header, sections, symbols, applied)
    return result, {places.get(index, (index, 0))[0] for index in keep}


def _moved(symbol: Symbol, places: dict[int, tuple[int, int]]) -> Symbol:
    if symbol.section not in places:
        return symbol
    into, shift = places[symbol.section]
    if symbol.type != STT_SECTION:
        return symbol._replace(section=into, value=symbol.value + shift)
    return symbol._replace(name="", info=STT_NOTYPE, section=into, value=shift)
