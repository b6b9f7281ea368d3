"""What files want: the names of their imports, held against what is known of names.

Half of the imports of a system's files are names that glibc has had for ever. In C (``native/wants.c``) they are looked
up where they lie in the file, and no object is made of them, which takes 0.1 us a name less.
"""

from __future__ import annotations

from symver_pin.elf.compiled import NATIVE
from symver_pin.elf.constants import VERSYM_HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Set
    from typing import Protocol

    from symver_pin.elf.dynamic import Dynamic

    #: Name, version index, whether it is weak, its number, whether it is a copy.
    Row = tuple[str, int, bool, int, bool]

    class Names(Protocol):
        """The names that many files have."""

        def settle(self, nodes: dict[bytes, object], /) -> None:
            """Tell which version node settles which name: it is wanted with that node, and there is nothing more to
            find out. What was told of a name first counts.
            """

        def node(self, name: bytes, /) -> object:
            """The node that settles a name, None when none does."""

        def share(self, names: Iterable[bytes], /) -> list[bytes]:
            """The same names, each as the one object that it is known as."""

    class Wants(Protocol):
        """What one file wants."""

        def left(self, nodes: dict[int, object], names: Names, /) -> dict[int, list[bytes]]:
            """By version index, the names that their index's node does not settle, shared. Weak ones without a
            version, which may stay undefined, are left out.
            """

        def rows(self, indexes: Set[int] | None, /) -> list[Row]:
            """The imports with a version index among some, or all of them for None, in table order."""

        def idle(self) -> frozenset[bytes] | None:
            """The names without a version that no relocation names: the loader never looks them up. None where that
            cannot be told. Raises ElfError when the file is broken.
            """


class NamesInPython:
    """The names that many files have, without C."""

    def __init__(self) -> None:
        self._nodes: dict[bytes, object] = {}
        self._shared: dict[bytes, bytes] = {}

    def settle(self, nodes: dict[bytes, object], /) -> None:
        self._nodes = {**nodes, **self._nodes}

    def node(self, name: bytes, /) -> object:
        return self._nodes.get(name)

    def share(self, names: Iterable[bytes], /) -> list[bytes]:
        names = list(names)
        return list(map(self._shared.setdefault, names, names))


class WantsInPython:
    """What any file wants. Its methods raise ElfError when it is broken."""

    def __init__(self, dynamic: Dynamic) -> None:
        self._dynamic = dynamic

    def left(self, nodes: dict[int, object], names: Names, /) -> dict[int, list[bytes]]:
        own, indexes = self._dynamic.wants
        left: dict[int, list[bytes]] = {}
        for name, index, found in zip(own, indexes, map(names.node, own), strict=True):
            if found is None or found is not nodes.get(index):
                if index in left:
                    left[index].append(name)
                else:
                    left[index] = [name]
        return {index: names.share(group) for index, group in left.items()}

    def rows(self, indexes: Set[int] | None, /) -> list[Row]:
        versions = self._dynamic.versions
        rows = [
            (each.name, versions[each.number] & ~VERSYM_HIDDEN, each.weak, each.number, each.copied)
            for each in self._dynamic.imports
        ]
        return rows if indexes is None else [row for row in rows if row[1] in indexes]

    def idle(self) -> frozenset[bytes]:
        dynamic = self._dynamic
        if not dynamic.plain_numbers:
            return frozenset()
        from symver_pin.elf.relocations import unreferenced_symbols

        return frozenset(dynamic.names(sorted(unreferenced_symbols(dynamic, dynamic.plain_numbers))))


def new_names() -> Names:
    """None yet."""
    return NamesInPython() if NATIVE is None else NATIVE.Names()
