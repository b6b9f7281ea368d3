"""Packed relative relocations (DT_RELR) as ordinary ones, for loaders before 2.36.

A table of words: an even one is an address to relocate; an odd one is a bitmap of the words that follow the last
address (bit 1 is the next word), 63 or 31 of them, after which it stands for the words behind those (ELF gABI,
"Relative Relocation Table"). The addend of each is the word in the file at its address.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from symver_pin.elf.constants import DT_RELR, DT_RELRSZ
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import integers
from symver_pin.errors import ElfError

_MOST = 1 << 24
"""The largest number of relocations; the largest programs have some millions."""


def packed_addresses(dynamic: Dynamic) -> list[int]:
    """The addresses that DT_RELR relocates. Raises ElfError for a broken table."""
    address, size = dynamic.value(DT_RELR), dynamic.value(DT_RELRSZ) or 0
    if address is None:
        return []
    image = dynamic.image
    word = image.bits // 8
    raw = image.take(image.offset_of(address, "DT_RELR"), size // word * word, "DT_RELR")
    return list(_unpack(integers(raw, "Q" if word == 8 else "I", image.order), word, image.name))


def _unpack(words: memoryview[int], word: int, name: str) -> Iterator[int]:
    at = count = 0
    for entry in words:
        if not entry & 1:
            yield entry
            count += 1
            at = entry + word
            continue
        for bit in range(1, word * 8):
            if entry >> bit & 1:
                yield at + (bit - 1) * word
                count += 1
        at += (word * 8 - 1) * word
        if count > _MOST:
            raise ElfError(f"{name}: DT_RELR has more than {_MOST} relocations: broken")


def relative_relocations(dynamic: Dynamic, kind: int, with_addend: bool) -> bytes:
    """The relocations of DT_RELR in the form of DT_RELA (``with_addend``) or DT_REL. ``kind`` is the type of a relative
    relocation. Raises ElfError if one is outside of the file.
    """
    image = dynamic.image
    addresses = packed_addresses(dynamic)
    if not with_addend:
        layout = struct.Struct(image.order + image.word * 2)
        return b"".join(layout.pack(address, kind) for address in addresses)
    layout = struct.Struct(image.order + image.word * 3)
    parts = []
    for address in addresses:
        (addend,) = image.unpack(image.word, image.offset_of(address, "a relocation of DT_RELR"), "DT_RELR")
        parts.append(layout.pack(address, kind, addend))
    return b"".join(parts)
