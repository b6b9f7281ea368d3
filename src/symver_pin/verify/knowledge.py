"""What is known of the target's libraries when files are judged: the tables, and what was worked out from them."""

from __future__ import annotations

from symver_pin.elf.arch import ARCHES
from symver_pin.elf.wants import new_names
from symver_pin.errors import UsageError
from symver_pin.light import NamedTuple, cached_property
from symver_pin.maps.platforms import load_platforms
from symver_pin.maps.release import OLDEST_TARGET, Release, node_release, node_sort_key
from symver_pin.resources import data_path, read_data
from symver_pin.verify.tables import open_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symver_pin.maps.semantics import Meaning, Semantics
    from symver_pin.verify.model import Guilty, Unexplained
    from symver_pin.verify.tables import Exported, SymbolTable

PRIVATE_NODE = "GLIBC_PRIVATE"
#: glibc's function that _start calls.
START = "__libc_start_main"


class Node(NamedTuple):
    """A version node of one of glibc's own libraries."""

    library: str
    version: str
    lacking: int
    """The releases that have the library without the node; all of them for GLIBC_PRIVATE, on which nobody can count."""


class Knowledge:
    """What is known about the libraries of one architecture at one target."""

    def __init__(self, arch: str, glibc: SymbolTable, release: Release, gcc: Release) -> None:
        self.arch, self.glibc, self._gcc = arch, glibc, gcc
        #: The loader's soname.
        self.loader = ARCHES[arch].loader
        #: The set of the one release that is asked for.
        self.target = glibc.axis.only(release)
        self.settled: dict[tuple[object, ...], bool] = {}
        """What ``symbols`` has worked out about imports that glibc's libraries settle among themselves."""
        self.meanings: dict[tuple[str, bytes], Meaning | None] = {}
        """What ``meanings`` has found out about older versions of functions."""
        self.named: dict[frozenset[bytes], Unexplained] = {}
        """The sets of names that ``explain`` has told of."""
        self.guilty: dict[tuple[str, str | None, str | None], Guilty] = {}
        """What it has told of symbols with a version of a library."""
        self.exported: dict[str, list[tuple[str, Exported, bool]]] = {}
        """What ``static`` has found out about names."""
        self.names = new_names()
        """The names that files want, each as one object: 70 bytes a time over a whole system. Where many files are to
        be judged, names of glibc's libraries are settled by a node under which they are in every release that has the
        node, the newest one where there are several, but for names that ask for more than that: ``differing`` ones, and
        the function that ``_start`` calls.
        """
        self._nodes: dict[tuple[str, str], Node | None] = {}
        self._learned: set[str] = set()
        """The libraries whose names are settled."""
        self._table_of: dict[str, SymbolTable | None] = {}
        self._always: dict[str, bool] = {}

    def node(self, library: str, version: str) -> Node | None:
        """A version node of one of glibc's libraries; None for a library that is not."""
        key = library, version
        if key not in self._nodes:
            found = None
            if self.is_glibcs(library):
                is_private = version == PRIVATE_NODE
                found = Node(library, version, self.glibc.everything if is_private else self.glibc.lacks_node(*key))
            self._nodes[key] = found
            if found is not None and self.glibc.for_many:
                self._learn(library)
        return self._nodes[key]

    def _learn(self, library: str) -> None:
        """Settle the names of a library, once."""
        if library in self._learned:
            return
        self._learned.add(library)
        new: dict[bytes, object] = {}
        whole = self.glibc.whole(library)
        for version in sorted(whole.nodes, key=node_sort_key):
            node = self.node(library, version)
            if node is not None:
                for names in whole.steady_lists(version):
                    new.update(dict.fromkeys(names, node))
        for name in (*self.differing, START.encode()):
            new.pop(name, None)
        self.names.settle(new)

    @cached_property
    def runtime(self) -> SymbolTable | None:
        """libgcc_s and libstdc++ as of the target's GCC; None when there is no such table."""
        return open_table(f"{self.arch}-gcc", self.glibc.axis, self._gcc, self.glibc.for_many)

    @cached_property
    def differing(self) -> frozenset[bytes]:
        """The names of which ``semantics.tsv`` says that some older version differs, here and in a step that a pin can
        cross. (The whole table takes 2 ms to read.)
        """
        found, arch = [], self.arch.encode()
        crossed: dict[bytes, bool] = {}
        for line in read_data(data_path("semantics.tsv")).splitlines():
            if b"\tdifferent\t" in line:
                name, node, archs, _rest = line.split(b"\t", 3)
                if node not in crossed:
                    release = node_release(node.decode())
                    crossed[node] = release is None or release > OLDEST_TARGET
                if crossed[node] and (archs == b"*" or arch in archs.split(b",")):
                    found.append(name)
        return frozenset(found)

    @cached_property
    def semantics(self) -> Semantics:
        """The verdicts of those names."""
        from symver_pin.maps.semantics import load_semantics

        return load_semantics(symbols={name.decode() for name in self.differing})

    @cached_property
    def kernel(self) -> tuple[int, ...]:
        """The kernel of the oldest platform with the target's glibc, as released; the youngest one of all older
        platforms where that glibc was on none.
        """
        release = self.glibc.axis.first(self.target)
        known = [platform for platform in load_platforms() if platform.kernel is not None and release is not None]
        same = [platform for platform in known if platform.glibc == release]
        kernels = [_numbers(platform.kernel or "") for platform in same]
        older = [_numbers(platform.kernel or "") for platform in known if release and platform.glibc < release]
        return min(kernels) if kernels else max(older, default=(0,))

    def table_of(self, soname: str) -> SymbolTable | None:
        """The table that describes a library."""
        if soname not in self._table_of:
            found: SymbolTable | None = self.glibc
            if not self.glibc.describes(soname):
                found = self.runtime if self.runtime is not None and self.runtime.describes(soname) else None
            self._table_of[soname] = found
        return self._table_of[soname]

    def is_glibcs(self, soname: str) -> bool:
        """Whether a library is one of glibc's own."""
        return self.table_of(soname) is self.glibc

    def is_always_there(self, soname: str) -> bool:
        """Whether a library is one of glibc's own, in every release."""
        found = self._always.get(soname)
        if found is None:
            glibc = self.glibc
            found = self.is_glibcs(soname) and glibc.has_library(soname) == glibc.everything
            self._always[soname] = found
        return found


def _numbers(kernel: str) -> tuple[int, ...]:
    numbers = [int(part) for part in kernel.split(".") if part.isdecimal()]
    return tuple([*numbers, 0, 0, 0][:3])


def open_knowledge(arch: str, glibc: Release, gcc: Release, for_many: bool = False) -> Knowledge | None:
    """The tables of an architecture, to judge one file or many; None when it has none. Raises UsageError when they do
    not cover the release.
    """
    table = open_table(arch, for_many=for_many)
    if table is None:
        return None
    if glibc not in table.axis.releases:
        raise UsageError(
            f"release {glibc} is outside the {arch} tables, which cover {table.covered.first} to "
            f"{table.covered.last}; name a release in that range"
        )
    return Knowledge(arch, table, glibc, gcc)
