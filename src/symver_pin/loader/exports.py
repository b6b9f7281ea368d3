"""Look up references in a given library, as the loader does, and keep the answers of many libraries.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versions, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Literal

from symver_pin.elf.constants import VERSYM_HIDDEN
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.hash_table import HashTable, has_hash_table
from symver_pin.elf.records import Import
from symver_pin.loader.object import LoadedObject

Match = Literal["found", "absent", "assertion"]
"""What a look-up finds; ``assertion``: the loader ends, since the library named by VERNEED has no versions any more."""

_LOOKUP_COST = 8
"""How many symbols of a table can be read in the time of one look-up in the hash table."""
_SMALL = 800
"""A library with no more symbols is read whole at once."""
_MOST_SYMBOLS = 60_000
"""How many symbols the cached libraries may have together."""


class Exports:
    """The exports of one library. The constructor and members raise ElfError when its tables are broken.

    While few names are looked up, each is looked up in the hash table of a large library; then all are read.
    """

    def __init__(self, library: LoadedObject) -> None:
        self.library = library
        self.size = library.symbol_count
        self._nodes: dict[int, str | None] = {need.version_index: need.version for need in library.needs}
        for version, is_base, index in library.definitions or ():
            self._nodes[index] = None if is_base else version
        self._highest = max([1, *self._nodes])
        dynamic = library.dynamic
        self._table = HashTable(dynamic) if self.size > _SMALL and has_hash_table(dynamic) else None
        self._lookups_left = self.size // _LOOKUP_COST if self._table is not None else 0
        self._one: dict[bytes, int] = {}
        self._several: dict[bytes, list[int]] = {}
        if self._table is None and library.has_hash_table:
            self._read_all(dynamic)
        library.close()

    def _read_all(self, dynamic: Dynamic) -> None:
        self._one, self._several = dynamic.exported_names
        self._table = None

    def _find(self, names: Collection[bytes]) -> Mapping[bytes, Sequence[int]]:
        """The raw version indexes (hidden bit included) of the names that the library exports."""
        if self._table is not None:
            if len(names) < self._lookups_left:
                self._lookups_left -= len(names)
                return self._table.find(names)
            self._read_all(self.library.dynamic)
        one, several = self._one, self._several
        return {name: several.get(name) or (one[name],) for name in names if name in one}

    def look_up(self, imported: Import) -> Match:
        """The result of the loader's look-up of one import in this library."""
        name = imported.name.encode("utf-8", "surrogateescape")
        indexes = self._find((name,)).get(name)
        if not indexes:
            return "absent"
        if not self.library.has_versions:
            is_lost = imported.version is not None and imported.library in self.library.names
            return "assertion" if is_lost else "found"
        return "found" if self._matches(indexes, imported.version) else "absent"

    def _matches(self, indexes: Sequence[int], version: str | None) -> bool:
        """True if a reference takes one of the symbols with these version indexes."""
        if version is None:
            is_base_or_oldest = any(index & ~VERSYM_HIDDEN <= 2 for index in indexes)
            return is_base_or_oldest or sum(not index & VERSYM_HIDDEN for index in indexes) == 1
        for index in indexes:
            number = index & ~VERSYM_HIDDEN
            if number > self._highest:
                continue  # the loader reads beyond its table of nodes, and finds another hash there
            node = self._nodes.get(number)
            if node == version or (node is None and not index & VERSYM_HIDDEN):
                return True
        return False

    @cached_property
    def hidden(self) -> frozenset[bytes]:
        """The names that only loaders before 2.24 find: their symbols are hidden."""
        found = self.library.dynamic.hidden_names()
        self.library.close()
        return found

    def missing(self, version: str, names: list[bytes]) -> list[bytes]:
        """The names that a reference with a version does not find by a plain match."""
        if not self.library.has_versions:
            return list(names)
        found = self._find(names)
        return [name for name in names if name not in found or not self._matches(found[name], version)]

    def found_unversioned(self, names: frozenset[bytes]) -> frozenset[bytes]:
        """The names that an unversioned reference finds."""
        found = self._find(names)
        if not self.library.has_versions:
            return frozenset(found)
        return frozenset(name for name, indexes in found.items() if self._matches(indexes, None))


class ExportCache:
    """The exports of the given libraries, read when first asked for; the longest unused are dropped when there are more
    than ``_MOST_SYMBOLS`` symbols in all.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[LoadedObject, Exports] = OrderedDict()
        self._size = 0

    def of(self, library: LoadedObject) -> Exports:
        """The exports of a library. Raises ElfError when it is broken."""
        found = self._kept.get(library)
        if found is None:
            found = Exports(library)
            self._kept[library] = found
            self._size += found.size
            while self._size > _MOST_SYMBOLS and len(self._kept) > 1:
                _dropped, exports = self._kept.popitem(last=False)
                self._size -= exports.size
        self._kept.move_to_end(library)
        return found

    def clear(self) -> None:
        """Drop all."""
        self._kept.clear()
        self._size = 0
