"""The libraries of the system that files shall run on, as the symbol tables describe them."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from symver_pin.errors import UsageError
from symver_pin.glibc.library import LibraryHistory
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platform_libraries import describe_packages
from symver_pin.glibc.platforms import Platform, Target
from symver_pin.glibc.release import Release, ReleaseSet, node_sort_key
from symver_pin.glibc.semantics import Meaning
from symver_pin.glibc.table import SymbolTable
from symver_pin.machine.arch import Arch

PRIVATE_NODE = "GLIBC_PRIVATE"
START = "__libc_start_main"
"""The function of glibc that ``_start`` calls."""


DISTRIBUTION_NODES = {("libcrypt.so.1", "XCRYPT_"): Release(2, 31)}
"""(library, beginning of its nodes) of a library that distributions build from other sources than glibc -> the first
glibc release beside which each of them does. libcrypt.so.1 is libxcrypt's in Fedora 28 (2.27), RHEL 8 (2.28), and from
Debian 11 and Ubuntu 20.04 (2.31) on everywhere; Debian 10 (2.28) has glibc's. The tables do not list its symbols."""


class Node(NamedTuple):
    """A version node of one of glibc's own libraries."""

    library: str
    version: str
    lacking: ReleaseSet
    """The releases that have the library without the node; all of them for GLIBC_PRIVATE, on which nobody can count."""


