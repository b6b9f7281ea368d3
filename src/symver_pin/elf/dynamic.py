"""The inside that the loader reads: the dynamic section with its symbols; what a file wants and what it offers.

**What is an import**: an undefined symbol, and also a *defined* one whose version index belongs to VERNEED: the copy of
a library's variable in an executable (copy relocation), looked up in that library at start.

There are two ways to ask. ``wants`` and ``offers`` give names by version index, made by slicing columns out of the
table: some 0.15 us a symbol, which is what the verdict on a sound file costs. ``imports`` and ``symbols`` give one
record a symbol, for the few that turn out to be guilty and for making tables.
"""

from __future__ import annotations

import struct
from itertools import compress

from symver_pin.elf.constants import (
    DT_GNU_HASH,
    DT_HASH,
    DT_SYMTAB,
    DT_VERSYM,
    VERSYM_GLOBAL,
    VERSYM_HIDDEN,
    VERSYM_LOCAL,
)
from symver_pin.elf.facts import Definition, Need
from symver_pin.elf.length import MAX_TABLE, count_by_gnu_hash, count_by_sections
from symver_pin.elf.section import DynamicSection, string_budget
from symver_pin.elf.words import words
from symver_pin.errors import ElfError
from symver_pin.light import NamedTuple, cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from symver_pin.elf.image import Image

STT_OBJECT, STT_FUNC, STT_TLS, STT_GNU_IFUNC = 1, 2, 6, 10
STB_LOCAL, STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE = 0, 1, 2, 10
SHN_UNDEF, SHN_ABS = 0, 0xFFF1
_EM_S390, _EM_ALPHA = 22, 0x9026
_INDEX = ~VERSYM_HIDDEN & 0xFFFF

_GLOBAL_BINDINGS = frozenset({STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE})
#: INTERNAL, HIDDEN.
_HIDDEN_VISIBILITIES = frozenset({1, 2})
#: NOTYPE, OBJECT, FUNC, COMMON, TLS, GNU_IFUNC.
_SOUGHT_TYPES = frozenset({0, 1, 2, 5, 6, 10})
#: 1 for every st_info and st_other byte of a symbol that a look-up may find.
SOUGHT_INFO = bytes(info >> 4 in _GLOBAL_BINDINGS and info & 15 in _SOUGHT_TYPES for info in range(256))
SOUGHT_OTHER = bytes(other & 3 not in _HIDDEN_VISIBILITIES for other in range(256))
_ZERO = b"\1" + bytes(255)
#: 1 for every low and every high byte of a version index that stands for no version (VERSYM_LOCAL, VERSYM_GLOBAL).
_PLAIN, _NO_INDEX = b"\1\1" + bytes(254), bytes(high & 0x7F == 0 for high in range(256))
#: 1 for every st_info byte of a symbol that is not local.
_BOUND = bytes(info >> 4 != 0 for info in range(256))
_WEAK = bytes(info >> 4 == STB_WEAK for info in range(256))

#: Where less than one symbol in so many is marked, they are picked one by one.
_SPARSE = 8
#: How many bytes of strings are copied before their sum is looked at.
_BETWEEN_LOOKS = 1 << 25


class Import(NamedTuple):
    """One symbol that the loader must find in another file."""

    name: str
    version: str | None
    """The version node, None for an unversioned reference."""
    library: str | None
    """The library that VERNEED names for that node; None for an unversioned reference, and for a node of its own."""
    weak: bool
    """An undefined weak symbol resolves to zero where it is not found."""
    number: int
    """Its index in the symbol table, as relocations name it."""
    copied: bool
    """True for the executable's copy of a library's variable."""


class Symbol(NamedTuple):
    """One dynamic symbol, its version resolved."""

    name: str
    version: str | None
    """The version node, None for an unversioned symbol."""
    library: str | None
    """The library that VERNEED wants it from; None for defined or unversioned symbols."""
    defined: bool
    default: bool
    """False for a compat (hidden) definition."""
    weak: bool
    type: int
    size: int
    value: int
    section: int


def import_node(
    needs: Sequence[Need], definitions: Sequence[Definition]
) -> Callable[[int], tuple[str | None, str | None]]:
    """The version node and the library that an import with a version index is wanted from."""
    nodes: dict[int, tuple[str | None, str | None]] = {}
    # The loader takes an index that nothing defines for no version at all.
    for version, is_base, index in definitions:
        nodes[index] = (None if is_base else version), None
    for library, version, _weak, index in needs:
        nodes[index] = version, library
    nodes[VERSYM_LOCAL] = nodes[VERSYM_GLOBAL] = None, None
    return lambda index: nodes.get(index) or (None, None)


