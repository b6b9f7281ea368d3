"""The records of VERNEED and VERDEF, read as the loader reads them.

glibc's ``_dl_check_map_versions`` (elf/dl-version.c) follows the distances to the next record until one is zero. It
reads neither the counts in the records nor DT_VERNEEDNUM and DT_VERDEFNUM, so a table whose counts are edited or absent
works all the same. It compares nodes by hash first and by name second: a node whose name was edited without its hash is
another node, which nothing defines.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache

from symver_pin.elf.constants import VER_FLG_BASE, VER_FLG_WEAK, VERSYM_HIDDEN
from symver_pin.elf.image import Image
from symver_pin.elf.records import VersionDefinition, VersionNeed

MAX_CHAIN = 65536
"""Real chains are a few dozen nodes long; a chain beyond this is a cycle or a hostile count."""
CURRENT = 1
"""vn_version and vd_version of the records that loaders know."""
_AUXILIARY = {order: struct.Struct(f"{order}IHHII") for order in "<>"}
"""The layout of a VERNEED auxiliary entry, by byte order."""

Strings = Callable[[int], str]
"""From an offset in DT_STRTAB to the string there."""


@lru_cache(maxsize=4096)
def sysv_hash(name: str) -> int:
    """The hash of the ELF gABI: that of DT_HASH, and of the names of version nodes."""
    value = 0
    for byte in name.encode("utf-8", "surrogateescape"):
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value


def _named(name: str, node_hash: int) -> str:
    """The name of a node, marked when its hash is not that of the name."""
    return name if sysv_hash(name) == node_hash else f"{name} (hash {node_hash:#x})"


def _records(image: Image, offset: int, layout: str) -> Iterator[tuple[int, tuple[int, ...]]]:
    for _ in range(MAX_CHAIN):
        fields = image.unpack(layout, offset, "version entry")
        yield offset, fields
        if fields[-1] == 0:
            return
        offset += fields[-1]


def read_needs(image: Image, offset: int, string: Strings) -> tuple[tuple[VersionNeed, ...], int]:
    """Every VERNEED (library, version) of the table at a file offset, in file order; and vn_version of its first
    record, the only one that the loader looks at. Raises ElfError when the table is broken.
    """
    found: list[VersionNeed] = []
    first, data = CURRENT, image.data
    unpack = _AUXILIARY[image.order].unpack_from
    for at_record, (record_version, _count, file, aux, _next) in _records(image, offset, "HHIII"):
        if at_record == offset:
            first = record_version
        library, at = string(file), at_record + aux
        while len(found) <= MAX_CHAIN:
            try:
                node_hash, flags, index, name, following = unpack(data, at)
            except (struct.error, OverflowError):
                image.view(at, _AUXILIARY["<"].size, "VERNEED auxiliary entry")
                raise
            version = _named(string(name), node_hash)
            found.append(VersionNeed(library, version, bool(flags & VER_FLG_WEAK), index & ~VERSYM_HIDDEN))
            if following == 0:
                break
            at += following
    return tuple(found), first


def read_definitions(
    image: Image, offset: int, string: Strings
) -> tuple[tuple[VersionDefinition, ...], tuple[int, ...]]:
    """Every VERDEF node of the table at a file offset, in file order, the base one (the soname) included; and
    vd_version of each record. Raises ElfError when the table is broken.
    """
    found, record_versions = [], []
    for at, (record_version, flags, index, _count, node_hash, aux, _next) in _records(image, offset, "HHHHIII"):
        name, _ = image.unpack("II", at + aux, "VERDEF auxiliary entry")
        version = _named(string(name), node_hash)
        found.append(VersionDefinition(version, bool(flags & VER_FLG_BASE), index & ~VERSYM_HIDDEN))
        record_versions.append(record_version)
    return tuple(found), tuple(record_versions)
