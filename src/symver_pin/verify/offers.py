"""What a given library offers to a look-up, and a shelf on which those of many libraries are kept.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versioning, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

from __future__ import annotations

from symver_pin.elf.section import VERSYM_HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from symver_pin.elf.dynamic import Import
    from symver_pin.verify.objects import Object

    Match = Literal["found", "absent", "assertion"]

#: How many symbols the libraries on the shelf may have together.
_ROOM = 60_000


class Offers:
    """What one library offers. Raises ElfError when its tables are broken."""

    def __init__(self, file: Object) -> None:
        self._versioned, self._known_as = file.versioned, file.names
        self._exports = file.open_exports()
        self.size = file.symbol_count
        self._nodes: dict[int, str | None] = {index: version for _library, version, _weak, index in file.needs}
        for version, is_base, index in file.definitions or ():
            self._nodes[index] = None if is_base else version

    def look_up(self, wanted: Import) -> Match:
        """What the loader's look-up of one import finds here."""
        name = wanted.name.encode("utf-8", "surrogateescape")
        indexes = self._exports.find((name,)).get(name)
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
        found = self._exports.find(names)
        good = {index for indexes in found.values() for index in indexes if self._answers(index, version)}
        return [name for name in names if good.isdisjoint(found.get(name, ()))]

    def has_plain(self, names: frozenset[bytes]) -> frozenset[bytes]:
        """Those names that an unversioned reference finds here."""
        found = self._exports.find(names)
        if not self._versioned:
            return frozenset(found)
        return frozenset([name for name, indexes in found.items() if self._is_plain(indexes)])


class Shelf:
    """What the given libraries offer: opened when first asked for; the longest unused are let go when room is short."""

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
