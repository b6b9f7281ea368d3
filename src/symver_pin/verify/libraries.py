"""The first rule: every library that DT_NEEDED names must be there.

glibc's own libraries come and go with releases (libmvec came with 2.22); one that a release does not have *yet* stops
the load. One that a release no longer has (libcrypt) distributions provide from elsewhere, like any other library that
cannot be seen from here: that is a note.
"""

from __future__ import annotations

from symver_pin.verify.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.scope import Scope


def check_libraries(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Libraries that are missing, broken, or left to the target system."""
    glibc = knowledge.glibc
    everything = glibc.everything
    broken = {missing.name: missing for missing in scope.broken}
    for name, file, table, loaded, parents in scope.entries:
        if file is not None or (loaded == everything and table is not None):
            continue
        wanted_by = parents[0] if parents else scope.root
        if name in broken:
            missing = broken[name]
            yield Problem("broken-library", missing.needed_by, everything, name, detail=missing.reason)
        elif table is None:
            yield Problem("provided-by-system", wanted_by, everything, name)
        elif table is glibc and _named(scope, name):
            first = glibc.axis.first(loaded)
            early = everything if first is None else glibc.axis.before(first)
            if early:
                yield Problem("missing-library", wanted_by, early, name)
            if everything & ~loaded & ~early:
                yield Problem("provided-by-system", wanted_by, everything & ~loaded & ~early, name)


def _named(scope: Scope, name: str) -> bool:
    """Whether a given file names it, rather than a table library that is known to load it where it exists."""
    return any(name in file.needed for file in scope.files)
