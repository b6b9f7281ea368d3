"""What a given library offers to a look-up, and a shelf on which those of many libraries are kept.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versioning, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

from __future__ import annotations

from symver_pin.elf.length import gnu_hash
from symver_pin.elf.lookup import HashTable, has_hash_table
from symver_pin.elf.section import VERSYM_HIDDEN
from symver_pin.light import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Literal

    from symver_pin.elf.dynamic import Dynamic, Import
    from symver_pin.verify.objects import Object

    Match = Literal["found", "absent", "assertion"]

#: How many times the price of reading a symbol is that of looking one up in the hash table.
_DEARER = 8
#: A library with no more symbols is read at once.
_SMALL = 800
#: How many names the shelf holds, some 150 bytes each; of libraries that are not read, as many that may be looked at.
#: Half as many make a whole system take 1.4 times as long.
_ROOM = 60_000


class Offers:
    """The names of one library by version index. Raises ElfError when its tables are broken.

    While few are asked for, each is looked up in the library's own hash table; after that all are read.
    """

    def __init__(self, file: Object) -> None:
        self._dynamic: Dynamic | None = file.dynamic
        dynamic = file.dynamic
        self._versioned, self._known_as = file.versioned, file.names
        self._first: dict[bytes, int] = {}
        self._several: dict[bytes, list[int]] = {}
        large = dynamic.symbol_count > _SMALL and has_hash_table(dynamic)
        self._table = HashTable(dynamic) if large else None
        self._left = dynamic.symbol_count // _DEARER if large else 0
        self.size = dynamic.symbol_count
        self._nodes: dict[int, str | None] = {index: version for _library, version, _weak, index in file.needs}
        for index, definition in dynamic.definitions_by_index.items():
            self._nodes[index] = None if definition.base else definition.version

    def _of(self, names: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """The version indexes of those names that are there."""
        if self._table is not None and len(names) < self._left:
            self._left -= len(names)
            return self._table.find([(name, _hashes.get(name) or _hash(name)) for name in names])
        self._read()
        first, several = self._first, self._several
        return {name: several.get(name) or (first[name],) for name in names if name in first}

    def _read(self) -> None:
        """Read all names, once."""
        if self._dynamic is not None:
            self._first, self._several = self._dynamic.offers
            self._dynamic = self._table = None

    def look_up(self, wanted: Import) -> Match:
        """What the loader's look-up of one import finds here."""
        name = wanted.name.encode("utf-8", "surrogateescape")
        indexes = self._of((name,)).get(name)
        if not indexes:
            return "absent"
        if not self._versioned:
            # The loader asserts that the library named by VERNEED has not lost its versions.
            return "assertion" if wanted.version is not None and wanted.library in self._known_as else "found"
        if wanted.version is None:
            return "found" if self._is_plain(indexes) else "absent"
        return "found" if any(self._answers(index, wanted.version) for index in indexes) else "absent"

    def _answers(self, index: int, version: str) -> bool:
        node = self._nodes.get(index & ~VERSYM_HIDDEN)
        return node == version or (node is None and not index & VERSYM_HIDDEN)

    def _is_plain(self, indexes: Sequence[int]) -> bool:
        """Whether an unversioned reference takes one of these."""
        if not self._versioned or any(index & ~VERSYM_HIDDEN <= 2 for index in indexes):
            return True
        return sum(not index & VERSYM_HIDDEN for index in indexes) == 1

    def lacks(self, version: str, names: list[bytes]) -> list[bytes]:
        """Those names that a reference with a version does not simply find here."""
        if not self._versioned:
            return list(names)
        found = self._of(names)
        good = {index for indexes in found.values() for index in indexes if self._answers(index, version)}
        return [name for name in names if good.isdisjoint(found.get(name, ()))]

    def has_plain(self, names: frozenset[bytes]) -> frozenset[bytes]:
        """Those names that an unversioned reference finds here."""
        if self._dynamic is None or len(names) >= self._left:
            self._read()
            return (names & self._first.keys()) - self._not_plain
        return frozenset([name for name, indexes in self._of(names).items() if self._is_plain(indexes)])

    @cached_property
    def _not_plain(self) -> frozenset[bytes]:
        """The names that an unversioned reference does not find, when all are read."""
        single = {index for index in set(self._first.values()) if not self._is_plain((index,))}
        found = {name for name, index in self._first.items() if index in single} if single else set()
        found.difference_update(self._several)
        found.update(name for name, indexes in self._several.items() if not self._is_plain(indexes))
        return frozenset(found)


_hashes: dict[bytes, int] = {}


def _hash(name: bytes) -> int:
    """``gnu_hash``, remembered in ``_hashes``, where it is looked for first: one name is sought in many libraries."""
    if len(_hashes) > _ROOM:
        _hashes.clear()
    found = _hashes[name] = gnu_hash(name)
    return found


class Shelf:
    """What the given libraries offer: read when first asked for; the longest unused are let go when room is short."""

    def __init__(self) -> None:
        self._kept: dict[Object, Offers] = {}
        self._size = 0

    def offers(self, file: Object) -> Offers:
        """What one library offers. Raises ElfError when it is broken."""
        found = self._kept.pop(file, None)
        if found is None:
            found = Offers(file)
            file.close()
            self._size += found.size
            while self._size > _ROOM and self._kept:
                self._size -= self._kept.pop(next(iter(self._kept))).size
        self._kept[file] = found
        return found
