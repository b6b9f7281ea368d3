"""The second rule: every version node that VERNEED names must be defined by the library that it names.

This is what the loader checks first (``_dl_check_map_versions``), before any symbol, and it looks at nodes alone:

* the library must be loaded at all, else the loader stops with a failed assertion;
* a library without any VERDEF is taken as it is;
* a node flagged VER_FLG_WEAK may be missing. (Linkers set the flag seldom, and not for weak references.)

Nodes that no symbol carries count like all others: ``GLIBC_ABI_DT_RELR`` (2.36) marks files with DT_RELR, the compact
form of relative relocations. Loaders before 2.36 know neither; without the node they would start the program and leave
its pointers unrelocated, hence the node, and hence later loaders refuse DT_RELR without it.
"""

from collections.abc import Iterator

from symver_pin.elf.dynamic import DT_RELR, Need
from symver_pin.verify.objects import Object
from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import LIBC, Entry, Scope
from symver_pin.verify.tables import Knowledge

RELR_NODE = "GLIBC_ABI_DT_RELR"
PRIVATE_NODE = "GLIBC_PRIVATE"


def check_versions(scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    """Version nodes that are missing, for every given file of the scope."""
    for file in scope.files:
        yield from _check_relr(file, knowledge)
        for need in file.dynamic.needs:
            if need.version == RELR_NODE and file.dynamic.value(DT_RELR) is not None:
                continue
            yield from _check_need(file, need, scope, knowledge)


def _check_need(file: Object, need: Need, scope: Scope, knowledge: Knowledge) -> Iterator[Problem]:
    entry = scope.find(need.library)
    everything = knowledge.glibc.axis.everything
    ours = need.library in knowledge.glibc.sonames
    bound = file.bound_to(need)
    if need.version == PRIVATE_NODE and ours:
        yield Problem("glibc-private", file.path, everything, need.library, need.version, bound)
        return
    if entry is None:
        if ours:
            yield Problem("library-not-loaded", file.path, everything, need.library, need.version, bound)
        return
    absent = everything & ~entry.loaded
    if absent and entry.table is knowledge.glibc and not any(need.library in user.needed for user in scope.files):
        # Loaded by another of glibc's libraries, in some releases only.
        yield Problem("library-not-loaded", file.path, absent, need.library, need.version, bound)
    missing = missing_releases(entry, need.version)
    if missing and not need.weak:
        by_glibc = entry.table is None or entry.table is knowledge.glibc
        yield Problem("missing-version", file.path, missing, need.library, need.version, bound, "", by_glibc)


def missing_releases(entry: Entry, version: str) -> int:
    """The releases in which a loaded library lacks a version node."""
    if entry.file is not None:
        defined = entry.file.defined_versions
        return entry.loaded if defined is not None and version not in defined else 0
    if entry.table is not None:
        return entry.loaded & ~entry.table.has_node(entry.name, version)
    return 0


def _check_relr(file: Object, knowledge: Knowledge) -> Iterator[Problem]:
    if file.dynamic.value(DT_RELR) is None:
        return
    everything, needs = knowledge.glibc.axis.everything, file.dynamic.needs
    understood = knowledge.glibc.has_node(LIBC, RELR_NODE)
    marked = any(need.version == RELR_NODE for need in needs)
    if needs and not marked and any(name.startswith("libc.so.") for name in file.needed):
        yield Problem("dt-relr", file.path, everything, LIBC, RELR_NODE, detail="unmarked")
    elif everything & ~understood:
        yield Problem("dt-relr", file.path, everything & ~understood, LIBC, RELR_NODE)
