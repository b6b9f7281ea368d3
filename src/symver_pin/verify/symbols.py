"""The third rule: every imported symbol must be found in the search scope, with its version.

Version nodes alone do not tell. ``pthread_create@GLIBC_2.2.5`` is an old node of libc.so.6 that every release has; the
symbol is in libc.so.6 only since 2.34, before that in libpthread.so.0, which the file may not load.

Up to glibc 2.29 the look-up has one rule more. When it comes, in scope order, to the library that the VERNEED entry
names, and that library lacks the symbol, it stops: "symbol X, version Y not defined in file Z with link time
reference". That hits weak references too, and symbols that a later library of the scope has. 2.30 dropped the rule.

And up to 2.40 it asserts that the library that VERNEED names has kept its versions, if that is where the symbol is.

What no relocation names is never looked up, so relocations are read before anything is called missing.
"""

from collections.abc import Iterator

from symver_pin.elf.relocations import referenced_symbols
from symver_pin.elf.symtab import Import
from symver_pin.maps.release import Release
from symver_pin.verify.model import Kind
from symver_pin.verify.objects import Object
from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import Entry, Scope
from symver_pin.verify.tables import Knowledge
from symver_pin.verify.versions import PRIVATE_NODE, missing_releases

#: The first release whose look-up goes on past the library that VERNEED names (glibc's NEWS for 2.30).
_NO_LINK_TIME_REFERENCE_RULE = Release(2, 30)
#: The first release whose look-up does not assert that a library with a VERNEED entry has versions.
_NO_VERSION_ASSERTION = Release(2, 41)


def check_symbols(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Imports that are not found, for every given file of the scope."""
    for file in scope.files:
        problems = list(_check_file(file, scope, knowledge))
        if not problems:
            continue
        referenced = referenced_symbols(file.dynamic)
        for problem in problems:
            symbols = tuple(s for s in problem.symbols if referenced is None or s.number in referenced)
            if symbols:
                yield problem._replace(symbols=symbols)


def _check_file(file: Object, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    named: dict[str, Entry | None] = {}
    for wanted in file.dynamic.imports:
        library = wanted.library
        if library is None:
            yield from _check_unversioned(file, wanted, scope, knowledge)
            continue
        if library not in named:
            named[library] = scope.find(library)
        entry = named[library]
        if entry is None or wanted.version == PRIVATE_NODE or (entry.file is None and entry.table is None):
            continue
        if entry.table is None or entry.table is knowledge.glibc:
            yield from _check_versioned(file, wanted, entry, scope, knowledge)
        elif entry.table.lists_symbols(entry.name):
            absent = entry.loaded & ~_has(entry, wanted) & ~missing_releases(entry, wanted.version or "")
            if absent and not wanted.weak:
                yield Problem("missing-symbol", file.path, absent, library, wanted.version, (wanted,), "", False)


def _has(entry: Entry, wanted: Import) -> int:
    """The releases in which a look-up finds an import in a loaded library."""
    if entry.file is not None:
        return entry.loaded if entry.file.look_up(wanted) == "found" else 0
    table = entry.table
    if table is None:
        return 0
    if wanted.version is not None:
        return table.has_symbol(entry.name, wanted.name, wanted.version)
    oldest = table.oldest_node(entry.name)
    found = 0
    for exported in table.symbol(entry.name, wanted.name):
        if exported.default or exported.version == oldest:
            found |= exported.releases
    return found


def _check_versioned(
    file: Object, wanted: Import, named: Entry, scope: Scope, knowledge: Knowledge
) -> Iterator[Problem]:
    # Where the node itself is missing the load has ended before any look-up, unless it may be missing.
    open_releases = named.loaded
    if (wanted.library, wanted.version) not in file.weak_nodes:
        open_releases &= ~missing_releases(named, wanted.version or "")
    if not open_releases & ~_has(named, wanted):
        return
    axis = knowledge.glibc.axis
    strict = axis.before(_NO_LINK_TIME_REFERENCE_RULE)
    stopped = asserted = 0
    for entry in scope.entries:
        if wanted.copied and entry.file is file:
            continue
        if entry.file is not None and entry.file.look_up(wanted) == "assertion":
            asserted, open_releases = open_releases & axis.before(_NO_VERSION_ASSERTION), 0
        open_releases &= ~(_has(entry, wanted) & entry.loaded)
        if entry is named:
            stopped = open_releases & strict
            open_releases &= ~stopped
    if asserted:
        yield Problem("versions-lost", file.path, asserted, wanted.library, wanted.version, (wanted,))
    if stopped:
        yield Problem("link-time-reference", file.path, stopped, wanted.library, wanted.version, (wanted,))
    if open_releases and not wanted.weak:
        yield Problem("missing-symbol", file.path, open_releases, wanted.library, wanted.version, (wanted,))


def _check_unversioned(file: Object, wanted: Import, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    if wanted.weak:
        return
    open_releases = knowledge.glibc.axis.everything
    for entry in scope.entries:
        if entry.file is file:
            continue  # What a file leaves undefined it does not define.
        open_releases &= ~_has(entry, wanted)
        if not open_releases:
            return
        if entry.table is not None and not entry.table.lists_symbols(entry.name):
            yield Problem("unjudged-symbols", file.path, open_releases, None, None, (wanted,))
            return
    # A library may count on the program that loads it; an unseen library may have it.
    judged = scope.root.kind == "executable" and not scope.unseen
    kind: Kind = "missing-symbol" if judged else "unjudged-symbols"
    yield Problem(kind, file.path, open_releases, None, wanted.version, (wanted,))
