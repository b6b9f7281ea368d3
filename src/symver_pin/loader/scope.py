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
from symver_pin.loader.search import Found, places
from symver_pin.loader.target_system import TargetSystem

_NO_DEFAULT_FOLDERS = "it is linked with -z nodefaultlib, and no search path has a folder of the system"
_SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_HIDDEN_IS_LOCAL = Release(2, 24)
"""The first release whose ``do_lookup_x`` passes hidden and internal symbols by."""
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

    def search(self, name: str, parents: tuple[LoadedObject, ...], release: Release) -> Found:
        """What a DT_NEEDED entry loads in a release; ``parents`` are the files through which the entry came in, nearest
        first. Raises ElfError when the file is broken.
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
    def names(self) -> tuple[str, ...]:
        """The names that it has besides the one by which it was loaded."""
        if self.file is not None:
            return self.file.names
        return () if self.history is None else (self.history.soname,)

    @property
    def is_glibc(self) -> bool:
        """True for a library of the target's glibc."""
        return self.history is not None and self.history.is_glibc

    @property
    def is_unseen(self) -> bool:
        """True for a system library, whose exports are not known."""
        return self.file is None and self.history is None


class UnloadedLibrary(NamedTuple):
    """A library that is not loaded although it is there, or must be there."""

    kind: str
    """``broken-library`` or ``library-not-found``."""
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
        self.unloaded: list[UnloadedLibrary] = []
        self.conditions: list[tuple[LoadedObject, str, str]] = []
        """(file, library, condition): the condition under which the library is found."""
        self.facts: list[FileFacts] = []
        """The facts about its given files, the root's first."""
        self.finding_hidden: ReleaseSet = 0
        """The releases whose look-ups find hidden symbols too."""
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
        for known_as in entry.names:
            self.positions.setdefault(known_as, len(self.entries))
        self.entries.append(entry)

    def insert(self, entry: Entry, name: str, position: int) -> None:
        """Put a library before the one at a position."""
        self.positions = {known: place + (place >= position) for known, place in self.positions.items()}
        self.entries.insert(position, entry)
        self.positions[name] = position
        for known_as in entry.names:
            self.positions.setdefault(known_as, position)


def build_scope(root: LoadedObject, given: GivenFiles, system: TargetSystem, facts: FactsCache) -> Scope:
    """Walk DT_NEEDED breadth first. A missing or broken library raises nothing: the scope has it as such.

    Raises ElfError when the tables of a given file are broken.
    """
    scope = Scope(root, given)
    scope.finding_hidden = system.axis.before(_HIDDEN_IS_LOCAL)
    if root.kind != "executable":  # it is loaded into a program, which has libc and the loader before it
        for name in (LIBC, root.arch.loader):
            history = system.glibc.library(name)
            if history is not None and name not in root.names:
                scope.add(Entry(name, None, history, history.present, ()), name)
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
    _load_filtees(scope, system)
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
        is_found = not parents or parents[0].has_default_folders
        folders = [] if is_found else [place.folder for place in places(parents, system.release) if place.on_system]
        if folders:
            scope.conditions.append((parents[0], name, f"only in {', '.join(folders)}"))
        if is_found or folders:
            return Entry(name, None, history, releases & history.present, parents)
        scope.unloaded.append(UnloadedLibrary("library-not-found", name, parents[0], _NO_DEFAULT_FOLDERS))
        return Entry(name, None, None, releases, parents)
    found = _search(name, parents, scope, system)
    if found is None:
        return Entry(name, None, None, releases, parents)
    if found.file is None and name.startswith(_SYSTEM_FOLDERS):
        history = system.glibc.library(name.rpartition("/")[2])
        if history is not None:
            scope.conditions.append((parents[0], name, "where the system has it at that path"))
    return Entry(name, found.file, None if found.file is not None else history, releases, parents)


def _search(name: str, parents: tuple[LoadedObject, ...], scope: Scope, system: TargetSystem) -> Found | None:
    """What a search finds; None when the scope has recorded why the library is not loaded."""
    if not parents:
        return Found()
    try:
        found = scope.given.search(name, parents, system.release)
    except ElfError as error:
        scope.unloaded.append(UnloadedLibrary("broken-library", name, parents[0], str(error)))
        return None
    if found.reason and system.library(name) is None:
        scope.unloaded.append(UnloadedLibrary("library-not-found", name, parents[0], found.reason))
        return None
    if found.note:
        scope.conditions.append((parents[0], name, found.note))
    return found


def _load_filtees(scope: Scope, system: TargetSystem) -> None:
    """Load what DT_FILTER and DT_AUXILIARY name: each stands before its filter in the scope."""
    for entry in [entry for entry in scope.entries if entry.file is not None and entry.file.filters]:
        filter_file = entry.file
        for name, is_required in filter_file.filters if filter_file is not None else ():
            if filter_file is None or scope.find(name) is not None:
                continue
            loaded = _load(name, entry.loaded, entry, scope, system)
            if loaded.is_unseen and not is_required:
                scope.unloaded = [each for each in scope.unloaded if each.name != name]
            else:
                scope.insert(loaded, name, scope.entries.index(entry))
