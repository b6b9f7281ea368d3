"""Decide what becomes of each import of a file that the target cannot resolve.

============  ==================================================================================================
outcome       when
============  ==================================================================================================
``bound``     the target exports an older version of the symbol that means the same, or differs as the note says
``supplied``  the compat library has the symbol: the target has none, or its older version means something else
``embedded``  the same, and the compat object is put into the file itself
``left``      a weak reference to what the target lacks: it loses its version, so that it is null on the target
              and bound where libc has the function. A program with a weak reference tests it. (Where it has the
              address of a PLT entry of its own for the function, no test can tell: such a reference is strong)
``dropped``   a version node that no symbol carries, and which a repair makes unnecessary
``refused``   nothing of these
============  ==================================================================================================

Imports that the target resolves are not touched, with one exception: a function that changed its behaviour without a
new version node, and for which the compat library has a wrapper, is supplied. A file that loads on the target as it is
is not looked at, since nothing says that it was compiled for anything newer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from symver_pin.compat.absent import load_absent
from symver_pin.compat.shared import PRIVATE_NODE
from symver_pin.elf.records import Import
from symver_pin.glibc.maps import Maps
from symver_pin.glibc.release import node_sort_key
from symver_pin.glibc.semantics import ADAPTED, SAME
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.target_system import PRIVATE_NODE as GLIBC_PRIVATE
from symver_pin.loader.target_system import TargetSystem
from symver_pin.repairer.compat_library import SONAME, CompatLibrary
from symver_pin.repairer.rewriting.change import Version

Outcome = Literal["bound", "supplied", "embedded", "left", "dropped", "refused"]


class Decision(NamedTuple):
    """What becomes of one import, or of a version node without symbols."""

    symbol: str
    """The symbol; "" for a version node without symbols."""
    wanted: Version
    outcome: Outcome
    version: Version | None = None
    """The version to which it is bound; None for no version."""
    note: str = ""
    """How the older version differs, or why it is refused."""


class Decider:
    """Decides for one architecture and target."""

    def __init__(self, system: TargetSystem, maps: Maps, library: Callable[[], CompatLibrary]) -> None:
        """``library`` returns the compat library; it is called when it is first asked for a symbol."""
        self.system, self._maps, self._library = system, maps, library
        self._view = system.glibc.view(system.release)
        self._nodes: dict[str, list[str]] = {}
        self._homes: dict[tuple[str, str], list[str]] = {}
        for row in self._view.rows:
            self._homes.setdefault((row.symbol, row.version), []).append(row.soname)

    @cached_property
    def _supplied(self) -> frozenset[tuple[str, str]]:
        return self._library().exports

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The functions that have changed their behaviour without a new version node since the target's release."""
        found = self._maps.semantics.changed_without_node(self.system.arch.name, self.system.release)
        return frozenset(meaning.symbol for meaning in found if meaning.verdict == ADAPTED)

    @cached_property
    def _reasons(self) -> dict[str, str]:
        return {each.symbol: each.reason for each in load_absent(self.system.arch)}

    def resolves(self, symbol: str, version: Version) -> bool:
        """True if the target's library exports the symbol with the version."""
        return version.library in self._homes.get((symbol, version.node), ())

    def decide(self, imported: Import) -> Decision | None:
        """The decision on an import from a library of glibc; None to leave it."""
        wanted = Version(imported.library or "", imported.version or "")
        if wanted.node == GLIBC_PRIVATE:
            why = "GLIBC_PRIVATE: glibc changes these symbols with every build, and no other libc has the same"
            return Decision(imported.name, wanted, "refused", None, why)
        if self.resolves(imported.name, wanted):
            return self._wrapped(imported, wanted)
        if self.system.distribution_release(wanted.library, wanted.node) is not None:
            why = f"{wanted.library} of the target is glibc's own, which has no {wanted.node}; ship the library itself"
            return Decision(imported.name, wanted, "refused", None, why)
        return self._older(imported, wanted) or self._younger(imported, wanted)

    def _wrapped(self, imported: Import, wanted: Version) -> Decision | None:
        """A wrapper for a function that the target has, and that behaves differently there."""
        if imported.name not in self._changed or imported.weak or imported.copied:
            return None
        if (imported.name, PRIVATE_NODE) not in self._supplied:
            return None
        return Decision(imported.name, wanted, "supplied", Version(SONAME, PRIVATE_NODE))

    def _older(self, imported: Import, wanted: Version) -> Decision | None:
        """The older version of the target, if it does what the newer one does or differs in a known way."""
        node = self._view.default_version.get(imported.name)
        if node is None or node_sort_key(node)[0] != node_sort_key(wanted.node)[0]:
            return None
        if node_sort_key(node) >= node_sort_key(wanted.node):
            return self._by_home(imported, wanted)
        steps = [each for each in self._nodes_of(imported.name) if node_sort_key(each) <= node_sort_key(wanted.node)]
        meaning = self._maps.semantics.for_pin(imported.name, node, [*steps, wanted.node], self.system.arch.name)
        if meaning is not None and meaning.verdict == ADAPTED:
            return None
        bound = Version(self._home(imported.name, node, wanted.library), node)
        if imported.copied and not self._has_same_size(imported.name, node, wanted):
            why = f"the program copies this variable, and it has another size under {node}"
            return Decision(imported.name, wanted, "refused", None, why)
        note = "" if meaning is None or meaning.verdict == SAME else meaning.text
        return Decision(imported.name, wanted, "bound", bound, note)

    def _by_home(self, imported: Import, wanted: Version) -> Decision | None:
        """The same version in the library that has it on the target, where VERNEED names another."""
        homes = self._homes.get((imported.name, wanted.node))
        if not homes:
            return None
        return Decision(imported.name, wanted, "bound", Version(homes[0], wanted.node))

    def _younger(self, imported: Import, wanted: Version) -> Decision:
        """A symbol that the target does not have, or not with this meaning."""
        if imported.weak:
            return Decision(imported.name, wanted, "left")
        for node in (wanted.node, PRIVATE_NODE):
            if (imported.name, node) in self._supplied:
                return Decision(imported.name, wanted, "supplied", Version(SONAME, node))
        return Decision(imported.name, wanted, "refused", None, self._reason(imported.name))

    def _reason(self, symbol: str) -> str:
        if symbol in self._reasons:
            return self._reasons[symbol]
        if symbol in self._view.default_version:
            return "the target's older version means something else, and the compat library does not have this one"
        return f"glibc {self.system.release} does not have it, and neither does the compat library"

    def node_without_symbols(self, wanted: Version) -> Decision | None:
        """The decision on a version node that no symbol of the file uses; None to leave it."""
        history = self.system.glibc.library(wanted.library)
        if history is None or not history.present & self.system.target:
            return Decision("", wanted, "dropped")
        if not self.system.lacking_node(history, wanted.node) & self.system.target:
            return None
        return Decision("", wanted, "dropped", None, _MEANINGS.get(wanted.node, ""))

    def _nodes_of(self, symbol: str) -> list[str]:
        """All version nodes of a symbol, in any release."""
        if not self._nodes:
            for row in self._maps.reference(self.system.arch.name).rows:
                self._nodes.setdefault(row.symbol, []).append(row.version)
        return self._nodes.get(symbol, [])

    def _home(self, symbol: str, node: str, preferred: str) -> str:
        """The target's library that exports a symbol with a version; if several do, the preferred one, else libc."""
        homes = self._homes[symbol, node]
        return next((home for home in (preferred, LIBC) if home in homes), homes[0])

    def _has_same_size(self, symbol: str, node: str, wanted: Version) -> bool:
        old = {row.size for row in self._view.rows if (row.symbol, row.version) == (symbol, node)}
        reference = self._maps.reference(self.system.arch.name)
        new = {row.size for row in reference.rows if (row.symbol, row.version) == (symbol, wanted.node)}
        return old == new


_MEANINGS = {
    "GLIBC_ABI_DT_RELR": "its packed relative relocations become ordinary ones",
    "GLIBC_ABI_DT_X86_64_PLT": "the marks of its PLT entries are taken away",
    "GLIBC_ABI_GNU2_TLS": "loaders without it apply TLS descriptors too, but do not keep vector registers over the "
    "first call for a library that was opened by dlopen",
}
"""What a version node without symbols stands for, and what becomes of that."""


def sorted_decisions(decisions: Iterator[Decision]) -> tuple[Decision, ...]:
    """Decisions in the order in which they are reported."""
    return tuple(sorted(set(decisions), key=lambda each: (each.symbol, each.wanted, each.outcome)))
