"""What a repair, or a link with the kit, makes of a symbol that a target lacks: the decision of ``repairer.decide``.

No compat library is made for that: what it exports follows from the tables.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from symver_pin.elf.records import Import
from symver_pin.errors import UsageError
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.platforms import Target
from symver_pin.loader.target_system import TargetSystem
from symver_pin.machine.architectures import find_arch
from symver_pin.repairer.compat_library import CompatLibrary, library_exports, library_rows
from symver_pin.repairer.decide import Decider
from symver_pin.repairer.rewriting.change import Version

Remedy = Literal["older version", "compat object", "none"]
"""``older version``: the target has one that does the same, or the reference needs none. ``compat object``: the compat
library, or the kit's archive, supplies the symbol. ``none``: neither."""


class _PlannedLibrary(CompatLibrary):
    """The compat library of a target, by what it would export."""

    def __init__(self, exports: frozenset[tuple[str, str]]) -> None:
        super().__init__(Path("libsymver_pin_compat.so"))
        self.exports = exports


class Remedies:
    """The remedies for one target."""

    def __init__(self, target: Target, maps: Maps) -> None:
        self._target, self._maps = target, maps
        self._deciders: dict[str, Decider | None] = {}
        self.of = lru_cache(maxsize=1 << 16)(self._of)
        """``of(architecture, symbol, version, library)``: the remedy for a requirement that the target does not meet;
        ``symbol`` is None for a version node that no symbol carries."""

    def _of(self, arch: str, symbol: str | None, version: str, library: str) -> Remedy:
        if arch not in self._deciders:
            self._deciders[arch] = self._decider(arch)
        decider = self._deciders[arch]
        if decider is None:
            return "none"
        if symbol is None:
            decision = decider.node_without_symbols(Version(library, version))
        else:
            decision = decider.decide(Import(symbol, version, library, False, 0, False))
        if decision is None or decision.outcome in ("bound", "dropped", "left"):
            return "older version"
        return "compat object" if decision.outcome == "supplied" else "none"

    def _decider(self, name: str) -> Decider | None:
        """The decider of an architecture; None when its tables do not cover the target."""
        arch, target = find_arch(name), self._target
        try:
            system = TargetSystem(arch, target, self._maps)
        except UsageError:
            return None
        headers = self._maps.table(name).covered.last
        exports = library_exports(library_rows(target.glibc, arch), name, target.glibc, headers, self._maps)
        library = _PlannedLibrary(frozenset((export.row.symbol, export.node) for export in exports))
        return Decider(system, self._maps, lambda: library)
