"""The second rule: every version node that VERNEED names must be defined by the library that it names.

This is what the loader checks first (``_dl_check_map_versions``), before any symbol, and it looks at nodes alone:

* the library must be loaded at all, else the loader stops with a failed assertion;
* a library without any VERDEF is taken as it is;
* a node flagged VER_FLG_WEAK may be missing. (Linkers set the flag seldom, and not for weak references.)

Nodes that no symbol carries count like all others: ``GLIBC_ABI_DT_RELR`` (2.36) marks files with DT_RELR, the compact
form of relative relocations. Loaders before 2.36 know neither; without the node they would start the program and leave
its pointers unrelocated, hence the node, and hence later loaders refuse DT_RELR without it.
"""

from __future__ import annotations

from symver_pin.verify.knowledge import PRIVATE_NODE
from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import LIBC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.elf.facts import Need
    from symver_pin.verify.knowledge import Knowledge, Node
    from symver_pin.verify.model import Kind
    from symver_pin.verify.objects import Object
    from symver_pin.verify.scope import Entry, Scope

RELR_NODE = "GLIBC_ABI_DT_RELR"
#: The node of the ``__libc_start_main`` that runs constructors by itself (see ``startup``).
NEW_START_NODE = "GLIBC_2.34"


def check_versions(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Version nodes that are missing, for every given file of the scope."""
    for review in scope.reviews:
        yield from review.problems
        for need in review.open_needs:
            yield from _check_need(review.file, need, scope, knowledge)


def missing_own_node(file: Object, node: Node) -> Problem:
    """What is wrong with a strong version node that some releases lack, of a library that the file itself loads."""
    library, version, lacking = node
    kind: Kind = "glibc-private" if version == PRIVATE_NODE else "missing-version"
    return Problem(kind, file, lacking, library, version, None)


def _check_need(file: Object, need: Need, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    library, version, weak, _index = need
    entry = scope.find(library)
    everything = knowledge.glibc.everything
    if entry is None or entry.table is knowledge.glibc:
        if not knowledge.is_glibcs(library):
            return
        if version == PRIVATE_NODE:
            yield Problem("glibc-private", file, everything, library, version, None)
            return
        if entry is None:
            yield Problem("library-not-loaded", file, everything, library, version, None)
            return
        absent = everything & ~entry.loaded
        if absent and not any(library in user.needed for user in scope.files):
            # Loaded by another of glibc's libraries, in some releases only.
            yield Problem("library-not-loaded", file, absent, library, version, None)
    if weak or (version == RELR_NODE and file.is_packed):
        return
    missing = missing_releases(entry, version)
    if missing:
        by_glibc = entry.table is None or entry.table is knowledge.glibc
        yield Problem("missing-version", file, missing, library, version, None, by_glibc=by_glibc)


def missing_releases(entry: Entry, version: str) -> int:
    """The releases in which a loaded library lacks a version node."""
    if entry.file is not None:
        defined = entry.file.defined_versions
        return entry.loaded if defined is not None and version not in defined else 0
    if entry.table is not None:
        return entry.loaded & ~entry.table.has_node(entry.name, version)
    return 0


def check_relr(file: Object, knowledge: Knowledge) -> Iterator[Problem]:
    """DT_RELR before the loader knew it, and without its marker."""
    if not file.is_packed:
        return
    glibc = knowledge.glibc
    marked = any(need.version == RELR_NODE for need in file.needs)
    if file.needs and not marked and any(name.startswith("libc.so.") for name in file.needed):
        yield Problem("dt-relr", file, glibc.everything, LIBC, RELR_NODE, None, detail="unmarked")
    elif glibc.everything & ~glibc.has_node(LIBC, RELR_NODE):
        yield Problem("dt-relr", file, glibc.everything & ~glibc.has_node(LIBC, RELR_NODE), LIBC, RELR_NODE, ())
