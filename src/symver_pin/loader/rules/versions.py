"""Rule: every version node that VERNEED names must be defined by the library that it names.

The loader checks this first (``_dl_check_map_versions``), before any symbol, and it looks at nodes alone:

* the library must be loaded at all, else the loader stops with a failed assertion;
* a library without any VERDEF is accepted as it is;
* a node flagged VER_FLG_WEAK may be missing. (Linkers set the flag seldom, and not for weak references.)

Of GCC's runtimes without a table of symbols (libgomp, libgfortran ...) the GCC release of each node is known. The
target's runtime is that of its GCC, so it lacks the nodes of later releases.

Nodes that no symbol carries count like all others: ``GLIBC_ABI_DT_RELR`` (2.36) marks files with DT_RELR, the compact
form of relative relocations. Loaders before 2.36 know neither; without the node they would start the program and leave
its pointers unrelocated. Later loaders refuse DT_RELR without the node.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.records import VersionNeed
from symver_pin.elf.version_records import CURRENT
from symver_pin.glibc.release import ReleaseSet
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.facts import RELR_NODE, FileFacts
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Entry, Scope
from symver_pin.loader.target_system import PRIVATE_NODE, TargetSystem


def check_versions(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Version nodes that are missing, for every given file of the scope."""
    for facts in scope.facts:
        yield from _check_relr(facts.file, system)
        yield from _missing_own_nodes(facts)
        for need in facts.open_needs:
            yield from _check_need(facts.file, need, scope, system)


def _missing_own_nodes(facts: FileFacts) -> Iterator[Problem]:
    """Nodes that the target lacks, of libraries that the file loads itself."""
    for library, version, lacking in facts.lacking_nodes:
        kind = "glibc-private" if version == PRIVATE_NODE else "missing-version"
        yield Problem(kind, facts.file, lacking, library, version, None)


def _check_need(file: LoadedObject, need: VersionNeed, scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """A need on a library whose presence the file itself does not decide."""
    library, version, weak, _index = need
    # A library is known by the path that a token was expanded to, never by the name with the token.
    entry = None if "$" in library else scope.find(library)
    if entry is None or entry.is_glibc:
        if version == PRIVATE_NODE and system.is_glibc(library):
            yield Problem("glibc-private", file, system.everything, library, version, None)
            return
        if entry is None:
            # A library of the system may load it, and then it is found.
            kind = "unjudged-library" if scope.has_unseen and not system.is_glibc(library) else "library-not-loaded"
            yield Problem(kind, file, system.everything, library, version, None)
            return
        absent = system.everything & ~entry.loaded
        if absent and not any(library in user.needed for user in scope.files):
            # Another of glibc's libraries loads it, in some releases only.
            yield Problem("library-not-loaded", file, absent, library, version, None)
    if entry.file is not None:
        number = _unknown_record(entry.file, version)
        if number is not None:
            detail = f"{library} has a VERDEF record of version {number}"
            yield Problem("version-record", file, system.everything, library, version, None, detail=detail)
            return
    if weak or (version == RELR_NODE and file.has_relr):
        return
    missing = releases_without_node(entry, version, system)
    if entry.file is None and entry.history is None and system.is_newer_runtime(version):
        missing = system.everything
    if missing:
        by_glibc = entry.file is not None or (entry.history is not None and entry.history.is_glibc)
        yield Problem("missing-version", file, missing, library, version, None, by_glibc=by_glibc)


def _unknown_record(library: LoadedObject, version: str) -> int | None:
    """The version of the first VERDEF record that is not 1, if the loader meets it before it finds the node."""
    for definition, number in zip(library.definitions or (), library.definition_record_versions, strict=False):
        if number != CURRENT:
            return number
        if definition.version == version:
            return None
    return None


def releases_without_node(entry: Entry, version: str, system: TargetSystem) -> ReleaseSet:
    """The releases in which a loaded library lacks a version node."""
    if entry.file is not None:
        defined = entry.file.defined_versions
        return entry.loaded if defined is not None and version not in defined else 0
    if entry.history is not None:
        return entry.loaded & system.lacking_node(entry.history, version)
    return 0


def _check_relr(file: LoadedObject, system: TargetSystem) -> Iterator[Problem]:
    """DT_RELR before the loader knew it, or without its marker node."""
    if not file.has_relr:
        return
    libc = system.glibc.library(LIBC)
    marked = libc.nodes.get(RELR_NODE, 0) if libc is not None else 0
    has_marker = any(need.version == RELR_NODE for need in file.needs)
    if file.needs and not has_marker and any(name.startswith("libc.so.") for name in file.needed):
        yield Problem("dt-relr", file, system.everything, LIBC, RELR_NODE, None, detail="unmarked")
    elif system.everything & ~marked:
        yield Problem("dt-relr", file, system.everything & ~marked, LIBC, RELR_NODE, ())
