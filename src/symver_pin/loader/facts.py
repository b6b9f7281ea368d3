"""Facts about one ELF file that do not depend on which other files are loaded. They are computed once for each file and
shared by every verdict that loads it.

Most imports are decided here, by the file and the tables alone: the file names libc.so.6 in DT_NEEDED, so libc is
loaded, and libc has the name in every release that has the version node. The rules look at the rest in the scope:
version nodes of libraries that are not glibc's or that the file itself does not load, imports that a library has in
some releases only, imports from given files, and unversioned imports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from symver_pin.elf.constants import (
    DF_STATIC_TLS,
    DF_TEXTREL,
    DT_FLAGS,
    DT_TEXTREL,
    PF_X,
    PT_GNU_STACK,
    PT_TLS,
    VERSYM_GLOBAL,
    VERSYM_LOCAL,
)
from symver_pin.elf.notes import required_kernel_and_level
from symver_pin.elf.records import Import, VersionNeed
from symver_pin.elf.relocations import unreferenced_symbols
from symver_pin.glibc.library import LibraryHistory
from symver_pin.glibc.release import ReleaseSet, node_sort_key
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.exports import ExportCache
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.structure.fault import Fault
from symver_pin.loader.structure.find import find_faults
from symver_pin.loader.target_system import PRIVATE_NODE, START, Node, TargetSystem

RELR_NODE = "GLIBC_ABI_DT_RELR"
NEW_START_NODE = "GLIBC_2.34"
"""The node of the ``__libc_start_main`` that runs constructors by itself (see ``rules.startup``)."""

_START = START.encode()
_MOST_COVERS = 8
"""How many sets of libraries are remembered that define all unversioned imports of a file together."""

_Key = tuple[str, str, bytes]
"""(library, version, name) of an import."""


class ImportGroup(NamedTuple):
    """The names that a file imports with one version of one library."""

    need: VersionNeed
    names: list[bytes]


def highest_nodes(needs: Iterable[VersionNeed]) -> dict[tuple[str, str], str]:
    """(library, family) -> the highest numbered node of the family (``GLIBCXX``) in the version needs on a library."""
    found: dict[tuple[str, str], str] = {}
    for need in needs:
        family, _, number = need.version.rpartition("_")
        if not family or not number.replace(".", "").isdecimal():
            continue
        key = need.library, family
        if key not in found or node_sort_key(found[key]) < node_sort_key(need.version):
            found[key] = need.version
    return found


class FileFacts:
    """The facts about one file. The constructor raises ElfError when its tables are broken."""

    def __init__(self, file: LoadedObject, system: TargetSystem) -> None:
        self.file = file
        self.highest_nodes = highest_nodes(file.needs)
        """(library, family) -> the highest numbered version node of the family that the file needs of the library."""
        self.lacking: ReleaseSet = 0
        """The releases in which glibc lacks a version node that the file needs from a library that it loads itself."""
        self.lacking_nodes: list[Node] = []
        """Those of these nodes that the target release lacks."""
        self.open_needs: list[VersionNeed] = []
        """The version needs on a library whose presence the file itself does not decide."""
        self.groups: dict[str, list[ImportGroup]] = {}
        """Library -> the imports whose version need is open."""
        self.differing: list[_Key] = []
        """Imports whose older version behaves differently from a newer one."""
        self.imports_old_start = False
        """True for a program that imports a ``__libc_start_main`` which is older than 2.34."""
        self.unversioned: frozenset[bytes] = frozenset()
        """The strong imports without a version that libc does not have in every release."""
        self.imports_without_library: tuple[Import, ...] = ()
        """Imports whose version no library is named for: the file defines the node itself."""
        partial: set[_Key] = set()

        decided_by = self._look_at_needs(system)
        left = self._undecided_names(decided_by, system)
        for need in file.needs:
            names = left.pop(need.version_index, None)
            if names is not None:
                self._look_at_group(ImportGroup(need, names), decided_by, system, partial)
        self._look_at_unversioned([*left.pop(VERSYM_LOCAL, ()), *left.pop(VERSYM_GLOBAL, ())], system)
        if left:
            self._look_at_own_nodes()
        if self.unversioned:
            self.unversioned -= file.dynamic.unreferenced_names()
        self.unversioned |= self._copied_without_version()
        self.partial_imports = self._records_of(partial)
        """Imports from glibc that some releases do not have in the library that VERNEED names."""
        self.resolved_by: set[tuple[tuple[str, ReleaseSet], ...]] = set()
        """The sets of glibc's libraries (``Scope.glibc``) that have all partial imports between them."""
        self.needs_scope = bool(self.partial_imports or self.groups or self.unversioned or self.imports_without_library)
        """True if there are imports that the file and the tables do not decide."""
        self.kernel, self.x86_level = required_kernel_and_level(file.image)
        self._look_at_memory()
        self._unresolved: dict[tuple[str, object], tuple[Import, ...]] = {}
        self._found_unversioned: dict[LoadedObject, frozenset[bytes]] = {}
        self._without_unversioned: set[LoadedObject] = set()
        self._covers: list[frozenset[LoadedObject]] = []
        self.thread_offsets: frozenset[bytes] = frozenset()
        """The names of imports that a TLS relocation refers to."""
        self.direct_references: frozenset[bytes] = frozenset()
        """Of a program: the names of variables that it copies, and of functions whose address it has fixed."""
        self._look_at_relocations()
        self.unwinds_signed_returns = file.unwinds_signed_returns
        self.faults: tuple[Fault, ...] = find_faults(file.dynamic, system)
        """What stops the file whatever else is loaded."""
        file.close()

    def _look_at_memory(self) -> None:
        """Find the file's demands on the process's memory (see ``rules.memory``)."""
        tags, image = self.file.dynamic.tags, self.file.image
        flags = tags.get(DT_FLAGS, 0)
        stack, tls = image.first(PT_GNU_STACK), image.first(PT_TLS)
        self.has_text_relocations = DT_TEXTREL in tags or bool(flags & DF_TEXTREL)
        """True if the loader must write into its code."""
        self.has_executable_stack = self.file.arch.has_executable_stack if stack is None else bool(stack.flags & PF_X)
        """True if it demands an executable stack."""
        self.static_tls = tls.mem_size if tls is not None and flags & DF_STATIC_TLS else 0
        """The bytes of thread-local memory at a fixed distance from the thread pointer."""

    def _look_at_needs(self, system: TargetSystem) -> dict[int, Node | None]:
        """Version index -> the node of a glibc library that the file loads itself, None for an open need."""
        file = self.file
        decided_by: dict[int, Node | None] = {}
        for need in file.needs:
            is_own = not need.weak and need.library in file.needed
            node = system.node(need.library, need.version) if is_own else None
            decided_by[need.version_index] = node
            if node is None:
                self.open_needs.append(need)
            elif node.lacking and (need.version != RELR_NODE or not file.has_relr):
                self.lacking |= node.lacking
                if node.lacking & system.target:
                    self.lacking_nodes.append(node)
        return decided_by

    def _undecided_names(self, decided_by: dict[int, Node | None], system: TargetSystem) -> dict[int, list[bytes]]:
        """Version index -> the imported names that need more than a look at the tables."""
        left: dict[int, list[bytes]] = {}
        names, indexes = self.file.dynamic.imported_names
        for name, index, node in zip(names, indexes, map(system.simply_found.get, names), strict=True):
            if node is None or node is not decided_by.get(index):
                left.setdefault(index, []).append(system.shared(name))
        return left

    def _look_at_group(
        self, group: ImportGroup, decided_by: dict[int, Node | None], system: TargetSystem, partial: set[_Key]
    ) -> None:
        (library, version, _weak, index), names = group
        if self.file.kind == "executable" and version != NEW_START_NODE and _START in names:
            self.imports_old_start = True
        if decided_by[index] is None:
            self.groups.setdefault(library, []).append(group)
        elif version != PRIVATE_NODE:
            self.differing += [(library, version, name) for name in names if name in system.differing]
            history = system.glibc.library(library)
            if history is not None:
                partial.update((library, version, name) for name in history.unsteady(version, names))

    def _look_at_unversioned(self, names: list[bytes], system: TargetSystem) -> None:
        needed = self.file.needed
        if self.file.kind == "executable" and _START in names:
            self.imports_old_start = True
        left = set(names)
        for library in needed if LIBC in needed else ():
            history = system.glibc.library(library)
            if left and history is not None and history.present == system.everything:
                left -= history.steady_unversioned
        self.unversioned = frozenset(left)

    def _copied_without_version(self) -> frozenset[bytes]:
        """The variables that a program copies from a library, where they have no version: each must be found there."""
        dynamic, known = self.file.dynamic, self.file.arch.relocations
        if known is None or self.file.kind != "executable":
            return frozenset()
        versions = dynamic.versions
        copied = [number for number in dynamic.symbols_with({known.copy}) if number < len(dynamic.infos)]
        return frozenset(dynamic.names([number for number in copied if versions[number] & 0x7FFF <= VERSYM_GLOBAL]))

    def _look_at_relocations(self) -> None:
        """Find the references whose symbol must be of a certain kind."""
        dynamic, known = self.file.dynamic, self.file.arch.relocations
        if known is None:
            return
        count = len(dynamic.infos)
        numbers = [number for number in dynamic.symbols_with({*known.offset_in_thread}) if 0 < number < count]
        self.thread_offsets = frozenset(dynamic.names(numbers))
        if self.file.kind == "executable":
            copied = [number for number in dynamic.symbols_with({known.copy}) if number < count]
            fixed = [number for number in dynamic.import_numbers if dynamic.values[number]]
            self.direct_references = frozenset(dynamic.names([*copied, *fixed]))

    def _look_at_own_nodes(self) -> None:
        """Imports with a version index that VERNEED does not have."""
        strong = [found for found in self.file.imports() if found.library is None and not found.weak]
        self.imports_without_library = tuple(found for found in strong if found.version is not None)
        self.unversioned |= {found.name.encode("utf-8", "surrogateescape") for found in strong if found.version is None}

    def _records_of(self, chosen: Collection[_Key]) -> tuple[Import, ...]:
        if not chosen:
            return ()
        keys = {(library, version, name.decode("utf-8", "surrogateescape")) for library, version, name in chosen}
        nodes = {(library, version) for library, version, _name in chosen}
        indexes = {need.version_index for need in self.file.needs if (need.library, need.version) in nodes}
        found = self.file.imports(indexes)
        return tuple(symbol for symbol in found if (symbol.library, symbol.version, symbol.name) in keys)

    def unresolved(
        self, library: str, loaded: LoadedObject | LibraryHistory, exports: ExportCache
    ) -> tuple[Import, ...]:
        """The imports from ``library`` that a plain match does not find, in every release, in what is loaded for it."""
        key = library, loaded
        found = self._unresolved.get(key)
        if found is None:
            missing: list[_Key] = []
            for need, names in self.groups.get(library, ()):
                if isinstance(loaded, LoadedObject):
                    lacking = exports.of(loaded).missing(need.version, names)
                elif need.weak:
                    everything = loaded.axis.everything
                    lacking = [name for name in names if loaded.exporting(name, need.version) != everything]
                else:
                    lacking = loaded.unsteady(need.version, names)
                missing += [(library, need.version, name) for name in lacking]
            found = self._unresolved[key] = self._records_of(missing)
        return found

    @property
    def open_libraries(self) -> Iterable[str]:
        """The libraries that ``unresolved`` has an answer about."""
        return self.groups

    def unversioned_beyond(self, given: list[LoadedObject], exports: ExportCache) -> frozenset[bytes]:
        """The ``unversioned`` imports that none of the given libraries exports; ``given`` is in search order."""
        together = frozenset(given)
        if any(cover <= together for cover in self._covers):
            return frozenset()
        left, defining = self.unversioned, []
        for library in given:
            if library is self.file or library in self._without_unversioned:
                continue  # a file does not define what it leaves undefined
            found = self._found_unversioned.get(library)
            if found is None:
                found = exports.of(library).found_unversioned(self.unversioned)
                if not found:
                    self._without_unversioned.add(library)
                    continue
                self._found_unversioned[library] = found
            left -= found
            defining.append(library)
            if not left:
                self._covers = [frozenset(defining), *self._covers[: _MOST_COVERS - 1]]
                break
        return left

    @cached_property
    def unreferenced(self) -> frozenset[int]:
        """The symbol numbers of the imports that no relocation names: the loader never looks them up."""
        dynamic = self.file.dynamic
        return unreferenced_symbols(dynamic, dynamic.import_numbers)


class FactsCache:
    """The facts about files, for one target system."""

    def __init__(self, system: TargetSystem) -> None:
        self._system = system
        self._kept: dict[LoadedObject, FileFacts] = {}

    def of(self, file: LoadedObject) -> FileFacts:
        """The facts about a file. Raises ElfError when it is broken."""
        found = self._kept.get(file)
        if found is None:
            found = self._kept[file] = FileFacts(file, self._system)
        return found

    def forget(self, file: LoadedObject) -> None:
        """Drop the facts about a file: the verdicts on everything that loads it are made."""
        self._kept.pop(file, None)
