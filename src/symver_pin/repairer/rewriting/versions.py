"""The version records of a rewritten file: VERNEED, and the index of each symbol whose version changes.

The loader reads VERNEED first and refuses a file for any node that a library lacks, whatever symbol uses it. So an
entry goes as soon as no symbol has its index. Entries that stay keep their index; a new one gets the next index above
all those of VERNEED and VERDEF, because ``.gnu.version`` has half-words and its other symbols are not touched.

An entry that no symbol used before stays too: it demands something of the library (``GLIBC_ABI_DT_RELR``). The plan
names those that are to go.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symver_pin.elf.constants import VER_FLG_WEAK, VERSYM_GLOBAL, VERSYM_HIDDEN
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.version_records import CURRENT, sysv_hash
from symver_pin.errors import RepairError
from symver_pin.repairer.rewriting.change import Change, Undefined, Version
from symver_pin.repairer.rewriting.strings import GrowingStrings

_INDEX = ~VERSYM_HIDDEN & 0xFFFF
_RECORD, _AUXILIARY = 16, 16
"""The sizes of Elf_Verneed and Elf_Vernaux, in both classes."""


class Node(NamedTuple):
    """One entry of the new VERNEED."""

    version: Version
    number: int
    """The index by which ``.gnu.version`` refers to it."""
    is_weak: bool


class Versions(NamedTuple):
    """The new version records."""

    nodes: tuple[Node, ...]
    """In order; those of one library follow each other."""
    indexes: Mapping[int, int]
    """Symbol number -> its new index in ``.gnu.version``, for the symbols that change."""
    added: Mapping[Undefined, int]
    """The index of each symbol that is added."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries of ``nodes``, in order."""
        return tuple(dict.fromkeys(node.version.library for node in self.nodes))


def new_versions(dynamic: Dynamic, change: Change) -> Versions:
    """The version records of a file after a change. Raises RepairError if there are more nodes than indexes."""
    imports = change.embedded.blob.imports if change.embedded is not None else []
    old = dynamic.versions
    index_of = {Version(need.library, need.version): need.version_index for need in dynamic.needs}
    weak = {Version(need.library, need.version) for need in dynamic.needs if need.weak}
    highest = max([VERSYM_GLOBAL, *dynamic.needs_by_index, *dynamic.definitions_by_index])
    wanted = [*change.versions.values(), *(each.version for each in imports)]
    for version in dict.fromkeys(each for each in wanted if each is not None):
        if version not in index_of:
            highest += 1
            index_of[version] = highest
    if highest > _INDEX:
        raise RepairError(f"{dynamic.image.name}: has {highest} version nodes; the format has room for {_INDEX}")
    indexes = {
        number: (old[number] & VERSYM_HIDDEN) | (VERSYM_GLOBAL if version is None else index_of[version])
        for number, version in change.versions.items()
    }
    added = {each: VERSYM_GLOBAL if each.version is None else index_of[each.version] for each in imports}
    gone = _emptied(old, indexes) - set(added.values())
    kept = {
        version: index
        for version, index in index_of.items()
        if index not in gone and not (version in change.dropped and index not in indexes.values())
    }
    libraries = list(dict.fromkeys(version.library for version in kept))
    nodes = sorted(kept.items(), key=lambda item: libraries.index(item[0].library))
    return Versions(tuple(Node(version, index, version in weak) for version, index in nodes), indexes, added)


def _emptied(old: Sequence[int], indexes: Mapping[int, int]) -> set[int]:
    """The version indexes that symbols had and that no symbol has any more."""
    left = {old[number] & _INDEX for number in indexes} - {index & _INDEX for index in indexes.values()}
    if not left:
        return left
    for number, index in enumerate(old):
        if index & _INDEX in left and number not in indexes:
            left.discard(index & _INDEX)
    return left


def need_records(order: str, versions: Versions, strings: GrowingStrings) -> bytes:
    """The bytes of VERNEED. ``order`` is the byte order as struct spells it."""
    out = bytearray()
    libraries = versions.libraries
    for library in libraries:
        nodes = [node for node in versions.nodes if node.version.library == library]
        following = 0 if library == libraries[-1] else _RECORD + _AUXILIARY * len(nodes)
        out += struct.pack(f"{order}HHIII", CURRENT, len(nodes), strings.offset(library), _RECORD, following)
        for node in nodes:
            flags, name = VER_FLG_WEAK if node.is_weak else 0, node.version.node
            after = 0 if node is nodes[-1] else _AUXILIARY
            fields = (sysv_hash(name), flags, node.number, strings.offset(name), after)
            out += struct.pack(f"{order}IHHII", *fields)
    return bytes(out)


def index_patches(dynamic: Dynamic, versions: Versions, table: int) -> list[tuple[int, bytes]]:
    """(file offset, bytes) of the changed half-words of ``.gnu.version``, whose file offset is ``table``."""
    layout = struct.Struct(dynamic.image.order + "H")
    return [(table + 2 * number, layout.pack(index)) for number, index in sorted(versions.indexes.items())]