class Dynamic(DynamicSection):
    """A file's dynamic section and symbols. Raises ElfError from any member when the tables are broken."""

    def __init__(self, image: Image, symbol_count: int | None = None) -> None:
        """``symbol_count`` is what that member was when the file was read before."""
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
            count = image.unpack("QQ" if wide else "II", image.offset_of(address, "DT_HASH"), "DT_HASH")[1]
            if wide and count > image.size:
                count = None  # mold writes words of 4 bytes; loaders go by DT_GNU_HASH
        if count is None and table is not None:
            count = count_by_sections(image, table)
            if count == 0:
                from symver_pin.elf.relocations import highest_symbol

                count = highest_symbol(self) + 1
        return count or 0

    @cached_property
    def _raw(self) -> bytes:
        """The symbol table; empty when there are no symbols."""
        table, count = self.value(DT_SYMTAB), self.symbol_count
        if table is None or count <= 1:
            return b""
        size = count * (24 if self.image.bits == 64 else 16)
        if size > MAX_TABLE:
            raise ElfError(f"{self.image.name}: a symbol table of {count} entries: broken")
        return self.image.take(self.image.offset_of(table, "DT_SYMTAB"), size, "DT_SYMTAB")

    @cached_property
    def _versym(self) -> bytes:
        """``.gnu.version``, one half-word a symbol; empty when the file has none."""
        address = self.value(DT_VERSYM)
        if address is None or not self._raw:
            return b""
        return self.image.take(self.image.offset_of(address, "DT_VERSYM"), self.symbol_count * 2, "DT_VERSYM")

    @cached_property
    def versions(self) -> Sequence[int]:
        """The version index of each symbol, with its hidden bit; 1 everywhere in a file without versions."""
        raw = self._versym
        return words(raw, "H", self.image) if raw else [VERSYM_GLOBAL] * len(self._infos)

    @cached_property
    def _version_bytes(self) -> tuple[bytes, bytes]:
        """The low and the high bytes of the version indexes."""
        first, second = self._versym[::2], self._versym[1::2]
        return (first, second) if self.image.order == "<" else (second, first)

    # 64-bit records: name, info, other, section, value, size; 32-bit: name, value, size, info, other, section.

    @cached_property
    def _infos(self) -> bytes:
        return self._raw[4::24] if self.image.bits == 64 else self._raw[12::16]

    @cached_property
    def _others(self) -> bytes:
        return self._raw[5::24] if self.image.bits == 64 else self._raw[13::16]

    @cached_property
    def _sections(self) -> tuple[bytes, bytes]:
        """The low and the high bytes of st_shndx."""
        raw, (at, step) = self._raw, (6, 24) if self.image.bits == 64 else (14, 16)
        first, second = raw[at::step], raw[at + 1 :: step]
        return (first, second) if self.image.order == "<" else (second, first)

    @cached_property
    def _names(self) -> memoryview[int]:
        """The string offset of each name."""
        return words(self._raw, "I", self.image)[0 :: 6 if self.image.bits == 64 else 4]

    @cached_property
    def _values(self) -> memoryview[int]:
        if self.image.bits == 64:
            return words(self._raw, "Q", self.image)[1::3]
        return words(self._raw, "I", self.image)[1::4]

    @cached_property
    def _imported(self) -> int:
        """The imports, as a column."""
        low, high = self._sections
        undefined = _number(low.translate(_ZERO)) & _number(high.translate(_ZERO))
        bound = _number(b"\0" + self._infos[1:].translate(_BOUND))  # the first symbol is none
        found = undefined & bound
        needs = self.needs_by_index
        if needs and self._versym:
            # The low byte of a version index of VERNEED; the whole index is looked at where that fits.
            fits = bytearray(256)
            for index in needs:
                fits[index & 0xFF] = 1
            copied = _number(self._version_bytes[0].translate(fits)) & bound & ~undefined
            if copied:
                versions, marks = self.versions, bytearray(len(low))
                for number in _places(copied.to_bytes(len(low), "big")):
                    marks[number] = versions[number] & _INDEX in needs
                found |= _number(marks)
        return found

    @cached_property
    def import_numbers(self) -> Sequence[int]:
        """The indexes of the imports, in table order."""
        return _places(self._imported.to_bytes(len(self._infos), "big"))

    def names(self, numbers: Sequence[int]) -> list[bytes]:
        """The names of symbols, by index."""
        table = self._names
        return self._strings_at([table[number] for number in numbers])

    def _strings_at(self, offsets: list[int]) -> list[bytes]:
        """Strings, by offset."""
        if not offsets:
            return []
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

    @cached_property
    def _plain(self) -> int:
        """The symbols without a version, as a column."""
        if not self._versym:
            return _number(b"\1" * len(self._infos))
        low, high = self._version_bytes
        return _number(low.translate(_PLAIN)) & _number(high.translate(_NO_INDEX))

    @cached_property
    def _wanted(self) -> int:
        """The imports but weak ones without a version, as a column."""
        return self._imported & ~(_number(self._infos.translate(_WEAK)) & self._plain)

    @cached_property
    def plain_numbers(self) -> Sequence[int]:
        """The indexes of the imports without a version, but weak ones."""
        return _places((self._wanted & self._plain).to_bytes(len(self._infos), "big"))

    @cached_property
    def wants(self) -> tuple[list[bytes], list[int]]:
        """The names of the imports, and the version index of each, in table order. Weak ones without a version, which
        may stay undefined, are left out.
        """
        marks = self._wanted.to_bytes(len(self._infos), "big")
        marks = marks[: marks.rfind(1) + 1]
        names = self._strings_at(_marked(self._names, marks))
        if not self._versym:
            return names, [VERSYM_GLOBAL] * len(names)
        indexes = _marked(words(self._versym, "H", self.image), marks)
        return names, indexes if max(indexes, default=0) <= _INDEX else [index & _INDEX for index in indexes]

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every symbol that the loader must find in another file, in table order."""
        numbers, infos, versions = self.import_numbers, self._infos, self.versions
        low, high = self._sections
        node_of = import_node(self.needs, self.definitions)
        found = []
        for number, name in zip(numbers, self.names(numbers), strict=True):
            copied, text = bool(low[number] or high[number]), name.decode("utf-8", "surrogateescape")
            weak = infos[number] >> 4 == STB_WEAK
            found.append(Import(text, *node_of(versions[number] & _INDEX), weak, number, copied))
        return tuple(found)

    @cached_property
    def offers(self) -> tuple[dict[bytes, int], dict[bytes, list[int]]]:
        """The names that a look-up can find in the file, each with its raw version index (hidden bit included); and
        those that it has several times, with all their indexes.

        Left out, as the loader does: undefined symbols, local and hidden ones, those without an address (but absolute
        and thread-local ones), and types that are neither code nor data.
        """
        low, high = self._sections
        sought = _number(self._infos.translate(SOUGHT_INFO)) & _number(self._others.translate(SOUGHT_OTHER))
        sought &= ~(_number(low.translate(_ZERO)) & _number(high.translate(_ZERO)))
        marks, values, infos = sought.to_bytes(len(low), "big"), self._values, self._infos
        numbers = list(compress(range(len(low)), marks))
        if 0 in compress(values, marks):
            numbers = [
                number
                for number in numbers
                if values[number] or infos[number] & 15 == STT_TLS or (low[number] | high[number] << 8) == SHN_ABS
            ]
        offsets, size = self._names, self.strings.size
        if numbers and max([offsets[number] for number in numbers]) >= size:  # no look-up will ever compare these
            numbers = [number for number in numbers if offsets[number] < size]
        names, versions = self.names(numbers), self.versions
        indexes = [versions[number] for number in numbers] if self._versym else [VERSYM_GLOBAL] * len(numbers)
        first = dict(zip(names, indexes, strict=True))
        several: dict[bytes, list[int]] = {}
        if len(first) < len(names):
            seen: set[bytes] = set()
            twice = {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
            for name, index in zip(names, indexes, strict=True):
                if name in twice:
                    several.setdefault(name, []).append(index)
        return first, several

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every dynamic symbol but the null one and locals."""
        image, needs, definitions = self.image, self.needs_by_index, self.definitions_by_index
        narrow = image.bits == 32
        found = []
        names = self.names(range(len(self._infos)))
        layout = image.order + ("IIIBBH" if narrow else "IBBHQQ")
        for name, fields, raw_version in zip(names, struct.iter_unpack(layout, self._raw), self.versions, strict=True):
            if narrow:
                _name, value, size, info, _other, section = fields
            else:
                _name, info, _other, section, value, size = fields
            bind, kind = info >> 4, info & 15
            if bind not in _GLOBAL_BINDINGS:
                continue
            index = raw_version & _INDEX
            version = library = None
            text = name.decode("utf-8", "surrogateescape")
            if index > VERSYM_GLOBAL:
                need = needs.get(index)
                if need is not None:
                    version, library = need.version, need.library
                elif index in definitions:
                    version = definitions[index].version
                else:
                    raise ElfError(f"{image.name}: symbol {text} has version index {index}: undefined")
            found.append(
                Symbol(
                    text,
                    version,
                    library,
                    section != SHN_UNDEF,
                    not raw_version & VERSYM_HIDDEN,
                    bind == STB_WEAK,
                    kind,
                    size,
                    value,
                    section,
                )
            )
        return tuple(found)


def _places(marks: bytes) -> list[int]:
    """Where the marks are 1."""
    if _is_dense(marks):
        return list(compress(range(len(marks)), marks))
    found, at = [], marks.find(1)
    while at >= 0:
        found.append(at)
        at = marks.find(1, at + 1)
    return found


def _marked(column: memoryview[int], marks: bytes) -> list[int]:
    """The values of a column where the marks are 1."""
    if _is_dense(marks):
        return list(compress(column[: len(marks)].tolist(), marks))
    return [column[place] for place in _places(marks)]


def _is_dense(marks: bytes) -> bool:
    return len(marks) < _SPARSE * marks.count(1)


def _number(marks: bytes | bytearray) -> int:
    """A column of zeros and ones as one number, so that columns can be combined."""
    return int.from_bytes(marks, "big")
