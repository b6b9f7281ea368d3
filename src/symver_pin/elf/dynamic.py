"""The dynamic symbols of a file: its imports and its exports.

**An import** is an undefined symbol, and also a *defined* symbol whose version index belongs to VERNEED: the
executable's copy of a library's variable (copy relocation), which the loader looks up in that library at start.

Names come in two forms. ``imported_names`` and ``exported_names`` are lists of bytes with version indexes, sliced out
of the table; every verdict needs them. ``imports_with`` and ``symbols`` are one record for each symbol, for the few
symbols of a finding and for harvesting tables.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import compress

from symver_pin.elf.constants import (
    SHN_ABS,
    SHN_UNDEF,
    STB_GLOBAL,
    STB_GNU_UNIQUE,
    STB_WEAK,
    STT_TLS,
    VERSYM_GLOBAL,
    VERSYM_HIDDEN,
    VERSYM_LOCAL,
)
from symver_pin.elf.image import integers
from symver_pin.elf.records import Import, Symbol, VersionDefinition, VersionNeed
from symver_pin.elf.relocations import relocation_types, symbols_with, unreferenced_symbols
from symver_pin.elf.symbol_columns import SymbolColumns, as_number, marked_places, marked_values
from symver_pin.errors import ElfError

_INDEX = ~VERSYM_HIDDEN & 0xFFFF

_GLOBAL_BINDINGS = frozenset({STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE})
_HIDDEN_VISIBILITIES = frozenset({1, 2})
"""STV_INTERNAL, STV_HIDDEN."""
_PROTECTED = 3
"""STV_PROTECTED."""
_FINDABLE_TYPES = frozenset({0, 1, 2, 5, 6, 10})
"""STT_NOTYPE, OBJECT, FUNC, COMMON, TLS, GNU_IFUNC."""
FINDABLE_INFO = bytes(info >> 4 in _GLOBAL_BINDINGS and info & 15 in _FINDABLE_TYPES for info in range(256))
"""For each value of st_info, 1 if a look-up may find such a symbol."""
FINDABLE_OTHER = bytes(other & 3 not in _HIDDEN_VISIBILITIES for other in range(256))
"""For each value of st_other, 1 if a look-up may find such a symbol."""
_ZERO = b"\1" + bytes(255)
_UNVERSIONED_LOW = b"\1\1" + bytes(254)
"""For each low byte of a version index, 1 if it is VERSYM_LOCAL or VERSYM_GLOBAL, which stand for no version."""
_UNVERSIONED_HIGH = bytes(high & 0x7F == 0 for high in range(256))
_BOUND = bytes(info >> 4 != 0 for info in range(256))
"""For each value of st_info, 1 if the symbol is not local."""
_WEAK = bytes(info >> 4 == STB_WEAK for info in range(256))


def node_of_index(
    needs: Sequence[VersionNeed], definitions: Sequence[VersionDefinition]
) -> Callable[[int], tuple[str | None, str | None]]:
    """A function from a version index to (version node, library) of an import with this index.

    The loader treats an index without an entry as no version: (None, None).
    """
    nodes: dict[int, tuple[str | None, str | None]] = {}
    for version, is_base, index in definitions:
        nodes[index] = (None if is_base else version), None
    for library, version, _weak, index in needs:
        nodes[index] = version, library
    nodes[VERSYM_LOCAL] = nodes[VERSYM_GLOBAL] = None, None
    return lambda index: nodes.get(index) or (None, None)


class Dynamic(SymbolColumns):
    """A file's dynamic section and symbols. Raises ElfError from any member when the tables are broken."""

    @cached_property
    def _imported(self) -> int:
        """The imports, as marks."""
        low, high = self.sections
        undefined = as_number(low.translate(_ZERO)) & as_number(high.translate(_ZERO))
        bound = as_number(b"\0" + self.infos[1:].translate(_BOUND))  # symbol 0 is reserved
        found = undefined & bound
        needs = self.needs_by_index
        if needs and self.versym:
            # Defined symbols are selected by the low byte of their version index first, then by the whole index.
            low_bytes = bytearray(256)
            for index in needs:
                low_bytes[index & 0xFF] = 1
            copied = as_number(self.version_bytes[0].translate(low_bytes)) & bound & ~undefined
            if copied:
                versions, marks = self.versions, bytearray(len(low))
                for number in marked_places(copied.to_bytes(len(low), "big")):
                    marks[number] = versions[number] & _INDEX in needs
                found |= as_number(marks)
        return found

    @cached_property
    def import_numbers(self) -> Sequence[int]:
        """The indexes of the imports in the symbol table, ascending."""
        return marked_places(self._imported.to_bytes(len(self.infos), "big"))

    @cached_property
    def _unversioned(self) -> int:
        """The symbols without a version, as marks."""
        if not self.versym:
            return as_number(b"\1" * len(self.infos))
        low, high = self.version_bytes
        return as_number(low.translate(_UNVERSIONED_LOW)) & as_number(high.translate(_UNVERSIONED_HIGH))

    @cached_property
    def _required(self) -> int:
        """The imports without the weak unversioned ones, as marks: those may stay undefined."""
        return self._imported & ~(as_number(self.infos.translate(_WEAK)) & self._unversioned)

    @cached_property
    def imported_names(self) -> tuple[list[bytes], list[int]]:
        """The names of the imports and the version index of each, in table order, without the weak unversioned ones."""
        marks = self._required.to_bytes(len(self.infos), "big")
        marks = marks[: marks.rfind(1) + 1]
        names = self.strings_at(marked_values(self.name_offsets, marks))
        if not self.versym:
            return names, [VERSYM_GLOBAL] * len(names)
        indexes = marked_values(integers(self.versym, "H", self.image.order), marks)
        return names, indexes if max(indexes, default=0) <= _INDEX else [index & _INDEX for index in indexes]

    @cached_property
    def relocation_types(self) -> frozenset[int]:
        """The types of all relocations but those that DT_RELACOUNT counts."""
        return relocation_types(self)

    def symbols_with(self, types: Collection[int]) -> list[int]:
        """The symbols that relocations of certain types name, by index, in table order."""
        return [] if self.relocation_types.isdisjoint(types) else symbols_with(self, types)

    def protected_names(self) -> frozenset[bytes]:
        """The names of the defined symbols with the visibility STV_PROTECTED."""
        others, (low, high) = self.others, self.sections
        numbers = [number for number in range(len(others)) if others[number] & 3 == _PROTECTED]
        return frozenset(self.names([number for number in numbers if low[number] or high[number]]))

    def hidden_names(self) -> frozenset[bytes]:
        """The names of symbols that are not found for their visibility alone: loaders before 2.24 find them."""
        infos, others, (low, high) = self.infos, self.others, self.sections
        hidden = [number for number in range(1, len(others)) if others[number] & 3 in _HIDDEN_VISIBILITIES]
        found = [number for number in hidden if FINDABLE_INFO[infos[number]] and (low[number] or high[number])]
        return frozenset(self.names(found))

    def unreferenced_names(self) -> frozenset[bytes]:
        """The names of required unversioned imports that no relocation refers to: the loader never looks them up."""
        marks = (self._required & self._unversioned).to_bytes(len(self.infos), "big")
        numbers = marked_places(marks)
        if not numbers:
            return frozenset()
        return frozenset(self.names(sorted(unreferenced_symbols(self, numbers))))

    def imports_with(self, indexes: Collection[int] | None = None) -> list[Import]:
        """The imports whose version index is one of ``indexes``, or all for None, in table order."""
        infos, versions = self.infos, self.versions
        low, high = self.sections
        numbers = self.import_numbers
        if indexes is not None:
            numbers = [number for number in numbers if versions[number] & _INDEX in indexes]
        node_of = node_of_index(self.needs, self.definitions)
        found = []
        for number, name in zip(numbers, self.names(numbers), strict=True):
            version, library = node_of(versions[number] & _INDEX)
            copied, weak = bool(low[number] or high[number]), infos[number] >> 4 == STB_WEAK
            found.append(Import(name.decode("utf-8", "surrogateescape"), version, library, weak, number, copied))
        return found

    @cached_property
    def exported_names(self) -> tuple[dict[bytes, int], dict[bytes, list[int]]]:
        """The names that a look-up can find in the file, each with its raw version index (hidden bit included); and
        the names that several symbols have, each with all their indexes.

        As in the loader's ``check_match``, these are not found: undefined, local and hidden symbols, symbols without
        an address (except absolute and thread-local ones), and types that are neither code nor data. Nor are symbols in
        front of those that DT_GNU_HASH has, where linkers have left ``_end``.
        """
        low, high = self.sections
        findable = as_number(self.infos.translate(FINDABLE_INFO)) & as_number(self.others.translate(FINDABLE_OTHER))
        findable &= ~(as_number(low.translate(_ZERO)) & as_number(high.translate(_ZERO)))
        marks, values, infos = findable.to_bytes(len(low), "big"), self.values, self.infos
        numbers = list(compress(range(len(low)), marks))
        hashed = self.first_hashed
        if numbers and numbers[0] < hashed:
            numbers = [number for number in numbers if number >= hashed]
        if 0 in compress(values, marks):
            numbers = [
                number
                for number in numbers
                if values[number] or infos[number] & 15 == STT_TLS or (low[number] | high[number] << 8) == SHN_ABS
            ]
        offsets, size = self.name_offsets, self.strings.size
        if numbers and max([offsets[number] for number in numbers]) >= size:  # no look-up will ever compare these
            size = self.strings.size if self.widen_strings() else size
            numbers = [number for number in numbers if offsets[number] < size]
        names, versions = self.names(numbers), self.versions
        indexes = [versions[number] for number in numbers] if self.versym else [VERSYM_GLOBAL] * len(numbers)
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
        """Every dynamic symbol except symbol 0 and local ones."""
        image, needs, definitions = self.image, self.needs_by_index, self.definitions_by_index
        narrow = image.bits == 32
        found = []
        names = self.names(range(len(self.infos)))
        layout = image.order + ("IIIBBH" if narrow else "IBBHQQ")
        for name, fields, raw_version in zip(names, struct.iter_unpack(layout, self.raw), self.versions, strict=True):
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
            defined, default = section != SHN_UNDEF, not raw_version & VERSYM_HIDDEN
            weak = bind == STB_WEAK
            found.append(Symbol(text, version, library, defined, default, weak, kind, size, value, section))
        return tuple(found)
