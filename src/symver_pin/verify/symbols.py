"""The third rule: every imported symbol must be found in the search scope, with its version.

Version nodes alone do not tell. ``pthread_create@GLIBC_2.2.5`` is an old node of libc.so.6 that every release has; the
symbol is in libc.so.6 only since 2.34, before that in libpthread.so.0, which the file may not load.

Up to glibc 2.29 the look-up has one rule more. When it comes, in scope order, to the library that the VERNEED entry
names, and that library lacks the symbol, it stops: "symbol X, version Y not defined in file Z with link time
reference". That hits weak references too, and symbols that a later library of the scope has. 2.30 dropped the rule.

And up to 2.40 it asserts that the library that VERNEED names has kept its versions, if that is where the symbol is.

What no relocation names is never looked up, so relocations are read before anything is called missing.
"""

from __future__ import annotations

from symver_pin.maps.release import Release
from symver_pin.verify.knowledge import PRIVATE_NODE
from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import LIBC
from symver_pin.verify.versions import missing_releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.elf.dynamic import Import
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.model import Kind
    from symver_pin.verify.objects import Object
    from symver_pin.verify.offers import Shelf
    from symver_pin.verify.review import Review
    from symver_pin.verify.scope import Entry, Scope

#: The first release whose look-up goes on past the library that VERNEED names (glibc's NEWS for 2.30).
_NO_LINK_TIME_REFERENCE_RULE = Release(2, 30)
#: The first release whose look-up does not assert that a library with a VERNEED entry has versions.
_NO_VERSION_ASSERTION = Release(2, 41)


