"""The files of a verification, by the names and paths by which others may load them; and the files beside them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Content, Source, name_of, open_image
from symver_pin.errors import ElfError
from symver_pin.glibc.release import FOREVER, Release
from symver_pin.loader.exports import ExportCache
from symver_pin.loader.object import LoadedObject, check_loadable
from symver_pin.loader.search import Found, Place, expand, places
from symver_pin.loader.verdict import INSIDE
from symver_pin.machine.arch import Arch

_SYSTEM_FOLDER = re.compile(r"(?:^|/)usr/(?:local/)?lib(?:32|64|/[a-z0-9_]+-linux-gnu[a-z0-9_]*)?$")
"""The end of a folder that loaders always search, in a system or an unpacked root of one."""
_ROOT_FOLDER = re.compile(r"^/?lib(?:32|64|/[a-z0-9_]+-linux-gnu[a-z0-9_]*)?$")
"""The same at the top of a package or of the file system."""
_MACHINE = slice(18, 20)
"""The bytes of e_machine."""


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

    A file that the user named is found wherever it lies. One that was met in a folder or an archive is found as the
    loader finds it: by a search path, or in a folder that loaders search anyway.

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
            for name in file.names:
                self._by_name.setdefault((file.arch.name, name), []).append(file)

    def home(self, file: LoadedObject) -> FileSet:
        """The set in which a file has its own verdict."""
        return self if self._outer is None or file in self._given else self._outer

    def resolve(self, name: str, parents: tuple[LoadedObject, ...]) -> LoadedObject | None:
        """The file of that name in the set, or on a search path of the newest release; None when there is none."""
        found = self.search(name, parents, FOREVER).file
        if found is None:
            same = [each for each in self.named(parents[0].arch.name, _base(name)) if each.kind == "shared library"]
            found = _nearest(same, parents[0])
        return found

    def search(self, name: str, parents: tuple[LoadedObject, ...], release: Release) -> Found:
        """What a DT_NEEDED entry loads; ``parents`` are the files through which the entry came in, nearest first.
        Raises ElfError when the file is broken.
        """
        nearest = parents[0]
        if "/" in name:
            return self._at_own_path(name, parents)
        same = self.named(nearest.arch.name, name)
        for place in places(parents, release):
            found = self._in_place(place, name, nearest, same)
            if found is not None:
                return found
        free = [each for each in same if each.was_named or _is_in_system_folder(each)]
        libraries = [each for each in free if each.kind == "shared library"] or free
        if libraries:
            return Found(_nearest(libraries, nearest))
        hidden = _nearest([each for each in same if each.kind == "shared library" and each is not nearest], nearest)
        return Found(reason=f"no search path leads to {hidden.path}") if hidden is not None else Found()

    def _at_own_path(self, name: str, parents: tuple[LoadedObject, ...]) -> Found:
        """A DT_NEEDED entry with a slash is a path, and nothing is searched."""
        nearest = parents[0]
        started_in = "/".join(parents[-1].folders)
        for path, condition in expand(name, "/".join(nearest.folders), nearest.arch):
            if name.startswith("/"):
                if path.rpartition("/")[0] in ("", "/"):
                    break
                same = [each for each in self.named(nearest.arch.name, _base(name)) if each.absolute.endswith(path)]
                return Found(_nearest(same, nearest))
            is_relative = not path.startswith("/")
            found = self._look_at(f"{started_in}/{path}" if is_relative else path, nearest, is_searched=False)
            if found is not None:
                note = f"only when it is started in {started_in or '/'}" if is_relative else condition
                return found._replace(note=note if found.file is not None else "")
        return Found(reason=f"there is no {name}")

    def _in_place(self, place: Place, name: str, nearest: LoadedObject, same: list[LoadedObject]) -> Found | None:
        """What the search finds in one folder: a file, a reason to stop, or None to go on."""
        if place.on_system:
            there = [each for each in same if _folder(each).endswith(place.folder) and _base(each.path) == name]
            return Found(_nearest(there, nearest)) if there else None
        found = self._look_at(f"{place.folder}/{name}", nearest, is_searched=True)
        return found._replace(note=place.condition) if found is not None and found.file is not None else found

    def _look_at(self, path: str, nearest: LoadedObject, is_searched: bool) -> Found | None:
        """The file at a path; None when there is none, or one for another machine. Raises ElfError for a broken one."""
        if not nearest.on_disk:
            known = self.at_path(os.path.normpath(path), False)
            return None if known is None else Found(known)
        if is_searched and not _has_folder(path):
            return None
        try:
            status = Path(path).stat()
        except (FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
            given = self._by_path.get(os.path.normpath(path))
            return Found(given) if isinstance(given, LoadedObject) and _has_folder(path) else None
        except OSError as error:
            return Found(reason=f"the search ends at {path}: {error.strerror}")
        if stat.S_ISDIR(status.st_mode):
            return Found(reason=f"{'the search ends at' if is_searched else 'it is'} the folder {path}")
        if is_searched and _is_foreign(path, nearest.arch):
            return None
        known = self.at_path(os.path.normpath(path), True) or self.at_path(str(Path(path).resolve()), True)
        return None if known is None else Found(known)

    def named(self, arch: str, name: str) -> list[LoadedObject]:
        """The files of that name, those of the outer set first."""
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


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _folder(file: LoadedObject) -> str:
    return "/".join(file.folders)


def _has_folder(path: str) -> bool:
    try:
        return Path(path).parent.is_dir()
    except OSError:
        return False


def _is_in_system_folder(file: LoadedObject) -> bool:
    """True if a file lies in a folder that loaders always search, in the root that it belongs to."""
    folder = _folder(file)
    inside = folder.rpartition(INSIDE[:-1])[2] if INSIDE[:-1] in folder else folder
    return bool(_SYSTEM_FOLDER.search(folder) or _ROOT_FOLDER.match(inside))


def _is_foreign(path: str, arch: Arch) -> bool:
    """True for an ELF file of another class or machine: the search passes it by."""
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(20)
    except OSError:
        return False
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return False
    order = "little" if head[5] == 1 else "big"
    is_other_class = head[4] != (1 if arch.format.bits == 32 else 2)
    is_same_order = head[5] == (1 if arch.format.order == "<" else 2)
    machine = int.from_bytes(head[_MACHINE], order)  # type: ignore[arg-type]
    return is_other_class or (is_same_order and machine != arch.format.machine)


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


def _nearest(files: list[LoadedObject], one: LoadedObject) -> LoadedObject | None:
    """Of several files of a name, the one with which ``one`` shares the most folders: each product may have one."""
    return max(files, key=lambda found: _count_shared_folders(found, one)) if files else None


def _count_shared_folders(one: LoadedObject, other: LoadedObject) -> int:
    """How many folders two files have in common, from the root of the file system on."""
    shared = 0
    for left, right in zip(one.folders, other.folders, strict=False):
        if left != right:
            break
        shared += 1
    return shared
