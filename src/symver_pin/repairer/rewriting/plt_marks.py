"""The marks of ``-z mark-plt`` (x86-64): what they change in relocations, and how to take them away.

Such a file has the address of each PLT entry in the addend of its R_X86_64_JUMP_SLOT, and tags that name the PLT
(x86-64 psABI, DT_X86_64_PLT). Loaders before 2.36 add the addend to the address of the function, so it must be zero for
them; later ones use neither the tags nor the addends unless they rewrite PLT entries.
"""

from __future__ import annotations

import struct

from symver_pin.elf.constants import DT_JMPREL, DT_PLTRELSZ
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.relocations import unpack_relocations

MARK_TAGS = (0x70000000, 0x70000001, 0x70000003)
"""DT_X86_64_PLT, DT_X86_64_PLTSZ, DT_X86_64_PLTENT."""
_JUMP_SLOT, _RELA_SIZE, _ADDEND = 7, 24, 16


def has_marks(dynamic: Dynamic) -> bool:
    """True for a file with a tag that names its PLT. The caller knows that it is one of x86-64."""
    return MARK_TAGS[0] in dynamic.tags


def addend_patches(dynamic: Dynamic) -> list[tuple[int, bytes]]:
    """(file offset, eight zero bytes) of the addends of the jump slots that are not zero."""
    image, address, size = dynamic.image, dynamic.value(DT_JMPREL), dynamic.value(DT_PLTRELSZ)
    if address is None or not size:
        return []
    at = image.offset_of(address, "DT_JMPREL")
    raw = image.take(at, size // _RELA_SIZE * _RELA_SIZE, "DT_JMPREL")
    return [
        (at + number * _RELA_SIZE + _ADDEND, struct.pack("<Q", 0))
        for number, each in enumerate(unpack_relocations(image, raw, True))
        if each.type == _JUMP_SLOT and each.addend
    ]
