"""What any file exports, read in Python: look-ups in its hash table (DT_GNU_HASH), or of all its symbols.

Nothing of a file with a hash table is copied or read ahead: of a library with 45,000 symbols, four words are looked at
for a name that it lacks, and one symbol more for one that it has. That takes 2 us in Python, so that all names are read
when many are asked for.
"""

from __future__ import annotations

from symver_pin.elf.constants import DT_GNU_HASH, DT_STRSZ, DT_STRTAB, DT_SYMTAB, DT_VERSYM, VERSYM_GLOBAL
from symver_pin.elf.dynamic import SHN_ABS, SOUGHT_INFO, SOUGHT_OTHER, STT_TLS
from symver_pin.elf.exports import answers, is_plain
from symver_pin.elf.length import gnu_hash
from symver_pin.elf.words import words
from symver_pin.errors import ElfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from symver_pin.elf.dynamic import Dynamic

#: How many times the price of reading a symbol is that of looking one up in the hash table.
_DEARER = 8
#: A library with no more symbols is read at once.
_SMALL = 800
#: How many hashes are remembered, some 150 bytes each.
_MOST_HASHES = 60_000


class ExportsInPython:
    """What any file exports. While few names are asked for, each is looked up in the hash table of a large file; after
    that all are read.
    """

    def __init__(self, dynamic: Dynamic) -> None:
        self._dynamic: Dynamic | None = dynamic
        self._first: dict[bytes, int] = {}
        self._several: dict[bytes, list[int]] = {}
        large = dynamic.symbol_count > _SMALL and has_hash_table(dynamic)
        self._table = HashTable(dynamic) if large else None
        self._left = dynamic.symbol_count // _DEARER if large else 0

    def find(self, names: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        if self._table is not None and len(names) < self._left:
            self._left -= len(names)
            return self._table.find([(name, _hashes.get(name) or _hash(name)) for name in names])
        if self._dynamic is not None:
            self._first, self._several = self._dynamic.offers
            self._dynamic = self._table = None
        first, several = self._first, self._several
        return {name: several.get(name) or (first[name],) for name in names if name in first}

    def plain(self, names: Collection[bytes]) -> frozenset[bytes]:
        return frozenset([name for name, indexes in self.find(names).items() if is_plain(indexes)])

    def lacks(self, names: list[bytes], nodes: dict[int, str | None], version: str) -> list[bytes]:
        found = self.find(names)
        good = {index for indexes in found.values() for index in indexes if answers(nodes, index, version)}
        return [name for name in names if good.isdisjoint(found.get(name, ()))]

    def rest(self) -> None:
        """What is kept is not in pages of the file."""


_hashes: dict[bytes, int] = {}


def _hash(name: bytes) -> int:
    """``gnu_hash``, remembered in ``_hashes``, where it is looked for first: one name is sought in many libraries."""
    if len(_hashes) > _MOST_HASHES:
        _hashes.clear()
    found = _hashes[name] = gnu_hash(name)
    return found


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
