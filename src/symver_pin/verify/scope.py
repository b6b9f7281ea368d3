"""What gets loaded for one file, in the order in which symbols are searched.

The loader walks DT_NEEDED breadth first: the file, its libraries in order, then theirs. A library is one of three:

* a *given file*: among the files to judge, or found beside the file through $ORIGIN in DT_RUNPATH or DT_RPATH;
* a *table library*: glibc's own, libgcc_s and libstdc++, known from the tables for every release;
* a *system library*: anything else. The target system must provide it; what it exports cannot be seen from here.

glibc's own libraries are always the target's, even where a copy lies beside the file: mixing them does not work.
"""

from __future__ import annotations

from symver_pin.errors import ElfError
from symver_pin.light import NamedTuple
from symver_pin.maps.release import FOREVER, Release, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from symver_pin.verify.files import Files
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.objects import Object
    from symver_pin.verify.review import Review
    from symver_pin.verify.tables import SymbolTable

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
    entries: list[Entry]
    places: dict[str, int]
    """The position in ``entries`` of each library, by every name that it is known by."""
    broken: list[Missing]
    given: Files
    reviews: list[Review]
    """Of the given files among them, the judged one first."""
    glibc: tuple[tuple[str, int], ...]
    """glibc's libraries among them, with the releases in which each is loaded."""

    def find(self, name: str) -> Entry | None:
        """The loaded library that VERNEED calls ``name``."""
        place = self.places.get(name)
        return None if place is None else self.entries[place]

    @property
    def has_unseen(self) -> bool:
        """Whether there are system libraries in it."""
        return any(entry.file is None and entry.table is None for entry in self.entries)

    @property
    def files(self) -> list[Object]:
        """The given files among them, the judged one first."""
        return [entry.file for entry in self.entries if entry.file is not None]


def build_scope(root: Object, files: Files, knowledge: Knowledge, review_of: Callable[[Object], Review]) -> Scope:
    """Walk DT_NEEDED breadth first. Nothing is raised for a missing or broken library; the scope tells of it."""
    entries = [Entry(root.path, root, None, knowledge.glibc.everything, ())]
    places = dict.fromkeys(root.names, 0)
    broken: list[Missing] = []
    for entry in entries:  # grows as libraries bring in more
        for name, releases in _needed_by(entry, knowledge):
            place = places.get(name)
            if place is None:
                added = _load(name, releases, entry, files, knowledge, broken)
                places[name] = len(entries)
                if added.file is not None:
                    for known_as in added.file.names:
                        places.setdefault(known_as, len(entries))
                entries.append(added)
            elif entries[place].table is not None and releases & ~entries[place].loaded:
                known = entries[place]
                entries[place] = known._replace(loaded=known.loaded | (releases & _existing(known, knowledge)))
    # A library is loaded into a program, which has libc and the loader.
    if root.kind == "shared library":
        for name in (LIBC, root.arch.loader):
            if name not in places and knowledge.is_glibcs(name):
                places[name] = len(entries)
                entries.append(Entry(name, None, knowledge.glibc, knowledge.glibc.has_library(name), ()))
    reviews = [review_of(entry.file) for entry in entries if entry.file is not None]
    glibc = tuple([(entry.name, entry.loaded) for entry in entries if entry.table is knowledge.glibc])
    return Scope(root, entries, places, broken, files, reviews, glibc)


def _needed_by(entry: Entry, knowledge: Knowledge) -> list[tuple[str, int]]:
    """The names that a library loads, each with the releases in which it does."""
    name, file, table, loaded, _parents = entry
    if file is not None:
        return [(needed, loaded) for needed in file.needed]
    if table is None or name.startswith("ld"):
        return []
    if name == LIBC:
        return [(knowledge.loader, loaded)]
    axis = table.axis
    theirs = [(needed, loaded & axis.within(span)) for needed, span in THEIR_NEEDED.get(name, ())]
    return [*theirs, (LIBC, loaded)]


def _existing(entry: Entry, knowledge: Knowledge) -> int:
    glibc = knowledge.glibc
    return glibc.has_library(entry.name) if entry.table is glibc else glibc.everything


def _load(name: str, releases: int, entry: Entry, files: Files, knowledge: Knowledge, broken: list[Missing]) -> Entry:
    table = knowledge.table_of(name)
    file = entry.file
    parents = entry.parents if file is None else (file, *entry.parents)
    found = None
    if table is knowledge.glibc:
        releases &= table.has_library(name)
    elif parents:
        try:
            found = files.resolve(name, parents)
        except ElfError as error:
            broken.append(Missing(name, parents[0], str(error)))
            table = None
    if found is not None:
        table = None
    return tuple.__new__(Entry, (name, found, table, releases, parents))  # half a microsecond less than Entry(...)
