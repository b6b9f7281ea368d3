"""What a given library offers to references, and a shelf on which those of many libraries are kept."""

from __future__ import annotations

from symver_pin.elf.exports import answers, is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from symver_pin.elf.dynamic import Import
    from symver_pin.verify.objects import Object

    Match = Literal["found", "absent", "assertion"]

#: How many symbols the libraries on the shelf may have together.
_ROOM = 60_000
#: How many of them may have pages in memory, some 100 KB of each.
_MOST_AWAKE = 64


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
            return "found" if is_plain(indexes) else "absent"
        return "found" if any(answers(self._nodes, index, wanted.version) for index in indexes) else "absent"

    def lacks(self, version: str, names: list[bytes]) -> list[bytes]:
        """Those names that a reference with a version does not simply find here."""
        return self._exports.lacks(names, self._nodes, version) if self._versioned else list(names)

    def has_plain(self, names: frozenset[bytes]) -> frozenset[bytes]:
        """Those names that an unversioned reference finds here."""
        return self._exports.plain(names) if self._versioned else frozenset(self._exports.find(names))

    def rest(self) -> None:
        """Let go of what need not be in memory until the next question."""
        self._exports.rest()


class Shelf:
    """What the given libraries offer: opened when first asked for; the longest unused are let go when room is short."""

    def __init__(self) -> None:
        self._kept: dict[Object, Offers] = {}
        self._size = 0
        self._awake: set[Offers] = set()
        """Those that were asked for since ``rest``."""

    def offers(self, file: Object) -> Offers:
        """What one library offers. Raises ElfError when it is broken."""
        found = self._kept.pop(file, None)
        if found is None:
            found = Offers(file)
            file.close()
            self._size += found.size
            while self._size > _ROOM and self._kept:
                unused = self._kept.pop(next(iter(self._kept)))
                self._awake.discard(unused)
                self._size -= unused.size
        self._kept[file] = found
        self._awake.add(found)
        if len(self._awake) > _MOST_AWAKE:
            self.rest()
        return found

    def rest(self) -> None:
        """Let go of the pages of all libraries until they are asked for again."""
        for each in self._awake:
            each.rest()
        self._awake.clear()
