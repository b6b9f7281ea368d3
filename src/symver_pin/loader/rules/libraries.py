"""Rule: every library that DT_NEEDED names must exist on the target.

glibc's own libraries come and go with releases (libmvec came with 2.22). A library that a release does not have *yet*
stops the load. One that a release no longer has (libcrypt) is provided by distributions from another package, like any
other system library: that is a note.

Some platforms have a library in a package that a standard installation leaves out: that is a note too.

A file that names another C library (musl's, Android's, uClibc's) was compiled for that one: its structures and
functions differ, and a system with glibc does not have it. So the load fails, also where the file is a plug-in.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.glibc.release import Release
from symver_pin.glibc.sonames import other_libc
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Entry, Scope
from symver_pin.loader.target_system import TargetSystem

_FILTER_MAY_BE_FIRST = Release(2, 32)
"""The first release that does not assert that a program or opened library is the first of its own scope."""


def check_libraries(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Libraries that are missing, broken, or left to the target system."""
    everything = system.everything
    unloaded = {library.name: library for library in scope.unloaded}
    for file, name, condition in scope.conditions:
        yield Problem("found-conditionally", file, everything, name, detail=condition)
    if scope.root.filters and scope.find(scope.root.filters[0][0]) is not None:
        early = system.axis.before(_FILTER_MAY_BE_FIRST)
        yield Problem("dynamic-section", scope.root, early, detail="is a filter (DT_FILTER, DT_AUXILIARY) itself")
    for entry in scope.entries:
        if entry.file is None and entry.name in system.packages and _is_named(entry, scope):
            needed_by = next(file for file in scope.files if entry.name in file.needed)
            yield Problem("not-installed", needed_by, everything, entry.name, detail=system.packages[entry.name])
        if entry.file is not None or (entry.history is not None and entry.loaded == everything):
            continue
        needed_by = entry.parents[0] if entry.parents else scope.root
        if entry.name in unloaded:
            library = unloaded[entry.name]
            yield Problem(library.kind, library.needed_by, everything, entry.name, detail=library.reason)
        elif owner := other_libc(entry.name):
            yield Problem("other-libc", needed_by, everything, entry.name, detail=owner)
        elif entry.history is None:
            yield Problem("provided-by-system", needed_by, everything, entry.name)
        elif entry.is_glibc and _is_named(entry, scope):
            first = system.axis.first(entry.loaded)
            early = everything if first is None else system.axis.before(first)
            if early:
                yield Problem("missing-library", needed_by, early, entry.name)
            late = everything & ~entry.loaded & ~early
            if late:
                yield Problem("provided-by-system", needed_by, late, entry.name)


def _is_named(entry: Entry, scope: Scope) -> bool:
    """True if a given file names the library; a table library is known to load another one only where that exists."""
    return any(entry.name in file.needed for file in scope.files)
