"""What one file brings to the judgement of all that load it: worked out once a file, whatever else is loaded.

Most of what a file wants is settled by the file and the tables alone: it names libc.so.6 in DT_NEEDED, so libc is
loaded, and each name that libc has had ever since it has had the version node is found. What is left over is handed to
the rules, which look at the scope: version nodes of libraries that are not glibc's or that the file itself does not
load, imports that a library has in some releases only, imports from given files, and unversioned ones.
"""

from __future__ import annotations

from symver_pin.elf.constants import VERSYM_GLOBAL, VERSYM_LOCAL
from symver_pin.light import NamedTuple, cached_property
from symver_pin.verify.knowledge import PRIVATE_NODE, START
from symver_pin.verify.scope import LIBC
from symver_pin.verify.versions import NEW_START_NODE, RELR_NODE, check_relr, missing_own_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Set

    from symver_pin.elf.dynamic import Import
    from symver_pin.elf.facts import Need
    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.objects import Object
    from symver_pin.verify.offers import Shelf
    from symver_pin.verify.problems import Problem
    from symver_pin.verify.scope import Entry

_START = START.encode()
#: How many sets of libraries are remembered that have a file's plain names together.
_MOST_COVERS = 8
#: Stands for a version node of which the file alone does not tell whether it is there.
_OPEN = object()


class Group(NamedTuple):
    """The names that a file wants with one version of one library."""

    need: Need
    names: list[bytes]


