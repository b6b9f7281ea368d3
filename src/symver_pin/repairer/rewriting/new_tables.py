"""The tables of the first new segment of a rewritten file, and what in the rest of the file must name them."""

from __future__ import annotations

from typing import NamedTuple

from symver_pin.elf.dynamic import Dynamic
from symver_pin.repairer.rewriting.layout import Area, Place
from symver_pin.repairer.rewriting.sections import Moved
from symver_pin.repairer.rewriting.strings import GrowingStrings

_ALIGNMENT = 8


class Table(NamedTuple):
    """One table."""

    data: bytes
    place: Place


class NewTables:
    """The tables, one behind the other. The program headers come first."""

    def __init__(self, dynamic: Dynamic, area: Area, first: int) -> None:
        """``first`` is the number of bytes that the program headers take."""
        self._dynamic, self._area, self._at = dynamic, area, area.start.offset + first
        self.tables: list[Table] = []
        self.strings = GrowingStrings(dynamic.strings)
        self.values: dict[int, int] = {}
        """Tag of the dynamic section -> its new value."""
        self.removed: set[int] = set()
        """The tags that go."""
        self.moved: dict[tuple[int, int], Moved] = {}
        """(type, old address) of a section -> its new place."""

    @property
    def next(self) -> Place:
        """The place of the next table."""
        return self._area.at(-(-self._at // _ALIGNMENT) * _ALIGNMENT)

    @property
    def end(self) -> int:
        """The file offset behind the last table."""
        return self._at

    def add(self, data: bytes) -> Place:
        """Put a table behind the others."""
        place = self.next
        self.tables.append(Table(data, place))
        self._at = place.offset + len(data)
        return place

    def replace(self, tag: int, kind: int, data: bytes, info: int | None = None) -> None:
        """Put a table behind the others in the place of an old one, which ``tag`` names in the dynamic section.

        ``kind`` is the type of its section, and ``info`` the sh_info.
        """
        place = self.add(data)
        self.moved[kind, self._dynamic.tags[tag]] = Moved(place.offset, place.address, len(data), info)
        self.values[tag] = place.address
