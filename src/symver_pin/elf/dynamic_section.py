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
from functools import cached_property
from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_NEEDED,
    DT_RPATH,
    DT_RUNPATH,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_VERDEF,
    DT_VERNEED,
    PT_DYNAMIC,
)
from symver_pin.elf.image import Image
from symver_pin.elf.records import VersionDefinition, VersionNeed
from symver_pin.elf.version_records import CURRENT, MAX_CHAIN, read_definitions, read_needs
from symver_pin.errors import ElfError

_MAX_STRINGS = 1 << 28
"""The largest string tables of real files are some ten megabytes."""
_COPIED = 1 << 18
"""A larger string table is not copied: strings are read from the mapping, since often few of them are needed."""
_NAMING = (DT_SONAME, DT_RPATH, DT_RUNPATH)
"""The tags whose value is the offset of a string."""


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
            whole = min(segment.file_size // size, MAX_CHAIN) * size
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
        """The dynamic string table.

        The loader takes no notice of DT_STRSZ. Where that is absent or too small for the strings that the dynamic
        section itself names, or does not end behind a string, the table is all that follows in the segment.
        """
        address, size = self.value(DT_STRTAB), self.value(DT_STRSZ)
        if address is None:
            return Strings(b"\0", 0, 1)
        image, offset = self.image, self.image.offset_of(address, "DT_STRTAB")
        highest = max([0, *self._needed, *(self.tags[tag] for tag in _NAMING if tag in self.tags)])
        if not size or size <= highest or offset + size > image.size or image.data[offset + size - 1]:
            return self._rest_of_segment(address, offset)
        if size > _MAX_STRINGS:
            raise ElfError(f"{self.image.name}: DT_STRSZ is {size:#x} bytes; the limit is {_MAX_STRINGS:#x}: broken")
        if size > _COPIED and isinstance(image.data, mmap.mmap):
            image.view(offset, size, "DT_STRTAB")
            return Strings(image.data, offset, size)
        return Strings(image.take(offset, size, "DT_STRTAB"), 0, size)

    def _rest_of_segment(self, address: int, offset: int) -> Strings:
        """What follows the start of DT_STRTAB in its segment, up to the last zero byte."""
        size = min(self.image.mapped_after(address), _MAX_STRINGS, self.image.size - offset)
        raw = self.image.take(offset, size, "DT_STRTAB")
        return Strings(raw, 0, raw.rfind(b"\0") + 1)

    def widen_strings(self) -> bool:
        """Take more for the string table than DT_STRSZ says, where a name lies beyond; False if there is no more."""
        address = self.value(DT_STRTAB)
        if address is None:
            return False
        wider = self._rest_of_segment(address, self.image.offset_of(address, "DT_STRTAB"))
        if wider.size <= self.strings.size:
            return False
        self.__dict__["strings"] = wider
        return True

    def string(self, offset: int) -> str:
        """The dynamic string at ``offset``."""
        if offset >= self.strings.size:
            self.widen_strings()
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

    @cached_property
    def _read_needs(self) -> tuple[tuple[VersionNeed, ...], int]:
        address = self.value(DT_VERNEED)
        if address is None:
            return (), CURRENT
        return read_needs(self.image, self.image.offset_of(address, "version section"), self.string)

    @property
    def needs(self) -> tuple[VersionNeed, ...]:
        """Every VERNEED (library, version), in file order."""
        return self._read_needs[0]

    @property
    def need_record_version(self) -> int:
        """vn_version of the first VERNEED record; 1 without VERNEED."""
        return self._read_needs[1]

    @cached_property
    def _read_definitions(self) -> tuple[tuple[VersionDefinition, ...], tuple[int, ...]]:
        address = self.value(DT_VERDEF)
        if address is None:
            return (), ()
        return read_definitions(self.image, self.image.offset_of(address, "version section"), self.string)

    @property
    def definitions(self) -> tuple[VersionDefinition, ...]:
        """Every VERDEF node, in file order, the base one (the soname) included."""
        return self._read_definitions[0]

    @property
    def definition_record_versions(self) -> tuple[int, ...]:
        """vd_version of the records of ``definitions``."""
        return self._read_definitions[1]

    @cached_property
    def needs_by_index(self) -> dict[int, VersionNeed]:
        """VERNEED by the index that ``.gnu.version`` uses."""
        return {need.version_index: need for need in self.needs}

    @cached_property
    def definitions_by_index(self) -> dict[int, VersionDefinition]:
        """VERDEF by the index that ``.gnu.version`` uses."""
        return {definition.version_index: definition for definition in self.definitions}
