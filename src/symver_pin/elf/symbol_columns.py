"""The dynamic symbol table as columns: slices of the raw table, one for each field of its records.

To slice a column out of the table takes about 0.15 us for each symbol, to make a record of each symbol ten times as
long. A set of symbols is a column too: one byte for each symbol, 1 for a member (``marks``). Read as one long integer
(``as_number``), such columns are combined with ``&``, ``|`` and ``~``.

64-bit records: name, info, other, section, value, size. 32-bit records: name, value, size, info, other, section.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cached_property
from itertools import compress

from symver_pin.elf.constants import DT_GNU_HASH, DT_HASH, DT_SYMTAB, DT_VERSYM, VERSYM_GLOBAL
from symver_pin.elf.dynamic_section import DynamicSection, string_budget
from symver_pin.elf.image import Image, integers
from symver_pin.elf.relocations import highest_symbol
from symver_pin.errors import ElfError

_EM_S390, _EM_ALPHA = 22, 0x9026
_SPARSE = 8
"""Where fewer than one symbol in this many is marked, the marks are searched instead of stepped through."""
_BETWEEN_LOOKS = 1 << 25
"""Bytes of strings that are copied before their sum is compared with the budget."""


class SymbolColumns(DynamicSection):
    """A file's dynamic section and the columns of its symbol table. Raises ElfError from any member when a table is
    broken.
    """

    def __init__(self, image: Image, symbol_count: int | None = None) -> None:
        """``symbol_count`` is that member's value if it is known from an earlier reading of the file."""
        super().__init__(image)
        if symbol_count is not None:
            self.symbol_count = symbol_count

    @cached_property
    def symbol_count(self) -> int:
        """The number of dynamic symbols, the null one included."""
        image, table, count = self.image, self.value(DT_SYMTAB), None
        if (address := self.value(DT_GNU_HASH)) is not None:
            count = count_by_gnu_hash(image, image.offset_of(address, "DT_GNU_HASH"))
        if count is None and (address := self.value(DT_HASH)) is not None:
            # s390x and alpha have 8-byte DT_HASH words.
            wide = image.machine in (_EM_S390, _EM_ALPHA) and image.bits == 64
            buckets, count = image.unpack("QQ" if wide else "II", image.offset_of(address, "DT_HASH"), "DT_HASH")
            if wide and max(buckets, count) > image.size:
                count = None  # mold writes words of 4 bytes; loaders go by DT_GNU_HASH
        if count is None and table is not None:
            count = count_by_sections(image, table)
            if count == 0:
                count = highest_symbol(self) + 1
        return count or 0

    @cached_property
    def first_hashed(self) -> int:
        """The first symbol that DT_GNU_HASH has; 0 without that table."""
        address = self.value(DT_GNU_HASH)
        if address is None:
            return 0
        return int(self.image.unpack("IIII", self.image.offset_of(address, "DT_GNU_HASH"), "DT_GNU_HASH")[1])

    @cached_property
    def raw(self) -> bytes:
        """The symbol table; empty when there are no symbols."""
        table, count = self.value(DT_SYMTAB), self.symbol_count
        if table is None or count <= 1:
            return b""
        size = count * (24 if self.image.bits == 64 else 16)
        if size > MAX_TABLE:
            raise ElfError(
                f"{self.image.name}: symbol table of {count} entries; the limit is {MAX_TABLE} bytes: broken"
            )
        return self.image.take(self.image.offset_of(table, "DT_SYMTAB"), size, "DT_SYMTAB")

    @cached_property
    def versym(self) -> bytes:
        """``.gnu.version``, one half-word a symbol; empty when the file has none."""
        address = self.value(DT_VERSYM)
        if address is None or not self.raw:
            return b""
        return self.image.take(self.image.offset_of(address, "DT_VERSYM"), self.symbol_count * 2, "DT_VERSYM")

    @cached_property
    def versions(self) -> Sequence[int]:
        """The version index of each symbol, with its hidden bit; 1 everywhere in a file without versions."""
        raw = self.versym
        return integers(raw, "H", self.image.order) if raw else [VERSYM_GLOBAL] * len(self.infos)

    @cached_property
    def version_bytes(self) -> tuple[bytes, bytes]:
        """The low and the high bytes of the version indexes."""
        first, second = self.versym[::2], self.versym[1::2]
        return (first, second) if self.image.order == "<" else (second, first)

    @cached_property
    def infos(self) -> bytes:
        """st_info of each symbol: the binding in the high four bits, the type in the low four."""
        return self.raw[4::24] if self.image.bits == 64 else self.raw[12::16]

    @cached_property
    def others(self) -> bytes:
        """st_other of each symbol: the visibility in the low two bits."""
        return self.raw[5::24] if self.image.bits == 64 else self.raw[13::16]

    @cached_property
    def sections(self) -> tuple[bytes, bytes]:
        """The low and the high bytes of st_shndx."""
        raw, (at, step) = self.raw, (6, 24) if self.image.bits == 64 else (14, 16)
        first, second = raw[at::step], raw[at + 1 :: step]
        return (first, second) if self.image.order == "<" else (second, first)

    @cached_property
    def name_offsets(self) -> memoryview[int]:
        """The offset of each name in DT_STRTAB."""
        return integers(self.raw, "I", self.image.order)[0 :: 6 if self.image.bits == 64 else 4]

    @cached_property
    def values(self) -> memoryview[int]:
        """st_value of each symbol."""
        if self.image.bits == 64:
            return integers(self.raw, "Q", self.image.order)[1::3]
        return integers(self.raw, "I", self.image.order)[1::4]

    def names(self, numbers: Sequence[int]) -> list[bytes]:
        """The names of symbols, by index."""
        table = self.name_offsets
        return self.strings_at([table[number] for number in numbers])

    def strings_at(self, offsets: list[int]) -> list[bytes]:
        """The strings at offsets of DT_STRTAB."""
        if not offsets:
            return []
        text, first, size = self.strings
        if max(offsets) >= size and self.widen_strings():
            text, first, size = self.strings
        if max(offsets) >= size or text[first + size - 1] != 0:
            raise ElfError(f"{self.image.name}: name of a symbol at offset {max(offsets):#x} of DT_STRTAB has no end")
        if first:
            offsets = [first + offset for offset in offsets]
        find = text.find
        if len(offsets) * size < _BETWEEN_LOOKS:
            return [text[offset : find(b"\0", offset)] for offset in offsets]
        found: list[bytes] = []
        spent, step = 0, max(1, _BETWEEN_LOOKS // size)
        for start in range(0, len(offsets), step):
            part = [text[offset : find(b"\0", offset)] for offset in offsets[start : start + step]]
            spent += sum(map(len, part))
            if spent > string_budget(size):
                raise ElfError(f"{self.image.name}: the names of its symbols are longer than DT_STRTAB: broken")
            found += part
        return found


def marked_places(marks: bytes) -> list[int]:
    """The positions at which ``marks`` is 1."""
    if _is_dense(marks):
        return list(compress(range(len(marks)), marks))
    found, at = [], marks.find(1)
    while at >= 0:
        found.append(at)
        at = marks.find(1, at + 1)
    return found


def marked_values(column: memoryview[int], marks: bytes) -> list[int]:
    """The values of ``column`` at the positions where ``marks`` is 1."""
    if _is_dense(marks):
        return list(compress(column[: len(marks)].tolist(), marks))
    return [column[place] for place in marked_places(marks)]


def _is_dense(marks: bytes) -> bool:
    return len(marks) < _SPARSE * marks.count(1)


def as_number(marks: bytes | bytearray) -> int:
    """A column of zeros and ones as one number, so that columns can be combined."""
    return int.from_bytes(marks, "big")


_SHT_DYNSYM = 11
MAX_TABLE = 1 << 28
"""The largest symbol tables of real files are some ten megabytes."""


def count_by_gnu_hash(image: Image, offset: int) -> int | None:
    """The table's length by DT_GNU_HASH at a file offset, or None when no symbol is hashed."""
    bucket_count, first_hashed, bloom, _shift = image.unpack("IIII", offset, "DT_GNU_HASH")
    at = offset + 16 + bloom * image.bits // 8
    highest = max(integers(image.take(at, bucket_count * 4, "DT_GNU_HASH buckets"), "I", image.order), default=0)
    if highest < first_hashed or highest == 0:
        return None
    chain = at + bucket_count * 4 + (highest - first_hashed) * 4
    # Bit 0 marks the last word of a chain. Real chains end within a few words; look further only when they do not.
    for span in (64, 4096, MAX_TABLE // 4):
        size = max(0, min(span * 4, (image.size - chain) // 4 * 4))
        for position, word in enumerate(integers(image.take(chain, size, "DT_GNU_HASH chain"), "I", image.order)):
            if word & 1:
                return highest + position + 1
    raise ElfError(f"{image.name}: the last chain of DT_GNU_HASH at offset {chain:#x} has no end: broken")


def count_by_sections(image: Image, table: int) -> int:
    """The table's length by the section header of ``.dynsym``; 0 when section headers are stripped or describe another
    table than the one at address ``table``.
    """
    narrow = image.bits == 32
    size = 40 if narrow else 64
    if image.section_entry_size != size or image.section_offset == 0:
        return 0
    if image.section_offset + image.section_count * size > image.size:
        return 0
    raw = image.take(image.section_offset, image.section_count * size, "section headers")
    for section in struct.iter_unpack(image.order + ("IIIIIIIIII" if narrow else "IIQQQQIIQQ"), raw):
        if section[1] == _SHT_DYNSYM and section[3] == table:
            return int(section[5]) // (16 if narrow else 24)
    return 0
