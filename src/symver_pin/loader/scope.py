"""The search scope of one file: everything that is loaded for it, in the order in which symbols are searched.

The loader walks DT_NEEDED breadth first: the file, its libraries in order, then theirs. A library is one of three:

* a *given file*: one of the verified files, or found beside the file through $ORIGIN in DT_RUNPATH or DT_RPATH;
* a *table library*: glibc's own, libgcc_s and libstdc++, known from the tables for every release;
* a *system library*: anything else. The target system must provide it; its exports are not known.

glibc's own libraries are always the target's, even where a copy lies beside the file: mixing them does not work.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from symver_pin.errors import ElfError
from symver_pin.glibc.library import LibraryHistory
from symver_pin.glibc.release import FOREVER, Release, ReleaseSet, Span
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.exports import ExportCache
from symver_pin.loader.facts import FactsCache, FileFacts
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.target_system import TargetSystem

_ALWAYS = Span(Release(0, 0), FOREVER)
_BEFORE_THE_MERGE = Span(Release(0, 0), Release(2, 33))
"""libpthread became part of libc with 2.34."""

NEEDED_BY_TABLE_LIBRARIES: dict[str, tuple[tuple[str, Span], ...]] = {
    "librt.so.1": (("libpthread.so.0", _BEFORE_THE_MERGE),),
    "libanl.so.1": (("libpthread.so.0", _BEFORE_THE_MERGE),),
    "libmvec.so.1": (("libm.so.6", _ALWAYS),),
    "libstdc++.so.6": (("libm.so.6", _ALWAYS), ("libgcc_s.so.1", _ALWAYS)),
}
"""What table libraries load themselves beyond libc, and in which glibc releases (DT_NEEDED of the real ones)."""


class GivenFiles(Protocol):
    """The files that a scope may load, besides table libraries and system libraries."""

    exports: ExportCache

    def resolve(self, name: str, parents: tuple[LoadedObject, ...]) -> LoadedObject | None:
        """The given file that a DT_NEEDED entry loads, None when there is none; ``parents`` are the files through which
        the entry came in, nearest first. Raises ElfError when the file is broken.
        """

    def home(self, file: LoadedObject) -> GivenFiles:
        """The set of files in which a file has its own verdict."""


class Entry(NamedTuple):
    """One loaded library."""

    name: str
    file: LoadedObject | None
    """The given file; None for table and system libraries."""
    history: LibraryHistory | None
    """The table library; None for given files and system libraries."""
    loaded: ReleaseSet
    """The releases in which it can be loaded."""
    parents: tuple[LoadedObject, ...]
    """The files through which it came in, nearest first."""

    @property
    def is_glibc(self) -> bool:
        """True for a library of the target's glibc."""
        return self.history is not None and self.history.is_glibc

    @property
    def is_unseen(self) -> bool:
        """True for a system library, whose exports are not known."""
        return self.file is None and self.history is None


class BrokenLibrary(NamedTuple):
    """A library beside the file that exists and cannot be read."""

    name: str
    needed_by: LoadedObject
    reason: str


class Scope:
    """Everything loaded for one file, in search order."""

    def __init__(self, root: LoadedObject, given: GivenFiles) -> None:
        self.root, self.given = root, given
        self.entries: list[Entry] = []
        self.positions: dict[str, int] = {}
        """The position in ``entries`` of each library, by every name that it is known by."""
        self.broken: list[BrokenLibrary] = []
        self.facts: list[FileFacts] = []
        """The facts about its given files, the root's first."""
        self.glibc: tuple[tuple[str, ReleaseSet], ...] = ()
        """glibc's libraries in it, with the releases in which each is loaded."""

    def find(self, name: str) -> Entry | None:
        """The loaded library that VERNEED calls ``name``."""
        position = self.positions.get(name)
        return None if position is None else self.entries[position]

    @property
    def has_unseen(self) -> bool:
        """True if there are system libraries in it."""
        return any(entry.is_unseen for entry in self.entries)

    @property
    def files(self) -> list[LoadedObject]:
        """The given files in it, the root first."""
        return [entry.file for entry in self.entries if entry.file is not None]

    def add(self, entry: Entry, name: str) -> None:
        """Append a library that was loaded under a name; a given file is known by its own names too."""
        self.positions[name] = len(self.entries)
        for known_as in entry.file.names if entry.file is not None else ():
            self.positions.setdefault(known_as, len(self.entries))
        self.entries.append(entry)


def build_scope(root: LoadedObject, given: GivenFiles, system: TargetSystem, facts: FactsCache) -> Scope:
    """Walk DT_NEEDED breadth first. A missing or broken library raises nothing: the scope has it as such.

    Raises ElfError when the tables of a given file are broken.
    """
    scope = Scope(root, given)
    scope.add(Entry(root.path, root, None, system.everything, ()), root.names[0])
    for entry in scope.entries:  # grows while libraries are added
        for name, releases in _needed_by(entry, system):
            known = scope.find(name)
            if known is None:
                scope.add(_load(name, releases, entry, scope, system), name)
            elif known.history is not None and releases & ~known.loaded:
                position = scope.positions[name]
                more = releases & (known.history.present if known.is_glibc else system.everything)
                scope.entries[position] = known._replace(loaded=known.loaded | more)
    if root.kind == "shared library":  # it is loaded into a program, which has libc and the loader
        for name in (LIBC, root.arch.loader):
            history = system.glibc.library(name)
            if scope.find(name) is None and history is not None:
                scope.add(Entry(name, None, history, history.present, ()), name)
    scope.facts = [facts.of(file) for file in scope.files]
    scope.glibc = tuple((entry.name, entry.loaded) for entry in scope.entries if entry.is_glibc)
    return scope


def _needed_by(entry: Entry, system: TargetSystem) -> list[tuple[str, ReleaseSet]]:
    """The names that a library loads, each with the releases in which it does."""
    name, file, history, loaded, _parents = entry
    if file is not None:
        return [(needed, loaded) for needed in file.needed]
    if history is None or name == system.arch.loader:
        return []
    if name == LIBC:
        return [(system.arch.loader, loaded)]
    own = NEEDED_BY_TABLE_LIBRARIES.get(name, ())
    return [*((needed, loaded & system.axis.within(span)) for needed, span in own), (LIBC, loaded)]


def _load(name: str, releases: ReleaseSet, entry: Entry, scope: Scope, system: TargetSystem) -> Entry:
    """The library that ``entry`` loads by a name."""
    parents = entry.parents if entry.file is None else (entry.file, *entry.parents)
    history = system.library(name)
    if history is not None and history.is_glibc:
        return Entry(name, None, history, releases & history.present, parents)
    found = None
    if parents:
        try:
            found = scope.given.resolve(name, parents)
        except ElfError as error:
            scope.broken.append(BrokenLibrary(name, parents[0], str(error)))
            history = None
    return Entry(name, found, None if found is not None else history, releases, parents)
