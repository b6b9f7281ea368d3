"""The inside that the loader reads: dynamic section, dynamic symbols, version needs and definitions.

How a symbol gets its version: ``.gnu.version`` has one half-word a symbol. Its low 15 bits are 0 (local), 1 (global,
the base version) or an index that a VERDEF entry (defined here) or a VERNEED auxiliary entry (wanted from a library)
carries; bit 15 set on a defined symbol means "hidden": a compat version (``@``), not bound by unversioned references.

How many symbols there are is written nowhere in the dynamic section; ``symtab`` explains where it is found.
"""

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from symver_pin.elf.image import PT_DYNAMIC, Image
from symver_pin.elf.symtab import (
    Columns,
    Import,
    count_by_gnu_hash,
    count_by_sections,
    read_columns,
    read_imports,
    string_budget,
    symbol_size,
    words,
)
from symver_pin.errors import ElfError

# Dynamic tags (ELF gABI chapter 5; GNU ones from the LSB).
DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ = 0, 1, 4, 5, 6, 7, 8
DT_RELAENT, DT_STRSZ, DT_SYMENT, DT_INIT, DT_FINI, DT_SONAME, DT_RPATH = 9, 10, 11, 12, 13, 14, 15
DT_REL, DT_RELSZ, DT_RELENT, DT_PLTREL, DT_JMPREL, DT_PLTRELSZ = 17, 18, 19, 20, 23, 2
DT_INIT_ARRAY, DT_FINI_ARRAY, DT_INIT_ARRAYSZ, DT_FINI_ARRAYSZ, DT_RUNPATH = 25, 26, 27, 28, 29
DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ, DT_RELRSZ, DT_RELR, DT_RELRENT = 32, 33, 35, 36, 37
DT_GNU_HASH, DT_VERSYM, DT_FLAGS_1 = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFB
DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
DF_1_PIE = 0x08000000

STT_OBJECT, STT_FUNC, STT_TLS, STT_GNU_IFUNC = 1, 2, 6, 10
STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE = 1, 2, 10
SHN_UNDEF, SHN_ABS = 0, 0xFFF1
VER_FLG_BASE, VER_FLG_WEAK = 1, 2
VERSYM_HIDDEN, VERSYM_LOCAL, VERSYM_GLOBAL = 0x8000, 0, 1

_EM_S390, _EM_ALPHA = 22, 0x9026

#: Real chains are a few dozen nodes long; a chain beyond this is a cycle or a hostile count.
_MAX_CHAIN = 65536


class Need(NamedTuple):
    """One version that is wanted from one library (a VERNEED auxiliary entry)."""

    library: str
    version: str
    weak: bool
    version_index: int


class Definition(NamedTuple):
    """One version that the file defines (a VERDEF entry)."""

    version: str
    base: bool
    version_index: int


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


