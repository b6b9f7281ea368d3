"""What one library exported in every release of a symbol table, answered as sets of releases.

An import is *steady* if the library exports the symbol with that version in every release in which it has the version
node at all. For steady imports the verifier compares sets of names; only the others are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from symver_pin.glibc.release import Release, ReleaseAxis, ReleaseSet, node_sort_key
from symver_pin.glibc.rows import NO_SYMBOL, Row


class Exported(NamedTuple):
    """One (symbol, version node) of one library."""

    version: str
    default: bool
    """True for ``@@``, False for ``@``."""
    releases: ReleaseSet
    """The releases in which the library exports it so."""


class LibraryHistory:
    """One library over all releases of a table. Symbol names are bytes, as in ELF string tables."""

    def __init__(self, soname: str, rows: Iterable[Row], axis: ReleaseAxis, gcc: Release | None = None) -> None:
        """``rows`` are those of the library, at least one. ``gcc`` is given for libgcc_s and libstdc++, whose rows are
        dated by GCC releases: what the library of that GCC exports, it exports in all glibc releases of ``axis``.
        """
        self.soname, self.axis = soname, axis
        self.is_glibc = gcc is None
        """True for a library of glibc."""
        self.present: ReleaseSet = 0
        """The releases that have the library."""
        self.nodes: dict[str, ReleaseSet] = {}
        """Version node -> the releases in which the library defines it, with or without symbols."""
        self._symbols: dict[bytes, list[Exported]] = {}
        for row in rows:
            releases = axis.within(row.span) if gcc is None else axis.everything * (gcc in row.span)
            self.present |= releases
            self.nodes[row.version] = self.nodes.get(row.version, 0) | releases
            if row.symbol != NO_SYMBOL:
                exported = Exported(row.version, row.default, releases)
                self._symbols.setdefault(row.symbol.encode(), []).append(exported)
        self.oldest_node = min(self.nodes, key=node_sort_key)
        """The version node that the oldest symbols carry: unversioned references bind to it."""

    @property
    def names(self) -> Collection[bytes]:
        """All names that it exported in any release."""
        return self._symbols.keys()

    @property
    def lists_symbols(self) -> bool:
        """False if the table has only the library's version nodes."""
        return bool(self._symbols)

    def lacking_node(self, version: str) -> ReleaseSet:
        """The releases that have the library without a version node."""
        return self.present & ~self.nodes.get(version, 0)

    def versions_of(self, name: bytes) -> tuple[Exported, ...]:
        """Every version of a symbol that it exported in any release."""
        return tuple(self._symbols.get(name, ()))

    def exporting(self, name: bytes, version: str | None) -> ReleaseSet:
        """The releases in which a reference finds a symbol: with this version, default or compat; for None without a
        version, which finds the default version or one under the oldest node.
        """
        found = 0
        for exported in self._symbols.get(name, ()):
            if exported.version == version or (version is None and self._is_unversioned_match(exported)):
                found |= exported.releases
        return found

    def _is_unversioned_match(self, exported: Exported) -> bool:
        return exported.default or exported.version == self.oldest_node

    @cached_property
    def steady(self) -> dict[str, frozenset[bytes]]:
        """Version node -> the names that it exports with that version in every release that has the node."""
        found: dict[str, list[bytes]] = {version: [] for version in self.nodes}
        for name, versions in self._symbols.items():
            for version in {exported.version for exported in versions}:
                if self.exporting(name, version) == self.nodes[version]:
                    found[version].append(name)
        return {version: frozenset(names) for version, names in found.items()}

    @cached_property
    def steady_unversioned(self) -> frozenset[bytes]:
        """The names that an unversioned reference finds in every release of the table."""
        everything = self.axis.everything
        return frozenset(name for name in self._symbols if self.exporting(name, None) == everything)

    def unsteady(self, version: str, names: Iterable[bytes]) -> list[bytes]:
        """The names that are not steady with this version."""
        steady = self.steady.get(version, frozenset())
        return [name for name in names if name not in steady]
