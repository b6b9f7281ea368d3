"""Rule: every imported symbol must be found in the search scope, with its version.

Version nodes alone do not tell. ``pthread_create@GLIBC_2.2.5`` is an old node of libc.so.6 that every release has; the
symbol is in libc.so.6 only since 2.34, before that in libpthread.so.0, which the file may not load.

Up to glibc 2.29 the look-up has one rule more. When it comes, in scope order, to the library that the VERNEED entry
names, and that library lacks the symbol, it stops: "symbol X, version Y not defined in file Z with link time
reference". That applies to weak references too, and to symbols that a later library of the scope has. 2.30 dropped the
rule.

Up to 2.40 the look-up also asserts that the library that VERNEED names has kept its versions, if that is where the
symbol is.

A symbol that no relocation names is never looked up, so relocations are read before anything is called missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.records import Import
from symver_pin.glibc.release import Release, ReleaseSet
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.facts import FileFacts
from symver_pin.loader.problem import Problem
from symver_pin.loader.rules.versions import releases_without_node
from symver_pin.loader.scope import Entry, Scope
from symver_pin.loader.target_system import PRIVATE_NODE, TargetSystem

_NO_LINK_TIME_REFERENCE_RULE = Release(2, 30)
"""The first release whose look-up goes on past the library that VERNEED names (glibc's NEWS for 2.30)."""
_NO_VERSION_ASSERTION = Release(2, 41)
"""The first release whose look-up does not assert that a library with a VERNEED entry has versions."""


def check_symbols(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Imports that are not found, for every given file of the scope."""
    given = scope.files
    for facts in scope.facts:
        if not facts.needs_scope:
            continue
        yield from _check_partial_imports(facts, scope, system)
        for library in facts.open_libraries:
            entry = scope.find(library)
            loaded = None if entry is None else entry.file or entry.history
            if loaded is not None:
                for imported in facts.unresolved(library, loaded, scope.given.exports):
                    yield from _referenced(facts, _check_versioned(facts, imported, scope, system))
        if facts.unversioned:
            remaining = facts.unversioned_beyond(given, scope.given.exports)
            yield from _check_unversioned(facts, remaining, scope, system)
        for imported in facts.imports_without_library:
            yield from _referenced(facts, _check_without_library(facts, imported, scope, system))


def _check_partial_imports(facts: FileFacts, scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Imports from glibc that some releases do not have in the library that VERNEED names."""
    if not facts.partial_imports or scope.glibc in facts.resolved_by:
        return
    left = [imported for imported in facts.partial_imports if not _is_settled_by_glibc(imported, facts, scope, system)]
    for imported in left:
        yield from _referenced(facts, _check_versioned(facts, imported, scope, system))
    if not left:
        facts.resolved_by.add(scope.glibc)


def _referenced(facts: FileFacts, problems: Iterator[Problem]) -> Iterator[Problem]:
    """The problems whose symbol a relocation names."""
    for problem in problems:
        symbols = tuple(symbol for symbol in problem.symbols or () if symbol.number not in facts.unreferenced)
        if symbols:
            yield problem._replace(symbols=symbols)


def _exporting(entry: Entry, imported: Import, scope: Scope, system: TargetSystem) -> ReleaseSet:
    """The releases in which a look-up finds an import in a loaded library."""
    if entry.file is not None:
        exports = scope.given.exports.of(entry.file)
        if exports.look_up(imported) == "found":
            return entry.loaded
        is_hidden = imported.name.encode("utf-8", "surrogateescape") in exports.hidden
        return entry.loaded & scope.finding_hidden if is_hidden else 0
    if entry.history is None:
        return 0
    version = imported.version
    if version is not None and system.distribution_release(entry.name, version) is not None:
        return entry.loaded & ~system.lacking_node(entry.history, version)  # the table does not list its symbols
    return entry.history.exporting(imported.name.encode("utf-8", "surrogateescape"), imported.version)


def _is_settled_by_glibc(imported: Import, facts: FileFacts, scope: Scope, system: TargetSystem) -> bool:
    """True if glibc's libraries in the scope, in whatever order, have an import in every release, and the one that
    VERNEED names has it in the releases where the look-up stops there.

    That is so of symbols that moved into libc with 2.34. The answer is the same for all files that load the same
    libraries of glibc, so it is kept.
    """
    named, libc = scope.find(imported.library or ""), scope.find(LIBC)
    if named is None or named.history is None or imported.version is None or libc is None or libc.history is None:
        return False
    if (imported.library, imported.version) in facts.file.weak_nodes:
        return False
    # Most symbols are in libc or in the named library, and then the others need not be looked at.
    key: tuple[object, ...] = imported.library, imported.version, imported.name, named.loaded, libc.loaded
    known = system.is_settled.get(key)
    if known is None:
        known = system.is_settled[key] = _is_in_every_release(imported, named, [named, libc], scope, system)
    if not known:
        key = imported.library, imported.version, imported.name, scope.glibc
        known = system.is_settled.get(key)
        if known is None:
            entries = [entry for entry in scope.entries if entry.is_glibc]
            known = system.is_settled[key] = _is_in_every_release(imported, named, entries, scope, system)
    return known


def _is_in_every_release(
    imported: Import, named: Entry, entries: list[Entry], scope: Scope, system: TargetSystem
) -> bool:
    """True if some libraries of glibc have an import in every release that has the node, and the named one has it in
    the releases where the look-up stops there.
    """
    open_releases = named.loaded & ~releases_without_node(named, imported.version or "", system)
    found = _exporting(named, imported, scope, system)
    if open_releases & system.axis.before(_NO_LINK_TIME_REFERENCE_RULE) & ~found:
        return False
    for entry in entries:
        found |= _exporting(entry, imported, scope, system) & entry.loaded
    return open_releases != 0 and not open_releases & ~found


def _check_versioned(facts: FileFacts, imported: Import, scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """An import with a version, looked up in the whole scope."""
    library, version, file = imported.library or "", imported.version or "", facts.file
    named = scope.find(library)
    if named is None or version == PRIVATE_NODE:
        return
    # Where the node itself is missing the load has ended before any look-up, unless the node may be missing.
    open_releases = named.loaded & system.everything
    if (library, version) not in file.weak_nodes:
        open_releases &= ~releases_without_node(named, version, system)
    absent = open_releases & ~_exporting(named, imported, scope, system)
    if not absent:
        return
    if named.history is not None and not named.is_glibc:
        if not imported.weak and named.history.lists_symbols:
            yield Problem("missing-symbol", file, absent, library, version, (imported,), by_glibc=False)
        return
    yield from _search(facts, imported, open_releases, named, scope, system)


def _search(
    facts: FileFacts, imported: Import, open_releases: ReleaseSet, named: Entry, scope: Scope, system: TargetSystem
) -> Iterator[Problem]:
    """The look-up of an import in scope order, in all open releases at once."""
    file, exports = facts.file, scope.given.exports
    stopping = system.axis.before(_NO_LINK_TIME_REFERENCE_RULE)
    stopped = asserted = 0
    for entry in scope.entries:
        if imported.copied and entry.file is file:
            continue
        if entry.file is not None and exports.of(entry.file).look_up(imported) == "assertion":
            asserted, open_releases = open_releases & system.axis.before(_NO_VERSION_ASSERTION), 0
        open_releases &= ~(_exporting(entry, imported, scope, system) & entry.loaded)
        if entry is named:
            stopped = open_releases & stopping
            open_releases &= ~stopped
    if imported.weak:
        open_releases = 0
    found = ("versions-lost", asserted), ("link-time-reference", stopped), ("missing-symbol", open_releases)
    for kind, releases in found:
        if releases:
            yield Problem(kind, file, releases, imported.library, imported.version, (imported,))
    if stopped and scope.root.kind != "executable":
        for library in _other_programs_have(imported, scope, system):
            yield Problem("needs-program", file, stopped, library, None, (imported,))


def _other_programs_have(imported: Import, scope: Scope, system: TargetSystem) -> Iterator[str]:
    """The library of glibc, besides libc, that has an import at the target: a program that names it brings it first."""
    name = imported.name.encode("utf-8", "surrogateescape")
    for soname in system.glibc.sonames:
        history = system.glibc.library(soname)
        is_other = soname != imported.library and history is not None
        if is_other and history is not None and history.exporting(name, imported.version) & system.target:
            yield soname
            return


def _check_unversioned(
    facts: FileFacts, remaining: frozenset[bytes], scope: Scope, system: TargetSystem
) -> Iterator[Problem]:
    """References without a version, which any library may satisfy; ``remaining`` are those that no given file does."""
    found: dict[bytes, ReleaseSet] = {}
    for entry in scope.entries if remaining else ():
        if entry.file is not None and entry.file is not facts.file:
            for name in remaining & scope.given.exports.of(entry.file).hidden:
                found[name] = found.get(name, 0) | entry.loaded & scope.finding_hidden
        if entry.history is not None:
            names = entry.history.names
            for name in [name for name in remaining if name in names]:
                found[name] = found.get(name, 0) | entry.history.exporting(name, None) & entry.loaded
    by_releases: dict[ReleaseSet, set[bytes]] = {}
    for name in remaining:
        by_releases.setdefault(system.everything & ~found.get(name, 0), set()).add(name)
    for releases, names in by_releases.items():
        if releases:
            unversioned = remaining if len(names) == len(remaining) else frozenset(names)
            yield Problem(_kind_of_unversioned(scope), facts.file, releases, unversioned=unversioned)


def _kind_of_unversioned(scope: Scope) -> str:
    """The kind for a symbol that nothing known defines: a library's program, or an unseen library, may define it."""
    if scope.root.kind != "executable" or scope.has_unseen:
        return "unjudged-symbols"
    is_unlisted = any(entry.history is not None and not entry.history.lists_symbols for entry in scope.entries)
    return "unjudged-symbols" if is_unlisted else "missing-symbol"


def _check_without_library(facts: FileFacts, imported: Import, scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """A reference to a version that the file itself defines: any library may have it."""
    open_releases = system.everything
    for entry in scope.entries:
        if entry.file is not facts.file:
            open_releases &= ~_exporting(entry, imported, scope, system)
    if open_releases:
        kind = _kind_of_unversioned(scope)
        yield Problem(kind, facts.file, open_releases, None, imported.version, (imported,))
