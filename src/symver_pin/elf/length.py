"""How long the dynamic symbol table is, and the hash of DT_GNU_HASH.

The length is written nowhere that the loader looks: it only ever follows hash chains and relocations, and DT_HASH only
where there is no DT_GNU_HASH. The latter leaves undefined symbols out, so its last chain ends at the table's end only
when something is hashed at all; GNU ld writes an empty one for an executable that exports nothing (first index 1,
whatever comes before). For that case DT_HASH's chain count is the length; without it the section header of ``.dynsym``
counts, and where sections are stripped, the highest symbol that a relocation names: the loader touches no other.
"""

from __future__ import annotations

import struct

from symver_pin.elf.words import words
from symver_pin.errors import ElfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.elf.image import Image

_SHT_DYNSYM = 11
#: The largest symbol tables of real files are some ten megabytes.
MAX_TABLE = 1 << 28


def gnu_hash(name: bytes) -> int:
    """The hash of DT_GNU_HASH: from 5381 on, each byte is added to 33 times what came before it, in 32 bits."""
    value = 5381
    # Cut to 32 bits now and then: at every byte takes longer, and of a name of a megabyte the number would be as long.
    for start in range(0, len(name), 64):
        for byte in name[start : start + 64]:
            value = value * 33 + byte
        value &= 0xFFFFFFFF
    return value


def count_by_gnu_hash(image: Image, offset: int) -> int | None:
    """The table's length by DT_GNU_HASH, or None when nothing is hashed and it says nothing."""
    bucket_count, first_hashed, bloom, _shift = image.unpack("IIII", offset, "DT_GNU_HASH")
    at = offset + 16 + bloom * image.bits // 8
    highest = max(words(image.take(at, bucket_count * 4, "DT_GNU_HASH buckets"), "I", image), default=0)
    if highest < first_hashed or highest == 0:
        return None
    chain = at + bucket_count * 4 + (highest - first_hashed) * 4
    # Bit 0 marks the last word of a chain. Real chains end within a few words; look further only when they do not.
    for span in (64, 4096, MAX_TABLE // 4):
        size = max(0, min(span * 4, (image.size - chain) // 4 * 4))
        for position, word in enumerate(words(image.take(chain, size, "DT_GNU_HASH chain"), "I", image)):
            if word & 1:
                return highest + position + 1
    raise ElfError(f"{image.name}: the last chain of DT_GNU_HASH at offset {chain:#x} has no end: broken")


def count_by_sections(image: Image, table: int) -> int:
    """The number of symbols by ``.dynsym``'s section header; 0 when sections are stripped or tell of another table."""
    narrow = image.bits == 32
    size = 40 if narrow else 64
    if image.section_entry_size != size or image.section_offset == 0:
        return 0
    if image.section_offset + image.section_count * size > image.size:
        return 0
    raw = image.take(image.section_offset, image.section_count * size, "section headers")
    for section in struct.iter_unpack(image.order + ("IIIIIIIIII" if narrow else "IIQQQQIIQQ"), raw):
        if section[1] == _SHT_DYNSYM and section[3] == table:
            return int(section[5]) // (16 if narrow else 24)
    return 0
