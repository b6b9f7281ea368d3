"""The files of a verification, by the names and paths by which others may load them; and the files beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Content, Source, name_of, open_image
from symver_pin.errors import ElfError
from symver_pin.loader.exports import ExportCache
from symver_pin.loader.object import LoadedObject, check_loadable


def open_object(source: Source, load: Callable[[], Content] | None = None) -> LoadedObject:
    """Open a program or shared library. ``load`` returns its content, each time that it is needed, for one whose
    content is kept elsewhere; ``source`` then only names it.

    Raises NotLoadableError for an ELF file of another type, ElfError for any other file, or a broken one.
    """
    on_disk = not isinstance(source, Content)

    def read(symbol_count: int | None) -> Dynamic:
        image = open_image(source if load is None else load())
        check_loadable(image)  # before the dynamic section: debug information has an empty one
        return Dynamic(image, symbol_count)

    return LoadedObject(name_of(source), read, on_disk)


class FileSet:
    """A set of files that are verified together: each finds its libraries among the others.

    The files of an archive are a set of their own, which also finds the files outside of the archive (``outer``).
    """

    def __init__(self, given: Iterable[LoadedObject], outer: FileSet | None = None) -> None:
        self.exports = ExportCache()
        self._outer = outer
        self._given = frozenset(given)
        self._by_name: dict[tuple[str, str], list[LoadedObject]] = {}
        self._by_path: dict[str, LoadedObject | ElfError | None] = {}
        """What each path led to: a file, the error of a broken one, or None for nothing."""
        for file in given:
            self._by_path[file.absolute] = file
            if file.kind == "shared library":
                for name in file.names:
                    self._by_name.setdefault((file.arch.name, name), []).append(file)

    def home(self, file: LoadedObject) -> FileSet:
        """The set in which a file has its own verdict."""
        return self if self._outer is None or file in self._given else self._outer

    def resolve(self, name: str, parents: tuple[LoadedObject, ...]) -> LoadedObject | None:
        """The given file that a DT_NEEDED entry loads, None when there is none; ``parents`` are the files through which
        the entry came in, nearest first. Raises ElfError when the file is broken.
        """
        nearest = parents[0]
        if "/" not in name:
            for folder in _search_path(parents):
                found = self.at_path(f"{folder}/{name}", nearest.on_disk)
                if found is not None and found.arch == nearest.arch:
                    return found
        same = self.named(nearest.arch.name, name.rpartition("/")[2])
        if len(same) < 2:
            return same[0] if same else None
        # Two products among the files may each have a library of this name: the nearest one is taken.
        return max(same, key=lambda found: _count_shared_folders(found, nearest))

    def named(self, arch: str, name: str) -> list[LoadedObject]:
        """The shared libraries of that name, those of the outer set first."""
        outer = [] if self._outer is None else self._outer.named(arch, name)
        return [*outer, *self._by_name.get((arch, name), ())]

    def at_path(self, path: str, on_disk: bool) -> LoadedObject | None:
        """The file at a path; ``on_disk`` is False for a search path inside an archive.

        Raises ElfError when the file is broken.
        """
        if path in self._by_path:
            known = self._by_path[path]
        elif self._outer is not None:
            return self._outer.at_path(path, on_disk)
        elif not on_disk:
            return None  # a member of an archive finds nothing beside the archive
        else:
            known = self._by_path[path] = _open_beside(path)
        if isinstance(known, ElfError):
            raise known
        return known


def _open_beside(path: str) -> LoadedObject | ElfError | None:
    """The file at a path that was not given; None when there is none, or a folder may not be entered: the loader looks
    further then.
    """
    try:
        if not Path(path).is_file():
            return None
        found = open_object(path)
    except ElfError as error:
        return error
    except (OSError, ValueError):  # the latter for a zero byte in the name
        return None
    found.close()
    return found


def _search_path(parents: tuple[LoadedObject, ...]) -> tuple[str, ...]:
    """The folders beside the files in which a library of the first one is looked for."""
    nearest = parents[0]
    if nearest.runpath is not None:
        return nearest.runpath
    return tuple(folder for parent in parents if parent.has_search_path for folder in parent.rpath)


def _count_shared_folders(one: LoadedObject, other: LoadedObject) -> int:
    """How many folders two files have in common, from the root of the file system on."""
    shared = 0
    for left, right in zip(one.folders, other.folders, strict=False):
        if left != right:
            break
        shared += 1
    return shared
