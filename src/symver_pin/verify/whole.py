"""All rows of one library of a symbol table, read at once: 0.5 ms for libc, where a look-up of one name takes 4 us.

Most rows are alike but for the symbol, so they are kept as lists of symbols that have version, span and mark in common;
sets of them are made when one is asked for. Sets of releases are bits, as in ``tables``.
"""

from __future__ import annotations

from symver_pin.light import NamedTuple, cached_property
from symver_pin.maps.release import node_sort_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Part(NamedTuple):
    """The symbols that a library exports with one version in the same releases."""

    releases: int
    symbols: list[bytes]


class WholeLibrary:
    """What one library exports; ``everything`` is the set of all releases."""

    def __init__(self, everything: int, rows: Sequence[tuple[str, bool, Part]]) -> None:
        """``rows`` are the versions, whether they are the default one, and their parts; at least one."""
        self._everything, self._rows = everything, rows
        self._parts: dict[str, list[Part]] = {}
        self.nodes: dict[str, int] = {}
        """The releases in which it has each version node."""
        for version, _default, part in rows:
            self._parts.setdefault(version, []).append(part)
            self.nodes[version] = self.nodes.get(version, 0) | part.releases
        self._steady: dict[str, frozenset[bytes]] = {}

    def steady(self, version: str) -> frozenset[bytes]:
        """The names that it exports with a version in every release in which it has the node."""
        found = self._steady.get(version)
        if found is None:
            found = self._steady[version] = frozenset().union(*self.steady_lists(version))
        return found

    def steady_lists(self, version: str) -> list[list[bytes]]:
        """The same as lists."""
        return _in_all(self.nodes.get(version, 0), self._parts.get(version, ()))

    @cached_property
    def plain(self) -> frozenset[bytes]:
        """The names that a reference without a version finds in every release: as default, or under its oldest node."""
        oldest = min(self._parts, key=node_sort_key)
        defaults = [part for version, default, part in self._rows if default or version == oldest]
        return frozenset().union(*_in_all(self._everything, defaults))

    @cached_property
    def names(self) -> frozenset[bytes]:
        """All names that it exported in any release."""
        return frozenset().union(*[part.symbols for _version, _default, part in self._rows])


def _in_all(whole: int, parts: Sequence[Part]) -> list[list[bytes]]:
    """The symbols that are in each of some releases, by some or other of the parts."""
    found = [symbols for releases, symbols in parts if releases == whole]
    partly: dict[bytes, int] = {}
    for releases, symbols in parts:
        if releases != whole:
            for symbol in symbols:
                partly[symbol] = partly.get(symbol, 0) | releases
    return [*found, [symbol for symbol, releases in partly.items() if releases == whole]]
