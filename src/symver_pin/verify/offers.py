"""What a given library offers to a look-up, and a shelf on which those of many libraries are kept.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versioning, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

from __future__ import annotations

from symver_pin.elf.section import DT_VERDEF, VERSYM_HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from symver_pin.elf.dynamic import Import
    from symver_pin.verify.objects import Object

    Match = Literal["found", "absent", "assertion"]

#: How many names the shelf holds, some 100 bytes each.
_ROOM = 100_000


class Offers:
    """The names of one library, in sets by version index. Raises ElfError when its tables are broken."""

    def __init__(self, file: Object) -> None:
        dynamic = file.dynamic
        self._versioned, self._names = file.versioned, file.names
        self._sets = {index: frozenset(names) for index, names in dynamic.offers.items()}
        self.size = sum(map(len, self._sets.values()))
        self._nodes: dict[int, str | None] = {}
        for index, need in dynamic.needs_by_index.items():
            self._nodes[index] = need.version
        for index, definition in dynamic.definitions_by_index.items():
            self._nodes[index] = None if definition.base else definition.version
        self.versions: frozenset[str] | None = None
        """Its version nodes; None when it defines none at all, which the loader lets pass."""
        if DT_VERDEF in dynamic.tags:
            self.versions = frozenset(definition.version for definition in dynamic.definitions)

    def look_up(self, wanted: Import) -> Match:
        """What the loader's look-up of one import finds here."""
        name = wanted.name.encode("utf-8", "surrogateescape")
        entries = [index for index, names in self._sets.items() if name in names]
        if not entries:
            return "absent"
        if not self._versioned:
            # The loader asserts that the library named by VERNEED has not lost its versions.
            return "assertion" if wanted.version is not None and wanted.library in self._names else "found"
        if wanted.version is None:
            if any(index & ~VERSYM_HIDDEN <= 2 for index in entries):
                return "found"
            return "found" if sum(not index & VERSYM_HIDDEN for index in entries) == 1 else "absent"
        return "found" if any(self._answers(index, wanted.version) for index in entries) else "absent"

    def _answers(self, index: int, version: str) -> bool:
        node = self._nodes.get(index & ~VERSYM_HIDDEN)
        return node == version or (node is None and not index & VERSYM_HIDDEN)

    def lacks(self, version: str, names: Iterable[bytes]) -> list[bytes]:
        """Those names that a reference with a version does not simply find here."""
        if not self._versioned:
            return list(names)
        missing = list(names)
        for index, offered in self._sets.items():
            if missing and self._answers(index, version):
                missing = [name for name in missing if name not in offered]
        return missing

    def has_plain(self, names: frozenset[bytes]) -> frozenset[bytes]:
        """Those names that an unversioned reference finds here."""
        found: set[bytes] = set()
        shown: set[bytes] = set()
        twice: set[bytes] = set()
        for index, offered in self._sets.items():
            here = offered & names
            if not self._versioned or index & ~VERSYM_HIDDEN <= 2:
                found |= here
            elif not index & VERSYM_HIDDEN:
                twice |= shown & here
                shown |= here
        return frozenset(found | (shown - twice))


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