def check_symbols(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Imports that are not found, for every given file of the scope."""
    given = scope.files
    for review in scope.reviews:
        if not review.asks:
            continue
        if review.suspects and scope.glibc not in review.settled_by:
            left = [wanted for wanted in review.suspects if not _glibc_settles(wanted, review, scope, knowledge)]
            for wanted in left:
                yield from _referenced(review, _check_versioned(review, wanted, scope, knowledge))
            if not left:
                review.settled_by.add(scope.glibc)
        for library in review.libraries:
            entry = scope.find(library)
            if entry is None or (entry.file is None and entry.table is None):
                continue
            for wanted in review.unsettled(entry, library, scope.given.shelf):
                yield from _referenced(review, _check_versioned(review, wanted, scope, knowledge))
        if review.plain:
            yield from _check_plain(review, given, scope, knowledge)
        for wanted in review.odd:
            yield from _referenced(review, _check_odd(review, wanted, scope, knowledge))


def _referenced(review: Review, problems: Iterator[Problem]) -> Iterator[Problem]:
    """The problems whose symbol a relocation names."""
    for problem in problems:
        symbols = tuple(symbol for symbol in problem.symbols or () if symbol.number not in review.unreferenced)
        if symbols:
            yield problem._replace(symbols=symbols)


def _has(entry: Entry, wanted: Import, shelf: Shelf) -> int:
    """The releases in which a look-up finds an import in a loaded library."""
    if entry.file is not None:
        return entry.loaded if shelf.offers(entry.file).look_up(wanted) == "found" else 0
    if entry.table is None:
        return 0
    name = wanted.name.encode("utf-8", "surrogateescape")
    if wanted.version is not None:
        return entry.table.has_symbol(entry.name, name, wanted.version)
    return entry.table.has_plain(entry.name, name)


def _glibc_settles(wanted: Import, review: Review, scope: Scope, knowledge: Knowledge) -> bool:
    """Whether glibc's libraries in the scope, in whatever order, have an import in every release, and the one that is
    named for it where the look-up stops there. That is so of what moved into libc with 2.34, and the same for all files
    that load the same libraries of glibc.
    """
    named, libc = scope.find(wanted.library or ""), scope.find(LIBC)
    if named is None or named.table is None or wanted.version is None or libc is None or libc.table is None:
        return False
    # Most of it is in libc or in the library that is named, and then no other is asked.
    key: tuple[object, ...] = wanted.library, wanted.version, wanted.name, named.loaded, libc.loaded
    known = knowledge.settled.get(key)
    if known is None:
        known = knowledge.settled[key] = _is_found(wanted, named, [named, libc], scope, knowledge)
    if not known:
        key = wanted.library, wanted.version, wanted.name, scope.glibc
        known = knowledge.settled.get(key)
        if known is None:
            glibcs = [entry for entry in scope.entries if entry.table is knowledge.glibc]
            known = knowledge.settled[key] = _is_found(wanted, named, glibcs, scope, knowledge)
    return known and (wanted.library, wanted.version) not in review.file.weak_nodes


def _is_found(wanted: Import, named: Entry, entries: list[Entry], scope: Scope, knowledge: Knowledge) -> bool:
    """Whether some libraries of glibc have an import in every release that has the node, and the one that is named for
    it has it where the look-up stops there.
    """
    shelf = scope.given.shelf
    open_releases = named.loaded & ~missing_releases(named, wanted.version or "")
    found = _has(named, wanted, shelf)
    if open_releases & knowledge.glibc.axis.before(_NO_LINK_TIME_REFERENCE_RULE) & ~found:
        return False
    for entry in entries:
        found |= _has(entry, wanted, shelf) & entry.loaded
    return open_releases != 0 and not open_releases & ~found


def _check_versioned(review: Review, wanted: Import, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    library, version, file, shelf = wanted.library or "", wanted.version or "", review.file, scope.given.shelf
    named = scope.find(library)
    if named is None or version == PRIVATE_NODE:
        return
    # Where the node itself is missing the load has ended before any look-up, unless it may be missing.
    open_releases = named.loaded
    if (library, version) not in file.weak_nodes:
        open_releases &= ~missing_releases(named, version)
    open_releases &= knowledge.glibc.everything
    if not open_releases & ~_has(named, wanted, shelf):
        return
    if named.table is not None and named.table is not knowledge.glibc:
        if not wanted.weak and named.table.lists_symbols(named.name):
            absent = open_releases & ~_has(named, wanted, shelf)
            yield Problem("missing-symbol", file, absent, library, version, (wanted,), by_glibc=False)
        return
    axis = knowledge.glibc.axis
    strict = axis.before(_NO_LINK_TIME_REFERENCE_RULE)
    stopped = asserted = 0
    for entry in scope.entries:
        if wanted.copied and entry.file is file:
            continue
        if entry.file is not None and shelf.offers(entry.file).look_up(wanted) == "assertion":
            asserted, open_releases = open_releases & axis.before(_NO_VERSION_ASSERTION), 0
        open_releases &= ~(_has(entry, wanted, shelf) & entry.loaded)
        if entry is named:
            stopped = open_releases & strict
            open_releases &= ~stopped
    if asserted:
        yield Problem("versions-lost", file, asserted, library, version, (wanted,))
    if stopped:
        yield Problem("link-time-reference", file, stopped, library, version, (wanted,))
    if open_releases and not wanted.weak:
        yield Problem("missing-symbol", file, open_releases, library, version, (wanted,))


def _check_plain(review: Review, given: list[Object], scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """References without a version: any library may have them."""
    remaining = review.plain_beyond(given, scope.given.shelf)
    if not remaining:
        return
    everything = knowledge.glibc.everything
    partly: dict[bytes, int] = {}
    for entry in scope.entries:
        if entry.table is not None:
            for name in entry.table.known(entry.name, remaining):
                releases = entry.table.has_plain(entry.name, name) & entry.loaded
                partly[name] = partly.get(name, 0) | releases
    if not partly:
        yield Problem(_kind_of_plain(scope), review.file, everything, plain=remaining)
        return
    by_releases = {everything: set(remaining.difference(partly))}
    for name, releases in partly.items():
        by_releases.setdefault(everything & ~releases, set()).add(name)
    for releases, names in by_releases.items():
        if releases and names:
            yield Problem(_kind_of_plain(scope), review.file, releases, plain=frozenset(names))


def _kind_of_plain(scope: Scope) -> Kind:
    # A library may count on the program that loads it; an unseen library may have it.
    if scope.root.kind != "executable" or scope.has_unseen:
        return "unjudged-symbols"
    unlisted = any(e.table is not None and not e.table.lists_symbols(e.name) for e in scope.entries)
    return "unjudged-symbols" if unlisted else "missing-symbol"


def _check_odd(review: Review, wanted: Import, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """A reference to a version that the file itself defines: any library may have it."""
    open_releases = knowledge.glibc.everything
    for entry in scope.entries:
        if entry.file is not review.file:
            open_releases &= ~_has(entry, wanted, scope.given.shelf)
    if open_releases:
        yield Problem(_kind_of_plain(scope), review.file, open_releases, None, wanted.version, (wanted,))
