"""The plan for one file: a decision on each import, and the ``Change`` that carries them out."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from symver_pin.elf.constants import VERSYM_HIDDEN
from symver_pin.elf.records import Import
from symver_pin.glibc.release import Release
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.object import LoadedObject
from symver_pin.repairer.compat_library import SONAME
from symver_pin.repairer.decide import Decider, Decision, sorted_decisions
from symver_pin.repairer.rewriting.change import Change, Version
from symver_pin.repairer.rewriting.plt_marks import has_marks

_UNDERSTANDS_RELR = Release(2, 36)
"""The first release whose loader knows DT_RELR, and the addends of ``-z mark-plt``."""
_LD_GNU_CONFLICT = 0x6FFFFEF8
"""DT_GNU_CONFLICT: a program that prelink has bound to the libraries of one machine."""


_LIBGCC_S = "libgcc_s.so.1"


class FilePlan(NamedTuple):
    """What a repair does to one file."""

    path: str
    decisions: tuple[Decision, ...]
    runtimes: tuple[str, ...]
    """The runtime libraries of GCC that must be shipped: the target's lack version nodes, or do not know signed return
    addresses."""
    change: Change | None
    """None if anything is refused, or nothing is to be done."""

    @property
    def refused(self) -> tuple[Decision, ...]:
        """The decisions that keep the file from being repaired."""
        return tuple(decision for decision in self.decisions if decision.outcome == "refused")

    @property
    def uses_compat_library(self) -> bool:
        """True if a symbol of it is bound to the compat library."""
        return any(decision.outcome == "supplied" for decision in self.decisions)

    def count(self, outcome: str) -> int:
        """The number of symbols with an outcome."""
        return len({decision.symbol for decision in self.decisions if decision.outcome == outcome})


def plan_file(file: LoadedObject, decider: Decider, given: Collection[str]) -> FilePlan:
    """Plan the repair of one file. ``given`` are the names of libraries that are shipped with it.

    Raises ElfError if its tables are broken.
    """
    system = decider.system
    if _LD_GNU_CONFLICT in file.dynamic.tags:
        why = "prelink has bound the program to the libraries of one machine; undo it (prelink -u)"
        return FilePlan(file.path, (Decision("", Version("", ""), "refused", None, why),), (), None)
    numbers: dict[int, Version | None] = {}
    decisions: list[Decision] = []
    imports = file.imports()
    tested_in_vain = _nodes_with_addresses(file, imports)
    for imported in imports:
        if imported.version in tested_in_vain:
            imported = imported._replace(weak=False)
        decision = _decide(imported, file, decider, given)
        if decision is not None:
            decisions.append(decision)
            if decision.outcome != "refused":
                numbers[imported.number] = decision.version
    nodes = list(_unused_nodes(file, decider, given))
    runtimes = tuple(dict.fromkeys(_too_new_runtimes(file, decider, given)))
    unpacks = file.has_relr and system.release < _UNDERSTANDS_RELR
    clears = system.arch.has_marked_plt and system.release < _UNDERSTANDS_RELR and has_marks(file.dynamic)
    found = sorted_decisions(iter([*decisions, *nodes]))
    plan = FilePlan(file.path, found, runtimes, None)
    if plan.refused or not (numbers or nodes or unpacks or clears or runtimes):
        return plan
    dropped = frozenset(decision.wanted for decision in nodes)
    needed = _new_needed(file, numbers, decider)
    return plan._replace(change=Change(needed, numbers, dropped, unpacks_relative=unpacks, clears_plt_addends=clears))


def _nodes_with_addresses(file: LoadedObject, imports: Sequence[Import]) -> frozenset[str | None]:
    """The version nodes of weak functions whose address is that of a PLT entry in the program.

    Such an address is never null, so no test finds the function absent. Weak functions of one node belong together
    (``pkey_alloc``, ``pkey_free``): who tests one calls the others.
    """
    values = file.dynamic.values
    return frozenset(each.version for each in imports if each.weak and not each.copied and values[each.number])


def _decide(imported: Import, file: LoadedObject, decider: Decider, given: Collection[str]) -> Decision | None:
    library = imported.library
    if library is None or imported.version is None or library in given or not decider.system.is_glibc(library):
        return None
    if (library, imported.version) in file.weak_nodes:
        return None
    return decider.decide(imported)


def _unused_nodes(file: LoadedObject, decider: Decider, given: Collection[str]) -> Iterator[Decision]:
    """The decisions on version nodes of glibc's libraries that no symbol uses."""
    needs = [need for need in file.needs if need.library not in given and decider.system.is_glibc(need.library)]
    lacking = [need for need in needs if decider.node_without_symbols(Version(need.library, need.version)) is not None]
    if not lacking:
        return
    used = {index & ~VERSYM_HIDDEN for index in file.dynamic.versions}
    for need in lacking:
        decision = decider.node_without_symbols(Version(need.library, need.version))
        if decision is not None and need.version_index not in used and not need.weak:
            yield decision


