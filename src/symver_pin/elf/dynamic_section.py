"""The dynamic section: its tags and strings, the versions that a file needs and defines.

How a symbol gets its version: ``.gnu.version`` has one half-word for each symbol. Its low 15 bits are 0 (local), 1
(global, the base version) or the index of a VERDEF entry (defined in this file) or of a VERNEED auxiliary entry (needed
from a library). Bit 15 set on a defined symbol means "hidden": a compat version (``@``), to which unversioned
references do not bind. (LSB core specification, "Symbol Versioning".)

``dynamic`` reads the symbols and ``relocations`` the relocations, both with what this module decodes.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_NEEDED,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_VERDEF,
    DT_VERDEFNUM,
    DT_VERNEED,
    DT_VERNEEDNUM,
    PT_DYNAMIC,
    VER_FLG_BASE,
    VER_FLG_WEAK,
    VERSYM_HIDDEN,
)
from symver_pin.elf.image import Image
from symver_pin.elf.records import VersionDefinition, VersionNeed
from symver_pin.errors import ElfError

_MAX_CHAIN = 65536
"""Real chains are a few dozen nodes long; a chain beyond this is a cycle or a hostile count."""
_MAX_STRINGS = 1 << 28
"""The largest string tables of real files are some ten megabytes."""
_COPIED = 1 << 18
"""A larger string table is not copied: strings are read from the mapping, since often few of them are needed."""
_AUXILIARY = {order: struct.Struct(f"{order}IHHII") for order in "<>"}
"""The layout of a VERNEED auxiliary entry, by byte order."""


class Strings(NamedTuple):
    """A string table: a part of some bytes."""

    data: bytes | mmap.mmap
    start: int
    size: int


def string_budget(size: int) -> int:
    """How many bytes of strings may be read out of a string table of ``size`` bytes.

    Strings may share their tails, but those that add up to far more than their table are made to exhaust memory.
    """
    return min(8 * size + 0x10000, size + 0x1000_0000)


class DynamicSection:
    """A file's dynamic section, decoded on demand. Raises ElfError from any member when the file is broken."""

    def __init__(self, image: Image) -> None:
        self.image = image
        segment = image.first(PT_DYNAMIC)
        self.present = segment is not None
        pairs: list[tuple[int, int]] = []
        if segment is not None:
            size = image.bits // 4
            whole = min(segment.file_size // size, _MAX_CHAIN) * size
            raw = image.take(segment.offset, segment.file_size, "PT_DYNAMIC")[:whole]
            for pair in struct.iter_unpack(image.order + image.word * 2, raw):
                if not pair[0]:
                    break
                pairs.append(pair)
        self.tags = dict(pairs)
        """The value of each tag. Of a tag that is there twice the loader takes the last one."""
        self._needed = [value for tag, value in pairs if tag == DT_NEEDED]

    def value(self, tag: int) -> int | None:
        """The value of a tag, or None."""
        return self.tags.get(tag)

    @cached_property
    def strings(self) -> Strings:
        """The dynamic string table."""
        address, size = self.value(DT_STRTAB), self.value(DT_STRSZ)
        if address is None or size is None:
            return Strings(b"\0", 0, 1)
        if size > _MAX_STRINGS:
            raise ElfError(f"{self.image.name}: DT_STRSZ is {size:#x} bytes; the limit is {_MAX_STRINGS:#x}: broken")
        image, offset = self.image, self.image.offset_of(address, "DT_STRTAB")
        if size > _COPIED and isinstance(image.data, mmap.mmap):
            image.view(offset, size, "DT_STRTAB")
            return Strings(image.data, offset, size)
        return Strings(image.take(offset, size, "DT_STRTAB"), 0, size)

    def string(self, offset: int) -> str:
        """The dynamic string at ``offset``."""
        data, start, size = self.strings
        first = start + offset
        end = data.find(b"\0", first, start + size)
        self._left -= end - first
        if end < 0 or self._left < 0:
            raise ElfError(f"{self.image.name}: string at offset {offset:#x} of DT_STRTAB has no end")
        return data[first:end].decode("utf-8", "surrogateescape")

    @cached_property
    def _left(self) -> int:
        """How many bytes of strings may still be read."""
        return string_budget(self.strings.size)

    def string_of(self, tag: int) -> str | None:
        """The string that a tag names, or None."""
        offset = self.tags.get(tag)
        return None if offset is None else self.string(offset)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """DT_NEEDED, in order."""
        return tuple(map(self.string, self._needed))

    @cached_property
    def soname(self) -> str | None:
        """DT_SONAME, or None."""
        return self.string_of(DT_SONAME)

    def _chain(self, tag: int, count_tag: int, layout: str) -> Iterator[tuple[int, tuple[int, ...]]]:
        address, count = self.value(tag), self.value(count_tag)
        if address is None or not count:
            return
        offset = self.image.offset_of(address, "version section")
        for _ in range(min(count, _MAX_CHAIN)):
            fields = self.image.unpack(layout, offset, "version entry")
            yield offset, fields
            if fields[-1] == 0:
                return
            offset += fields[-1]

    @cached_property
    def needs(self) -> tuple[VersionNeed, ...]:
        """Every VERNEED (library, version), in file order."""
        found: list[VersionNeed] = []
        string, data = self.string, self.image.data
        unpack = _AUXILIARY[self.image.order].unpack_from
        for offset, (_version, count, file, aux, _next) in self._chain(DT_VERNEED, DT_VERNEEDNUM, "HHIII"):
            library = string(file)
            at = offset + aux
            for _ in range(count):
                try:
                    _hash, flags, index, name, following = unpack(data, at)
                except (struct.error, OverflowError):
                    self.image.view(at, _AUXILIARY["<"].size, "VERNEED auxiliary entry")
                    raise
                weak = bool(flags & VER_FLG_WEAK)
                found.append(VersionNeed(library, string(name), weak, index & ~VERSYM_HIDDEN))
                if following == 0 or len(found) > _MAX_CHAIN:
                    break
                at += following
        return tuple(found)

    @cached_property
    def definitions(self) -> tuple[VersionDefinition, ...]:
        """Every VERDEF node, in file order, the base one (the soname) included."""
        found = []
        for offset, fields in self._chain(DT_VERDEF, DT_VERDEFNUM, "HHHHIII"):
            _version, flags, index, _count, _hash, aux, _next = fields
            name, _ = self.image.unpack("II", offset + aux, "VERDEF auxiliary entry")
            found.append(VersionDefinition(self.string(name), bool(flags & VER_FLG_BASE), index & ~VERSYM_HIDDEN))
        return tuple(found)

    @cached_property
    def needs_by_index(self) -> dict[int, VersionNeed]:
        """VERNEED by the index that ``.gnu.version`` uses."""
        return {need.version_index: need for need in self.needs}

    @cached_property
    def definitions_by_index(self) -> dict[int, VersionDefinition]:
        """VERDEF by the index that ``.gnu.version`` uses."""
        return {definition.version_index: definition for definition in self.definitions}
