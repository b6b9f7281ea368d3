"""The files at hand: those given, by the names that DT_NEEDED may use, and those found beside them."""

from __future__ import annotations

import os

from symver_pin.errors import ElfError
from symver_pin.light import cached_property
from symver_pin.verify.objects import Object
from symver_pin.verify.offers import Shelf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Files:
    """A set of files that are judged together. One of an archive's files has the loose ones beyond it, which all such
    sets share.
    """

    def __init__(self, given: Iterable[Object], beyond: Files | None = None) -> None:
        self.shelf = Shelf()
        self._beyond = beyond
        self._given = list(given)
        self._by_name: dict[tuple[str, str], list[Object]] = {}
        self._by_path: dict[str, Object | ElfError | None] = {}
        """What was found where a file's search path leads; None for nothing, which is found most often."""
        for found in self._given:
            if found.kind == "shared library":
                for name in found.names:
                    self._by_name.setdefault((found.arch.name, name), []).append(found)

    def home(self, found: Object) -> Files:
        """The set in which a file is judged."""
        return self if self._beyond is None or found in self._own else self._beyond

    @cached_property
    def _own(self) -> frozenset[Object]:
        return frozenset(self._given)

    def resolve(self, name: str, parents: tuple[Object, ...]) -> Object | None:
        """The given file that a DT_NEEDED entry loads, None when there is none. Raises ElfError when it is broken."""
        nearest = parents[0]
        if "/" not in name:
            for folder in _searched(parents):
                found = self._open(f"{folder}/{name}", nearest.on_disk)
                if found is not None and found.arch == nearest.arch:
                    return found
        key = nearest.arch.name, name.rpartition("/")[2]
        same = self._by_name.get(key, [])
        if self._beyond is not None:
            same = [*self._beyond._by_name.get(key, ()), *same]
        if not same:
            return None
        # Two products among the files may have a library of one name each: a file takes the one that lies nearest.
        return same[0] if len(same) == 1 else max(same, key=lambda found: _shared_folders(found, nearest))

    def _open(self, path: str, on_disk: bool) -> Object | None:
        if not self._by_path:
            self._by_path.update((found.absolute, found) for found in self._given)
        if path in self._by_path:
            known = self._by_path[path]
        elif self._beyond is not None:
            return self._beyond._open(path, on_disk)
        elif not on_disk:
            return None  # What lies in an archive finds nothing beside the archive.
        else:
            known = None  # Not there, or a folder that may not be entered: the loader looks further.
            try:
                if os.path.isfile(path):
                    known = Object(path)
            except ValueError:
                pass  # A name with a zero byte in it.
            except ElfError as error:
                known = error
            self._by_path[path] = known
        if isinstance(known, ElfError):
            raise known
        return known


def _searched(parents: tuple[Object, ...]) -> tuple[str, ...]:
    """The folders beside the files in which a library of the first one is looked for."""
    nearest = parents[0]
    if nearest.searches and nearest.runpath is not None:
        return nearest.runpath
    return tuple(folder for parent in parents if parent.searches for folder in parent.rpath)


def _shared_folders(one: Object, other: Object) -> int:
    """How many folders from the root of the file system on two files have in common."""
    shared = 0
    for left, right in zip(one.folders, other.folders, strict=False):
        if left != right:
            break
        shared += 1
    return shared
