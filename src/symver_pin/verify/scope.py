"""What gets loaded for one file, in the order in which symbols are searched.

The loader walks DT_NEEDED breadth first: the file, its libraries in order, then theirs. A library is one of three:

* a *given file*: among the files to judge, or found beside the file through $ORIGIN in DT_RUNPATH or DT_RPATH;
* a *table library*: glibc's own, libgcc_s and libstdc++, known from the tables for every release;
* a *system library*: anything else. The target system must provide it; what it exports cannot be seen from here.

glibc's own libraries are always the target's, even where a copy lies beside the file: mixing them does not work.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from symver_pin.errors import ElfError
from symver_pin.maps.release import FOREVER, Release, Span
from symver_pin.verify.objects import Object
from symver_pin.verify.tables import Knowledge, SymbolTable

LIBC = "libc.so.6"

_ALWAYS = Span(Release(0, 0), FOREVER)
#: libpthread went into libc with 2.34.
_BEFORE_THE_MERGE = Span(Release(0, 0), Release(2, 33))

#: What table libraries load themselves beyond libc, and in which glibc releases (DT_NEEDED of the real ones).
THEIR_NEEDED: dict[str, tuple[tuple[str, Span], ...]] = {
    "librt.so.1": (("libpthread.so.0", _BEFORE_THE_MERGE),),
    "libanl.so.1": (("libpthread.so.0", _BEFORE_THE_MERGE),),
    "libmvec.so.1": (("libm.so.6", _ALWAYS),),
    "libstdc++.so.6": (("libm.so.6", _ALWAYS), ("libgcc_s.so.1", _ALWAYS)),
}


class Entry(NamedTuple):
    """One loaded library."""

    name: str
    file: Object | None
    """The given file; None for table and system libraries."""
    table: SymbolTable | None
    """The table that describes it; None for given files and system libraries."""
    loaded: int
    """The set of releases in which it can be loaded."""
    parents: tuple[Object, ...]
    """The files through which it came in, nearest first."""


class Missing(NamedTuple):
    """A library beside the file that is there, and broken."""

    name: str
    needed_by: Object
    reason: str


class Scope(NamedTuple):
    """Everything loaded for one file, in search order."""

    root: Object
    entries: tuple[Entry, ...]
    broken: tuple[Missing, ...]

    def find(self, name: str) -> Entry | None:
        """The loaded library that VERNEED calls ``name``."""
        for entry in self.entries:
            if entry.name == name or (entry.file is not None and name in entry.file.names):
                return entry
        return None

    @property
    def unseen(self) -> tuple[Entry, ...]:
        """The system libraries."""
        return tuple(entry for entry in self.entries if entry.file is None and entry.table is None)

    @property
    def files(self) -> tuple[Object, ...]:
        """The given files among them, the judged one first."""
        return tuple(entry.file for entry in self.entries if entry.file is not None)


class Files:
    """The files at hand: those given, by the names that DT_NEEDED may use, and those found beside them."""

    def __init__(self, given: Iterable[Object]) -> None:
        self._by_name: dict[tuple[str, str], list[Object]] = {}
        self._by_path: dict[str, Object | ElfError] = {}
        for found in given:
            self._by_path[str(Path(found.path).absolute())] = found
            if found.kind == "shared library":
                for name in found.names:
                    self._by_name.setdefault((found.arch.name, name), []).append(found)

    def resolve(self, name: str, parents: tuple[Object, ...]) -> Object | None:
        """The given file that a DT_NEEDED entry loads, None when there is none. Raises ElfError when it is broken."""
        nearest = parents[0]
        if nearest.runpath is not None:
            folders: tuple[Path, ...] = nearest.runpath
        else:
            folders = tuple(folder for parent in parents for folder in parent.rpath)
        if "/" not in name:
            for folder in folders:
                found = self._open(folder / name, nearest.on_disk)
                if found is not None and found.arch == nearest.arch:
                    return found
        same = self._by_name.get((nearest.arch.name, name.rpartition("/")[2]), [])
        if len(same) < 2:
            return same[0] if same else None
        # Two products among the files may have a library of one name each: a file takes the one that lies nearest.
        return max(same, key=lambda found: _shared_folders(found, nearest))

    def _open(self, path: Path, on_disk: bool) -> Object | None:
        key = str(path.absolute())
        known = self._by_path.get(key)
        if known is None:
            try:
                # What lies in an archive finds nothing beside the archive.
                if not on_disk or not path.is_file():
                    return None
                known = Object(path)
            except OSError:
                return None  # A name that is too long, a folder that may not be entered: the loader looks further.
            except ElfError as error:
                known = error
            self._by_path[key] = known
        if isinstance(known, ElfError):
            raise known
        return known


def _shared_folders(one: Object, other: Object) -> int:
    """How many folders from the root of the file system on two files have in common."""
    shared = 0
    for left, right in zip(one.folders, other.folders, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def build_scope(root: Object, files: Files, knowledge: Knowledge) -> Scope:
    """Walk DT_NEEDED breadth first. Nothing is raised for a missing or broken library; the scope tells of it."""
    entries = [Entry(root.path, root, None, knowledge.glibc.axis.everything, ())]
    places = dict.fromkeys(root.names, 0)
    broken: list[Missing] = []
    position = 0
    while position < len(entries):
        entry = entries[position]
        position += 1
        for name, releases in _needed_by(entry, knowledge):
            place = places.get(name)
            if place is None:
                added = _load(name, releases, entry, files, knowledge, broken)
                for known_as in (name, *(added.file.names if added.file is not None else ())):
                    places.setdefault(known_as, len(entries))
                entries.append(added)
            elif releases & ~entries[place].loaded and entries[place].table is not None:
                known = entries[place]
                entries[place] = known._replace(loaded=known.loaded | (releases & _existing(known, knowledge)))
    # A library is loaded into a program, which has libc and the loader.
    for name in (LIBC, root.arch.loader):
        if name not in places and root.kind == "shared library" and name in knowledge.glibc.sonames:
            entries.append(Entry(name, None, knowledge.glibc, knowledge.glibc.has_library(name), ()))
    return Scope(root, tuple(entries), tuple(broken))


def _needed_by(entry: Entry, knowledge: Knowledge) -> list[tuple[str, int]]:
    """The names that a library loads, each with the releases in which it does."""
    if entry.file is not None:
        return [(name, entry.loaded) for name in entry.file.needed]
    if entry.table is None or entry.name.startswith("ld"):
        return []
    if entry.name == LIBC:
        return [(name, entry.loaded) for name in knowledge.glibc.sonames if name.startswith("ld")]
    axis = knowledge.glibc.axis
    theirs = [(name, entry.loaded & axis.within(span)) for name, span in THEIR_NEEDED.get(entry.name, ())]
    return [*theirs, (LIBC, entry.loaded)]


def _existing(entry: Entry, knowledge: Knowledge) -> int:
    glibc = knowledge.glibc
    return glibc.has_library(entry.name) if entry.table is glibc else glibc.axis.everything


def _load(name: str, releases: int, entry: Entry, files: Files, knowledge: Knowledge, broken: list[Missing]) -> Entry:
    glibc = knowledge.glibc
    parents = (entry.file, *entry.parents) if entry.file is not None else entry.parents
    if name in glibc.sonames:
        return Entry(name, None, glibc, releases & glibc.has_library(name), parents)
    if parents:
        try:
            file = files.resolve(name, parents)
        except ElfError as error:
            broken.append(Missing(name, parents[0], str(error)))
            return Entry(name, None, None, releases, parents)
        if file is not None:
            return Entry(name, file, None, releases, parents)
    return Entry(name, None, knowledge.table_of(name), releases, parents)
