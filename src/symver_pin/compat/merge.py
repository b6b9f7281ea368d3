"""Merge sections of the same kind in a relocatable object, so that a linker reads fewer sections.

This reverses ``-ffunction-sections``. ``split`` needs a section for each function to find everything that a function
refers to. Once the functions of a bundle are chosen, separate sections only cost time. No addend changes, neither in
relocations nor in the relocated bytes: each section symbol becomes a local symbol at the new place of its section, so
offsets relative to a section stay valid.
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

_MERGED_NAMES = {SHF_ALLOC | SHF_EXECINSTR: ".text", SHF_ALLOC: ".rodata"}
"""Section flags -> the name of the merged section. Sections with other flags (strings, variables) are not merged."""


def merge_sections(source: Relocatable, keep: Collection[int]) -> Merged:
    """Merge the code of the sections ``keep`` into one of them, and their constants into another.

    ``keep`` are section numbers. The merged section has the largest alignment of its parts. Not merged are sections to
    which an SHF_LINK_ORDER section refers (ARM's unwind tables) and sections of a group (SHF_GROUP).
    """
    fixed = {section.link for section in source.sections if section.flags & SHF_LINK_ORDER}
    result = Merged({}, {}, {})
    for flags, name in _MERGED_NAMES.items():
        parts = [
            index
            for index in sorted(keep)
            if source.sections[index].type == SHT_PROGBITS
            and source.sections[index].flags == flags
            and index not in fixed
        ]
        if len(parts) > 1:
            # Prefer a section with relocations: its relocation section becomes that of the merged section.
            home = next((index for index in parts if index in source.relocations), parts[0])
            data = bytearray()
            relocations: list[Relocation] = []
            for index in parts:
                section = source.sections[index]
                data += bytes(-len(data) % max(section.align, 1))
                shift = len(data)
                result.places[index] = home, shift
                data += section.data
                entries = source.relocations.get(index, ())
                relocations += [entry._replace(offset=entry.offset + shift) for entry in entries]
            align = max(source.sections[index].align for index in parts)
            result.sections[home] = source.sections[home]._replace(
                name=name, data=bytes(data), size=len(data), align=align
            )
            result.relocations[home] = tuple(relocations)
    return result
