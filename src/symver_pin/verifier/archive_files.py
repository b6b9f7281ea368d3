"""The programs and libraries of one archive, of which a bounded number is open.

An archive may have 200,000 libraries. Of each this keeps the name, the place of its content, and the names by which
others load it, about 400 bytes; what a verdict needs beyond that is read again from the store. The first ``_OPEN``
files, which are all of nearly every archive, stay open until their verdicts are made.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable

from symver_pin.elf.image import Content
from symver_pin.loader.object import LoadedObject
from symver_pin.verifier.given_files import FileSet, open_object
from symver_pin.verifier.store import Place, Store

_OPEN = 1000
"""So many files of an archive are open at a time; with the facts about it, a program takes about 15 KB."""


class ArchiveFiles(FileSet):
    """The files of an archive; they also find those outside of it (``outer``)."""

    def __init__(self, root: str, store: Store, outer: FileSet, forget: Callable[[LoadedObject], None]) -> None:
        """``root`` is the path of the archive; ``forget`` is called with each file that is let go."""
        super().__init__((), outer)
        self._outside, self._root, self._store, self._forget = outer, root, store, forget
        self._absolute_root = ""
        self._suffixes: list[str] = []
        """The name of each file behind the path of the archive."""
        self._offsets, self._sizes = array("q"), array("Q")
        self._position_by_path: dict[str, int] = {}
        self._positions_by_name: dict[str, dict[str, int | tuple[int, ...]]] = {}
        """Architecture -> name -> the positions of its files of that name."""
        self._opened: OrderedDict[int, LoadedObject] = OrderedDict()

    def add(self, file: LoadedObject, place: Place) -> int:
        """Adds a file, whose content is at a place of the store; returns its position."""
        position = len(self._suffixes)
        suffix = file.path.removeprefix(self._root)
        if not self._absolute_root:
            self._absolute_root = file.absolute.removesuffix(suffix)
        self._suffixes.append(suffix)
        self._offsets.append(place.offset)
        self._sizes.append(place.size)
        self._position_by_path[suffix] = position
        by_name = self._positions_by_name.setdefault(file.arch.name, {})
        for name in file.names:
            known = by_name.get(name)
            if known is None:
                by_name[name] = position
            else:
                by_name[name] = (*(known if isinstance(known, tuple) else (known,)), position)
        if len(self._opened) < _OPEN:
            self._opened[position] = file
        else:
            self._forget(file)
        return position

    def path_of(self, position: int) -> str:
        """The name of the file at a position."""
        return f"{self._root}{self._suffixes[position]}"

    def open(self, position: int) -> LoadedObject:
        """The file at a position. Raises ElfError when it is broken."""
        found = self._opened.get(position)
        if found is None:
            place = Place(self._offsets[position], self._sizes[position])
            name = self.path_of(position)
            found = open_object(Content(name, b""), lambda: Content(name, self._store.get(place)))
            found.is_verified = True
            self._opened[position] = found
        else:
            self._opened.move_to_end(position)
        return found

    def trim(self) -> None:
        """Lets files go until ``_OPEN`` are open. To be called between two verdicts: one needs its files."""
        if len(self._opened) <= _OPEN:
            return
        self.exports.clear()  # it keeps files too
        while len(self._opened) > _OPEN // 2:
            _position, file = self._opened.popitem(last=False)
            self._forget(file)

    def close(self) -> None:
        """Lets all files go."""
        for file in self._opened.values():
            self._forget(file)
        self._opened.clear()

    def home(self, file: LoadedObject) -> FileSet:
        """The set in which a file has its own verdict."""
        position = self._position_by_path.get(file.path.removeprefix(self._root))
        is_here = position is not None and self._opened.get(position) is file
        return self if is_here else self._outside.home(file)

    def named(self, arch: str, name: str) -> list[LoadedObject]:
        """The files of that name, those of the outer set first."""
        known = self._positions_by_name.get(arch, {}).get(name, ())
        own = known if isinstance(known, tuple) else (known,)
        return [*self._outside.named(arch, name), *map(self.open, own)]

    def at_path(self, path: str, on_disk: bool) -> LoadedObject | None:
        """The file at a path. Raises ElfError when it is broken."""
        if self._absolute_root and path.startswith(self._absolute_root):
            position = self._position_by_path.get(path[len(self._absolute_root) :])
            if position is not None:
                return self.open(position)
        return self._outside.at_path(path, on_disk)