class Review:
    """One file, read. Raises ElfError when its tables are broken."""

    def __init__(self, file: Object, knowledge: Knowledge) -> None:
        self.file = file
        inside, glibc, needed = file.inside, knowledge.glibc, file.needed
        problems: list[Problem] = list(check_relr(file, knowledge)) if file.is_packed else []
        self.lacking = 0
        """The releases in which glibc lacks one of the other version nodes."""
        self.open_needs: list[Need] = []
        """The version nodes whose library's presence the file itself does not decide."""
        nodes: dict[int, object] = {}
        for need in file.needs:
            library, version, weak, index = need
            node = None if weak or library not in needed else knowledge.node(library, version)
            nodes[index] = node or _OPEN
            if node is None:
                self.open_needs.append(need)
            elif node.lacking and (version != RELR_NODE or not file.is_packed):
                self.lacking |= node.lacking
                if node.lacking & knowledge.target:
                    problems.append(missing_own_node(file, node))
        self.groups: dict[str, list[Group]] = {}
        """What it wants of each library that the file alone does not settle."""
        self.differing: list[tuple[str, str, bytes]] = []
        """(library, version, name) of imports of which some version means something else than another."""
        unsteady: set[tuple[str, str, bytes]] = set()
        old_start = False
        left = inside.wants.left(nodes, knowledge.names)
        by_index = {need.version_index: need for need in file.needs} if left else {}
        for index, need in by_index.items():
            names = left.pop(index, None)
            if names is None:
                continue
            library, version, _weak, _index = need
            if file.kind == "executable" and version != NEW_START_NODE and _START in names:
                old_start = True
            if nodes[index] is _OPEN:
                group = tuple.__new__(Group, (need, names))
                self.groups.setdefault(library, []).append(group)
            elif version != PRIVATE_NODE:
                self.differing += [(library, version, name) for name in knowledge.differing.intersection(names)]
                unsteady.update((library, version, name) for name in glibc.unsteady(library, version, names))
        plain: Set[bytes] = {*left.pop(VERSYM_LOCAL, ()), *left.pop(VERSYM_GLOBAL, ())}
        old_start = old_start or (file.kind == "executable" and _START in plain)
        if plain and LIBC in needed:
            for library in needed:
                if plain and knowledge.is_always_there(library):
                    plain = glibc.unsteady_plain(library, plain)
        self.plain = frozenset(plain)
        """The strong imports without a version that libc does not settle."""
        self.suspects = self._imports(unsteady)
        """Imports from glibc that some releases do not have where they are wanted."""
        self.settled_by: set[tuple[tuple[str, int], ...]] = set()
        """Libraries of glibc that a scope has (``Scope.glibc``) and that together have all of the suspects."""
        self.odd: tuple[Import, ...] = ()
        """Imports whose version no library is named for."""
        if left:
            strong = [s for s in file.imports() if s.library is None and not s.weak]
            self.odd = tuple([s for s in strong if s.version is not None])
            self.plain |= {s.name.encode("utf-8", "surrogateescape") for s in strong if s.version is None}
        if old_start:
            from symver_pin.verify.startup import check_start

            problems += check_start(file, knowledge)
        self.problems = tuple(problems)
        """What is wrong whatever else is loaded; of what ``lacking`` tells, that which is so at the target."""
        if self.plain:
            self.plain -= file.idle
        self._unsettled: dict[tuple[str, object], tuple[Import, ...]] = {}
        self._found_plain: dict[Object, frozenset[bytes]] = {}
        """Those of ``plain`` that a given library has, where it has any."""
        self._without: set[Object] = set()
        """The given libraries that have none."""
        self._covers: list[frozenset[Object]] = []
        """Given libraries that have all of them together."""
        self.kernel = inside.kernel or (0, 0, 0)
        """The oldest Linux release that it asks for."""
        self.x86_level = inside.x86_level
        """The x86-64 level that it needs, 1 to 4."""
        self.asks = bool(self.suspects or self.groups or self.plain or self.odd)
        """Whether there are imports that the file and the tables do not settle."""
        file.close()

    def _imports(self, chosen: Collection[tuple[str, str, bytes]]) -> tuple[Import, ...]:
        """The import records of (library, version, name)."""
        if not chosen:
            return ()
        wanted = {(library, version, name.decode("utf-8", "surrogateescape")) for library, version, name in chosen}
        nodes = {(library, version) for library, version, _name in chosen}
        found = self.file.imports({need.version_index for need in self.file.needs if need[:2] in nodes})
        return tuple([symbol for symbol in found if (symbol.library, symbol.version, symbol.name) in wanted])

    def unsettled(self, entry: Entry, library: str, shelf: Shelf) -> tuple[Import, ...]:
        """The imports from a library that are not simply found in what was loaded for it, in every release."""
        key = library, entry.file or entry.table
        found = self._unsettled.get(key)
        if found is None:
            missing: list[tuple[str, str, bytes]] = []
            for need, names in self.groups.get(library, ()):
                if entry.file is not None:
                    lacking = shelf.offers(entry.file).lacks(need.version, names)
                elif entry.table is not None and need.weak:
                    table = entry.table
                    lacking = [n for n in names if table.has_symbol(library, n, need.version) != table.everything]
                else:
                    lacking = entry.table.unsteady(library, need.version, names) if entry.table is not None else []
                missing += [(library, need.version, name) for name in lacking]
            found = self._unsettled[key] = self._imports(missing)
        return found

    @property
    def libraries(self) -> Iterable[str]:
        """The libraries that ``unsettled`` may be asked about."""
        return self.groups

    def plain_beyond(self, given: list[Object], shelf: Shelf) -> frozenset[bytes]:
        """Those of ``plain`` that none of the given libraries has, which are in the order of the search."""
        if self._covers:
            together = frozenset(given)
            if any(cover <= together for cover in self._covers):
                return frozenset()
        left, having = self.plain, []
        for library in [library for library in given if library not in self._without]:
            if library is self.file:  # what a file leaves undefined it does not define
                continue
            found = self._found_plain.get(library)
            if found is None:
                found = shelf.offers(library).has_plain(self.plain)
                if not found:
                    self._without.add(library)
                    continue
                if len(found) == len(self.plain):
                    found = self.plain  # of which there is one object then
                self._found_plain[library] = found
            left -= found
            having.append(library)
            if not left:
                self._covers = [frozenset(having), *self._covers[: _MOST_COVERS - 1]]
                break
        return left

    @cached_property
    def unreferenced(self) -> frozenset[int]:
        """The numbers of the imports that no relocation names: the loader never looks them up."""
        from symver_pin.elf.relocations import unreferenced_symbols

        dynamic = self.file.dynamic
        return unreferenced_symbols(dynamic, dynamic.import_numbers)


def review_of(file: Object, knowledge: Knowledge) -> Review:
    """The review of a file, made when first asked for; the file is closed after it."""
    if file.review is None:
        file.review = Review(file, knowledge)
    return file.review