def _too_new_runtimes(file: LoadedObject, decider: Decider, given: Collection[str]) -> Iterator[str]:
    system = decider.system
    is_unwinder_old = system.arch.has_too_old_unwinder(system.gcc) and file.unwinds_signed_returns
    if is_unwinder_old and _LIBGCC_S in file.needed and _LIBGCC_S not in given:
        yield _LIBGCC_S
    for need in file.needs:
        if need.library in given or need.weak or system.is_glibc(need.library):
            continue
        history = system.library(need.library)
        is_lacking = history is not None and bool(history.lacking_node(need.version) & system.target)
        if is_lacking or system.is_newer_runtime(need.version):
            yield need.library


def _new_needed(file: LoadedObject, numbers: dict[int, Version | None], decider: Decider) -> tuple[str, ...]:
    """DT_NEEDED of the result.

    A library of the target's glibc that is added stands before libc.so.6, as if the linker had found ``-lpthread``
    before ``-lc``: old libraries of both have the same functions. The compat library stands last, behind libc.so.6:
    where libc has a function too, libc's is used, also by glibc's own libraries. A library of glibc that the target
    does not have goes when nothing needs it any more.
    """
    needed = list(file.needed)
    wanted = dict.fromkeys(version.library for version in numbers.values() if version is not None)
    for library in wanted:
        if library in needed or library == SONAME:
            continue
        needed.insert(needed.index(LIBC) if LIBC in needed else len(needed), library)
    if SONAME in wanted and SONAME not in needed:
        needed += [SONAME] if LIBC in needed else [LIBC, SONAME]
    present = decider.system.glibc.view(decider.system.release).libraries
    kept = [name for name in needed if name in present or not decider.system.is_glibc(name)]
    return tuple(name for name in needed if name in kept or _still_used(name, file, numbers))


def _still_used(library: str, file: LoadedObject, numbers: dict[int, Version | None]) -> bool:
    """True if an import that does not change names the library."""
    return any(each.library == library and each.number not in numbers for each in file.imports())


def search_path(file: LoadedObject, folders: Sequence[str]) -> str | None:
    """DT_RUNPATH or DT_RPATH with folders added (``$ORIGIN/../lib``); None if it has all of them."""
    old = file.runpath if file.runpath is not None else file.rpath
    parts = [] if old is None else old.split(":")
    added = [folder for folder in folders if folder not in parts]
    return ":".join([*parts, *added]) if added else None


def way_to(home: str, path: str) -> str:
    """From the folder of a file to its home, as a search path: ``$ORIGIN/../lib``."""
    relative = os.path.relpath(home, path.rpartition("/")[0])
    return "$ORIGIN" if relative == "." else f"$ORIGIN/{relative}"


def as_embedded(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions on a file that gets its members itself."""
    return tuple(
        each._replace(outcome="embedded", version=None) if each.outcome == "supplied" else each for each in decisions
    )
