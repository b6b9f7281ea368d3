"""Look up names in a file's hash table (DT_GNU_HASH), as the loader does.

Nothing is copied or read ahead: of a library with 45,000 symbols, four words are read for a name that it lacks, and one
symbol more for a name that it has. A look-up takes about 2 us.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from symver_pin.elf.constants import (
    DT_GNU_HASH,
    DT_HASH,
    DT_STRTAB,
    DT_SYMTAB,
    DT_VERSYM,
    EM_MIPS,
    SHN_ABS,
    STT_TLS,
    VERSYM_GLOBAL,
)
from symver_pin.elf.dynamic import FINDABLE_INFO, FINDABLE_OTHER, Dynamic
from symver_pin.elf.image import integers
from symver_pin.errors import ElfError

_DT_MIPS_XHASH = 0x70000036
"""What ``ld --hash-style=gnu`` writes for MIPS: a table like DT_GNU_HASH behind one more word, the offset of a list
that maps its entries to symbols, since the symbol table there follows the order of the global offset table.
"""


@lru_cache(maxsize=65536)
def gnu_hash(name: bytes) -> int:
    """The hash function of DT_GNU_HASH: ``h = h * 33 + byte`` from 5381 on, in 32 bits."""
    value = 5381
    # Truncated to 32 bits after every 64 bytes: after each byte is slower, and never makes the integer very long.
    for start in range(0, len(name), 64):
        for byte in name[start : start + 64]:
            value = value * 33 + byte
        value &= 0xFFFFFFFF
    return value


def has_hash_table(dynamic: Dynamic) -> bool:
    """True if a file has a DT_GNU_HASH table and symbols."""
    return dynamic.tags.keys() >= {DT_GNU_HASH, DT_SYMTAB, DT_STRTAB} and dynamic.symbol_count > 1


def has_buckets(dynamic: Dynamic) -> bool:
    """True if the loader finds symbols in a file: its hash table, DT_GNU_HASH before DT_HASH, is not empty."""
    image = dynamic.image
    tables = [(DT_GNU_HASH, 0), (DT_HASH, 0)]
    if image.machine == EM_MIPS:
        tables.append((_DT_MIPS_XHASH, 4))
    for tag, at in tables:
        address = dynamic.value(tag)
        if address is not None:
            return bool(image.unpack("I", image.offset_of(address, "hash table") + at, "hash table")[0])
    return False


class HashTable:
    """The hash table of a file for which ``has_hash_table`` is true. The constructor and ``find`` raise ElfError when
    it is broken.
    """

    def __init__(self, dynamic: Dynamic) -> None:
        self._image = image = dynamic.image
        tags, count = dynamic.tags, dynamic.symbol_count
        at = image.offset_of(tags[DT_GNU_HASH], "DT_GNU_HASH")
        bucket_count, self._first, bloom_count, self._shift = image.unpack("IIII", at, "DT_GNU_HASH")
        if not bloom_count or not bucket_count:
            raise ElfError(f"{image.name}: empty DT_GNU_HASH: broken")
        at, size = at + 16, bloom_count * image.bits // 8
        self._bloom = integers(
            image.view(at, size, "DT_GNU_HASH filter"), "Q" if image.bits == 64 else "I", image.order
        )
        self._buckets = integers(image.view(at + size, bucket_count * 4, "DT_GNU_HASH buckets"), "I", image.order)
        size += bucket_count * 4
        chained = max(0, count - self._first)
        self._chain = integers(image.view(at + size, chained * 4, "DT_GNU_HASH chain"), "I", image.order)
        self._symbols = image.offset_of(tags[DT_SYMTAB], "DT_SYMTAB")
        self._strings = image.offset_of(tags[DT_STRTAB], "DT_STRTAB")
        self._strings_size = image.mapped_after(tags[DT_STRTAB])  # the loader takes no notice of DT_STRSZ
        self._versions = image.offset_of(tags[DT_VERSYM], "DT_VERSYM") if DT_VERSYM in tags else None

    def find(self, names: Iterable[bytes]) -> dict[bytes, list[int]]:
        """The raw version indexes (hidden bit included) of the names that the file exports."""
        bloom, buckets, shift, first, bits = self._bloom, self._buckets, self._shift, self._first, self._image.bits
        filters, heads = len(bloom), len(buckets)
        found: dict[bytes, list[int]] = {}
        for name in names:
            value = gnu_hash(name)
            word = bloom[value // bits % filters]
            if word >> value % bits & word >> (value >> shift) % bits & 1:
                number = buckets[value % heads]
                if number >= first:
                    indexes = self._in_chain(number, name, value | 1)
                    if indexes:
                        found[name] = indexes
        return found

    def _in_chain(self, start: int, name: bytes, sought: int) -> list[int]:
        """The version indexes of a name in the hash chain that begins with symbol ``start``."""
        chain, first, found = self._chain, self._first, []
        for place in range(start - first, len(chain)):
            word = chain[place]
            if word | 1 == sought and self._is(place + first, name):
                version = self._versions
                if version is None:
                    found.append(VERSYM_GLOBAL)
                else:
                    found += self._image.unpack("H", version + 2 * (place + first), "DT_VERSYM")
            if word & 1:
                break
        return found

    def _is(self, number: int, name: bytes) -> bool:
        """True if a symbol has this name and a look-up may find it (see ``Dynamic.exported_names``)."""
        image = self._image
        if image.bits == 64:
            text, info, other, section, value, _ = image.unpack("IBBHQQ", self._symbols + 24 * number, "DT_SYMTAB")
        else:
            text, value, _, info, other, section = image.unpack("IIIBBH", self._symbols + 16 * number, "DT_SYMTAB")
        if not (FINDABLE_INFO[info] and FINDABLE_OTHER[other] and section):
            return False
        if not (value or section == SHN_ABS or info & 15 == STT_TLS) or text + len(name) >= self._strings_size:
            return False
        return bytes(image.view(self._strings + text, len(name) + 1, "DT_STRTAB")) == name + b"\0"