class Dynamic:
    """A file's dynamic section, decoded on demand. Raises ElfError from any member when the file is broken."""

    def __init__(self, image: Image) -> None:
        self.image = image
        segment = image.first(PT_DYNAMIC)
        self.present = segment is not None
        self.tags: dict[int, list[int]] = {}
        self._spent = 0
        if segment is not None:
            layout = struct.Struct(f"{image.order}{image.word * 2}")
            raw = image.take(segment.offset, segment.file_size, "PT_DYNAMIC")
            whole = min(len(raw) // layout.size, _MAX_CHAIN) * layout.size
            for tag, value in layout.iter_unpack(raw[:whole]):
                if tag == DT_NULL:
                    break
                self.tags.setdefault(tag, []).append(value)

    def value(self, tag: int) -> int | None:
        """The value of a tag's first entry, or None."""
        values = self.tags.get(tag)
        return values[0] if values else None

    @cached_property
    def _strings(self) -> memoryview:
        address, size = self.value(DT_STRTAB), self.value(DT_STRSZ)
        if address is None or size is None:
            return memoryview(b"\0")
        return self.image.take(self.image.offset_of(address, "DT_STRTAB"), size, "DT_STRTAB")

    @cached_property
    def string_bytes(self) -> bytes:
        """The dynamic string table."""
        return bytes(self._strings)

    def string(self, offset: int) -> str:
        """The dynamic string at ``offset``."""
        table = self.string_bytes
        end = table.find(b"\0", offset)
        self._spent += max(0, end - offset)
        if offset >= len(table) or end < 0 or self._spent > string_budget(len(table)):
            raise ElfError(f"{self.image.name}: string at offset {offset:#x} of DT_STRTAB has no end")
        return table[offset:end].decode("utf-8", "surrogateescape")

    def strings_of(self, tag: int) -> tuple[str, ...]:
        """The strings that all entries of a tag name."""
        return tuple(self.string(offset) for offset in self.tags.get(tag, ()))

    @property
    def needed(self) -> tuple[str, ...]:
        """DT_NEEDED, in order."""
        return self.strings_of(DT_NEEDED)

    @property
    def soname(self) -> str | None:
        """DT_SONAME, or None."""
        return next(iter(self.strings_of(DT_SONAME)), None)

    @property
    def search_path(self) -> tuple[str, ...]:
        """DT_RUNPATH when there is one, else DT_RPATH, split at colons."""
        found = self.strings_of(DT_RUNPATH) or self.strings_of(DT_RPATH)
        return tuple(part for text in found for part in text.split(":") if part)

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
    def needs(self) -> tuple[Need, ...]:
        """Every VERNEED (library, version), in file order."""
        found: list[Need] = []
        for offset, (_version, count, file, aux, _next) in self._chain(DT_VERNEED, DT_VERNEEDNUM, "HHIII"):
            library = self.string(file)
            at = offset + aux
            for _ in range(count):
                _hash, flags, index, name, following = self.image.unpack("IHHII", at, "VERNEED auxiliary entry")
                found.append(Need(library, self.string(name), bool(flags & VER_FLG_WEAK), index & ~VERSYM_HIDDEN))
                if following == 0 or len(found) > _MAX_CHAIN:
                    break
                at += following
        return tuple(found)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Every VERDEF node, in file order, the base one (the soname) included."""
        found = []
        for offset, fields in self._chain(DT_VERDEF, DT_VERDEFNUM, "HHHHIII"):
            _version, flags, index, _count, _hash, aux, _next = fields
            name, _ = self.image.unpack("II", offset + aux, "VERDEF auxiliary entry")
            found.append(Definition(self.string(name), bool(flags & VER_FLG_BASE), index & ~VERSYM_HIDDEN))
        return tuple(found)

    @cached_property
    def needs_by_index(self) -> dict[int, Need]:
        """VERNEED by the index that ``.gnu.version`` uses."""
        return {need.version_index: need for need in self.needs}

    @cached_property
    def definitions_by_index(self) -> dict[int, Definition]:
        """VERDEF by the index that ``.gnu.version`` uses."""
        return {definition.version_index: definition for definition in self.definitions}

    @cached_property
    def symbol_count(self) -> int:
        """The number of dynamic symbols, the null one included."""
        image, table = self.image, self.value(DT_SYMTAB)
        address = self.value(DT_HASH)
        if address is not None:
            # s390x and alpha have 8-byte DT_HASH words.
            wide = image.machine in (_EM_S390, _EM_ALPHA) and image.bits == 64
            return image.unpack("QQ" if wide else "II", image.offset_of(address, "DT_HASH"), "DT_HASH")[1]
        address = self.value(DT_GNU_HASH)
        count = None
        if address is not None:
            count = count_by_gnu_hash(image, image.offset_of(address, "DT_GNU_HASH"))
        if count is None and table is not None:
            count = count_by_sections(image, table)
            if count == 0:
                from symver_pin.elf.relocations import highest_symbol

                count = highest_symbol(self) + 1
        return count or 0

    @cached_property
    def symbol_bytes(self) -> memoryview | None:
        """The raw symbol table; None when there are no symbols."""
        table, count = self.value(DT_SYMTAB), self.symbol_count
        if table is None or count <= 1:
            return None
        image = self.image
        return image.take(image.offset_of(table, "DT_SYMTAB"), count * symbol_size(image), "DT_SYMTAB")

    @cached_property
    def columns(self) -> Columns | None:
        """The columns of the symbol table; None when there are no symbols."""
        raw = self.symbol_bytes
        return None if raw is None else read_columns(self.image, raw)

    @cached_property
    def versions(self) -> list[int]:
        """``.gnu.version``, one half-word a symbol; empty when the file has none."""
        address = self.value(DT_VERSYM)
        if address is None:
            return []
        size = self.symbol_count * 2
        raw = self.image.take(self.image.offset_of(address, "DT_VERSYM"), size, "DT_VERSYM")
        return words(raw, "H", self.image).tolist()

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every symbol that the loader must find in another file."""
        return read_imports(self)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every dynamic symbol but the null one and locals."""
        return tuple(self._read_symbols())

    def _read_symbols(self) -> Iterator[Symbol]:
        image, raw = self.image, self.symbol_bytes
        if raw is None:
            return
        layout = struct.Struct(image.order + ("IIIBBH" if image.bits == 32 else "IBBHQQ"))
        versions = self.versions or [VERSYM_GLOBAL] * self.symbol_count
        needs, definitions = self.needs_by_index, self.definitions_by_index
        narrow = image.bits == 32
        for fields, raw_version in zip(layout.iter_unpack(raw), versions, strict=True):
            if narrow:
                name, value, size, info, _other, section = fields
            else:
                name, info, _other, section, value, size = fields
            bind, kind = info >> 4, info & 15
            if bind not in (STB_GLOBAL, STB_WEAK, STB_GNU_UNIQUE):
                continue
            index = raw_version & ~VERSYM_HIDDEN
            version = library = None
            if index > VERSYM_GLOBAL:
                need = needs.get(index)
                if need is not None:
                    version, library = need.version, need.library
                elif index in definitions:
                    version = definitions[index].version
                else:
                    raise ElfError(f"{image.name}: symbol {self.string(name)} has version index {index}: undefined")
            yield Symbol(
                self.string(name), version, library, section != SHN_UNDEF, not raw_version & VERSYM_HIDDEN,
                bind == STB_WEAK, kind, size, value, section,
            )  # fmt: skip