class TargetSystem:
    """glibc's libraries of one architecture over all releases, and the compiler runtime as of the target's GCC.

    It also keeps answers that are the same for many files (``shared``).
    """

    def __init__(self, arch: Arch, target: Target, maps: Maps) -> None:
        """Raises UsageError when there is no table of the architecture, or it does not cover the target's release."""
        self.arch, self.release, self.gcc, self._maps = arch, target.glibc, target.gcc, maps
        self.glibc: SymbolTable = maps.table(arch.name)
        if target.glibc not in self.glibc.covered:
            first, last = self.glibc.covered
            raise UsageError(
                f"release {target.glibc} is outside the {arch.name} tables, which cover {first} to {last}; "
                "name a release in that range"
            )
        self.axis = self.glibc.axis
        self.everything: ReleaseSet = self.axis.everything
        """The set of all releases that the tables cover."""
        self.target: ReleaseSet = self.axis.only(target.glibc)
        """The set of the target release alone."""
        self.is_settled: dict[tuple[object, ...], bool] = {}
        """Imports that glibc's libraries resolve among themselves (``rules.symbols``)."""
        self.simply_found: dict[bytes, Node] = {}
        """Name -> the newest node with which one of glibc's libraries exports it in every release that has the node.

        An import of the name with this node needs no further look. It holds the names of the libraries that ``node``
        was called for, without those that need more: ``differing`` ones, and the function that ``_start`` calls.
        """
        self._learned: set[str] = set()
        self._names: dict[bytes, bytes] = {}
        self._nodes: dict[tuple[str, str], Node | None] = {}
        self._meanings: dict[tuple[str, bytes], tuple[tuple[ReleaseSet, Meaning], ...]] = {}

    @cached_property
    def runtime(self) -> SymbolTable | None:
        """libgcc_s and libstdc++ as of the target's GCC; None when there is no such table."""
        name = f"{self.arch.name}-gcc"
        return self._maps.table(name).at(self.gcc, self.axis) if self._maps.has_table(name) else None

    def is_newer_runtime(self, version: str) -> bool:
        """True for a version node of a runtime library of GCC that is newer than the target's GCC."""
        return self._maps.runtime_nodes.get(version, self.gcc) > self.gcc

    def library(self, soname: str) -> LibraryHistory | None:
        """The history of a library that the tables describe; None for any other."""
        found = self.glibc.library(soname)
        if found is None and self.runtime is not None:
            found = self.runtime.library(soname)
        return found

    @cached_property
    def packages(self) -> dict[str, str]:
        """Soname -> the platforms that have the library in a package which a standard installation leaves out, for
        people.
        """
        platforms = self._maps.platforms
        found = {soname: describe_packages(each, platforms) for soname, each in self._maps.platform_libraries.items()}
        return {soname: text for soname, text in found.items() if text}

    def is_glibc(self, soname: str) -> bool:
        """True if a library is one of glibc's own."""
        return self.glibc.library(soname) is not None

    def node(self, library: str, version: str) -> Node | None:
        """A version node of one of glibc's libraries; None for any other library."""
        key = library, version
        if key not in self._nodes:
            history = self.glibc.library(library)
            if history is None:
                self._nodes[key] = None
            else:
                lacking = self.everything if version == PRIVATE_NODE else self.lacking_node(history, version)
                self._nodes[key] = Node(library, version, lacking)
                if library not in self._learned:
                    self._learned.add(library)
                    self._learn(history)
        return self._nodes[key]

    def distribution_release(self, library: str, version: str) -> Release | None:
        """The first glibc release beside which every distribution's build of a library has a node that glibc's own
        build never has; None for all other nodes.
        """
        found = (release for (soname, begin), release in DISTRIBUTION_NODES.items()
                 if soname == library and version.startswith(begin))  # fmt: skip
        return next(found, None)

    def lacking_node(self, history: LibraryHistory, version: str) -> ReleaseSet:
        """The releases that have a library without a version node."""
        release = self.distribution_release(history.soname, version)
        return history.lacking_node(version) if release is None else history.present & self.axis.before(release)

    def shared(self, name: bytes) -> bytes:
        """The same name, as one object for all files: over a whole system 70 bytes for each import."""
        return self._names.setdefault(name, name)

    @cached_property
    def differing(self) -> frozenset[bytes]:
        """Symbols whose plain use meets another behaviour on some target (``semantics.tsv``)."""
        return frozenset(name.encode() for name in self._maps.semantics.differing(self.arch.name))

    def _learn(self, history: LibraryHistory) -> None:
        """Add the names of a library to ``simply_found``."""
        learned: dict[bytes, Node] = {}
        for version in sorted(history.nodes, key=node_sort_key):
            node = self.node(history.soname, version)
            if node is not None:
                learned.update(dict.fromkeys(history.steady[version], node))
        for name in (*self.differing, START.encode()):
            learned.pop(name, None)
        self.simply_found = {**learned, **self.simply_found}

    def meanings(self, version: str, name: bytes) -> tuple[tuple[ReleaseSet, Meaning], ...]:
        """The recorded verdicts on code that was compiled for the newest release and is bound to this version.

        Each has the releases for which it holds: all of them for a newer version of the symbol, those before the change
        where it has no new version.
        """
        key = version, name
        if key not in self._meanings:
            nodes: set[str] = set()
            for soname in self.glibc.sonames:
                history = self.glibc.library(soname)
                if history is not None:
                    nodes.update(exported.version for exported in history.versions_of(name))
            semantics = self._maps.semantics
            step = semantics.for_pin(name.decode(), version, nodes, self.arch.name)
            found = [
                (self.axis.before(m.release), m)
                for m in semantics.without_node(name.decode(), self.arch.name)
                if m.release
            ]
            self._meanings[key] = (*([(self.everything, step)] if step else []), *found)
        return self._meanings[key]

    @cached_property
    def kernel(self) -> tuple[int, ...]:
        """The kernel of the oldest platform with the target's glibc, as released (three numbers); the youngest one of
        all older platforms where that glibc was on none.
        """
        known: list[Platform] = [platform for platform in self._maps.platforms if platform.kernel is not None]
        same = [_numbers(platform.kernel or "") for platform in known if platform.glibc == self.release]
        older = [_numbers(platform.kernel or "") for platform in known if platform.glibc < self.release]
        return min(same) if same else max(older, default=(0,))


def _numbers(kernel: str) -> tuple[int, ...]:
    numbers = [int(part) for part in kernel.split(".") if part.isdecimal()]
    return tuple([*numbers, 0, 0, 0][:3])
