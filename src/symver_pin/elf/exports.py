"""What a library has of some names: look-ups in its own hash table, as the loader does them.

In C (``native/exports.c``) a look-up takes 0.1 us; what is not sound, or has no such table, ``lookup`` reads.

How a look-up matches inside one file (``check_match`` of glibc's dl-lookup.c):

* a versioned reference takes the symbol of the same node; failing that a symbol of the base version that is not
  hidden; and in a file without any versioning, any symbol of that name;
* an unversioned reference takes the base or the oldest node (index 1 or 2) even when hidden, else the one that is not
  hidden, if there is exactly one.
"""

from __future__ import annotations

from symver_pin.elf.compiled import NATIVE
from symver_pin.elf.constants import VERSYM_HIDDEN
from symver_pin.elf.facts import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from typing import Protocol

    from symver_pin.elf.dynamic import Dynamic
    from symver_pin.elf.source import Source

    class Exports(Protocol):
        """What one file exports."""

        def find(self, names: Collection[bytes], /) -> Mapping[bytes, Sequence[int]]:
            """The raw version indexes (hidden bit included) under which names are offered, of those that are."""

        def plain(self, names: Collection[bytes], /) -> frozenset[bytes]:
            """Those names that a reference without a version finds in a file that has versions."""

        def lacks(self, names: list[bytes], nodes: dict[int, str | None], version: str, /) -> list[bytes]:
            """Those names that a reference with a version does not find in it; ``nodes`` are the file's by index, None
            for its base version.
            """

        def rest(self) -> None:
            """Let go of the pages of the file that were looked at, until the next question."""


def open_exports(source: Source, reopen: Callable[[], Dynamic]) -> Exports:
    """What a file exports. Raises ElfError when its tables are broken."""
    found: Exports | None = None if NATIVE is None else NATIVE.exports(given(source))
    if found is not None:
        return found
    from symver_pin.elf.lookup import ExportsInPython

    return ExportsInPython(reopen())


def is_plain(indexes: Sequence[int]) -> bool:
    """Whether a reference without a version takes one of the symbols of a name."""
    if any(index & ~VERSYM_HIDDEN <= 2 for index in indexes):
        return True
    return sum(not index & VERSYM_HIDDEN for index in indexes) == 1


def answers(nodes: dict[int, str | None], index: int, version: str) -> bool:
    """Whether a reference with a version takes a symbol."""
    node = nodes.get(index & ~VERSYM_HIDDEN)
    return node == version or (node is None and not index & VERSYM_HIDDEN)
