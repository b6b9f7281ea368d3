"""The first rule: every library that DT_NEEDED names must be there.

glibc's own libraries come and go with releases (libmvec came with 2.22); one that a release does not have *yet* stops
the load. One that a release no longer has (libcrypt) distributions provide from elsewhere, like any other library that
cannot be seen from here: that is a note.
"""

from collections.abc import Iterator

from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import Scope
from symver_pin.verify.tables import Knowledge


def check_libraries(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Libraries that are missing, broken, or left to the target system."""
    glibc = knowledge.glibc
    everything = glibc.axis.everything
    broken = {missing.name: missing for missing in scope.broken}
    for entry in scope.entries[1:]:
        wanted_by = entry.parents[0].path if entry.parents else scope.root.path
        if entry.name in broken:
            missing = broken[entry.name]
            yield Problem("broken-library", missing.needed_by.path, everything, entry.name, detail=missing.reason)
        elif entry.table is None and entry.file is None:
            yield Problem("provided-by-system", wanted_by, everything, entry.name)
        elif entry.table is glibc and entry.loaded != everything and _named(scope, entry.name):
            first = glibc.axis.first(entry.loaded)
            early = everything if first is None else glibc.axis.before(first)
            if early:
                yield Problem("missing-library", wanted_by, early, entry.name)
            if everything & ~entry.loaded & ~early:
                yield Problem("provided-by-system", wanted_by, everything & ~entry.loaded & ~early, entry.name)


def _named(scope: Scope, name: str) -> bool:
    """Whether a given file names it, rather than a table library that is known to load it where it exists."""
    return any(name in file.needed for file in scope.files)
