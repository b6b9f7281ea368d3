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
    Merged,
    Relocatable,
    Relocation,
)

#: What is merged, by the flags that all of it has, and its name then. Strings to merge, variables and so on stay alone.
_ALIKE = {SHF_ALLOC | SHF_EXECINSTR: ".text", SHF_ALLOC: ".rodata"}


def merged(source: Relocatable, keep: Collection[int]) -> Merged:
    """The code of the sections ``keep`` in one of them, and their constants in another.

    It has the largest alignment that any of them had. Code that another section is ordered after (ARM's unwind tables)
    and sections of a group (SHF_GROUP) stay as they are.
    """
    fixed = {section.link for section in source.sections if section.flags & SHF_LINK_ORDER}
    result = Merged({}, {}, {})
    for flags, name in _ALIKE.items():
        alike = [
            index
            for index in sorted(keep)
            if source.sections[index].type == SHT_PROGBITS
            and source.sections[index].flags == flags
            and index not in fixed
        ]
        if len(alike) > 1:
            # One with a relocation section, which is the pattern for the new one.
            home = next((index for index in alike if index in source.relocations), alike[0])
            data = bytearray()
            relocations: list[Relocation] = []
            for index in alike:
                section = source.sections[index]
                data += bytes(-len(data) % max(section.align, 1))
                shift = len(data)
                result.places[index] = home, shift
                data += section.data
                entries = source.relocations.get(index, ())
                relocations += [entry._replace(offset=entry.offset + shift) for entry in entries]
            align = max(source.sections[index].align for index in alike)
            result.sections[home] = source.sections[home]._replace(
                name=name, data=bytes(data), size=len(data), align=align
            )
            result.relocations[home] = tuple(relocations)
    return result
