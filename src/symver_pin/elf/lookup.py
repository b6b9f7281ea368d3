"""Look-ups in a file's own hash table (DT_GNU_HASH), as the loader does them: for a few names of a large library.

Nothing of the file is copied or read ahead: of a library with 45,000 symbols, four words are looked at for a name that
it lacks, and one symbol more for one that it has.
"""

from __future__ import annotations

from symver_pin.elf.dynamic import SHN_ABS, SOUGHT_INFO, SOUGHT_OTHER, STT_TLS
from symver_pin.elf.section import DT_GNU_HASH, DT_STRSZ, DT_STRTAB, DT_SYMTAB, DT_VERSYM, VERSYM_GLOBAL
from symver_pin.elf.words import words
from symver_pin.errors import ElfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from symver_pin.elf.dynamic import Dynamic


def has_hash_table(dynamic: Dynamic) -> bool:
    """Whether a file can be asked so."""
    return dynamic.tags.keys() >= {DT_GNU_HASH, DT_SYMTAB, DT_STRTAB, DT_STRSZ} and dynamic.symbol_count > 1


class HashTable:
    """The hash table of a file that has one. Raises ElfError, here or from ``find``, when it is broken."""

    def __init__(self, dynamic: Dynamic) -> None:
        self._image = image = dynamic.image
        tags, count = dynamic.tags, dynamic.symbol_count
        at = image.offset_of(tags[DT_GNU_HASH], "DT_GNU_HASH")
        bucket_count, self._first, bloom_count, self._shift = image.unpack("IIII", at, "DT_GNU_HASH")
        if not bloom_count or not bucket_count:
            raise ElfError(f"{image.name}: empty DT_GNU_HASH: broken")
        at, size = at + 16, bloom_count * image.bits // 8
        self._bloom = words(image.view(at, size, "DT_GNU_HASH filter"), "Q" if image.bits == 64 else "I", image)
        self._buckets = words(image.view(at + size, bucket_count * 4, "DT_GNU_HASH buckets"), "I", image)
        size += bucket_count * 4
        chained = max(0, count - self._first)
        self._chain = words(image.view(at + size, chained * 4, "DT_GNU_HASH chain"), "I", image)
        self._symbols = image.offset_of(tags[DT_SYMTAB], "DT_SYMTAB")
        self._strings = image.offset_of(tags[DT_STRTAB], "DT_STRTAB")
        self._strings_size = tags[DT_STRSZ]
        self._versions = image.offset_of(tags[DT_VERSYM], "DT_VERSYM") if DT_VERSYM in tags else None

    def find(self, hashed: Iterable[tuple[bytes, int]]) -> dict[bytes, list[int]]:
        """The raw version indexes under which names are offered, of those that are. A name comes with its
        ``gnu_hash``.
        """
        bloom, buckets, shift, first, bits = self._bloom, self._buckets, self._shift, self._first, self._image.bits
        filters, heads = len(bloom), len(buckets)
        found: dict[bytes, list[int]] = {}
        for name, value in hashed:
            word = bloom[value // bits % filters]
            if word >> value % bits & word >> (value >> shift) % bits & 1:
                number = buckets[value % heads]
                if number >= first:
                    indexes = self._in_chain(number, name, value | 1)
                    if indexes:
                        found[name] = indexes
        return found

    def _in_chain(self, start: int, name: bytes, sought: int) -> list[int]:
        """The version indexes of a name in the chain of hashes that begins with symbol ``start``."""
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
        """Whether a symbol is one of this name that a look-up may find (``Dynamic.offers`` says which)."""
        image = self._image
        if image.bits == 64:
            text, info, other, section, value, _ = image.unpack("IBBHQQ", self._symbols + 24 * number, "DT_SYMTAB")
        else:
            text, value, _, info, other, section = image.unpack("IIIBBH", self._symbols + 16 * number, "DT_SYMTAB")
        if not (SOUGHT_INFO[info] and SOUGHT_OTHER[other] and section):
            return False
        if not (value or section == SHN_ABS or info & 15 == STT_TLS) or text + len(name) >= self._strings_size:
            return False
        return bytes(image.view(self._strings + text, len(name) + 1, "DT_STRTAB")) == name + b"\0"
