"""The inside that the loader reads: dynamic section, dynamic symbols, version needs and definitions.

How a symbol gets its version: ``.gnu.version`` has one half-word a symbol. Its low 15 bits are 0 (local), 1 (global,
the base version) or an index that a VERDEF entry (defined here) or a VERNEED auxiliary entry (wanted from a library)
carries; bit 15 set on a defined symbol means "hidden": a compat version (``@``), not bound by unversioned references.

How many symbols there are is written nowhere in the dynamic section: DT_HASH's chain count says it, else the last
chain of DT_GNU_HASH plus the symbols before its first hashed one (the undefined ones).
"""

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from symver_pin.elf.image import PT_DYNAMIC, Image
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

#: Real chains are a few dozen nodes long; a chain beyond this is a cycle or a hostile count.
_MAX_CHAIN = 65536


class Need(NamedTuple):
    """One version that is wanted from one library (a VERNEED auxiliary entry)."""

    library: str
    version: str
    weak: bool
    index: int


class Definition(NamedTuple):
    """One version that the file defines (a VERDEF entry)."""

    version: str
    base: bool
    index: int


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
        if segment is not None:
            layout = struct.Struct(f"{image.order}{image.word * 2}")
            raw = image.take(segment.offset, segment.file_size, "PT_DYNAMIC")
            for tag, value in layout.iter_unpack(raw[: len(raw) // layout.size * layout.size]):
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
    def _string_bytes(self) -> bytes:
        return bytes(self._strings)

    def string(self, offset: int) -> str:
        """The dynamic string at ``offset``."""
        table = self._string_bytes
        end = table.find(b"\0", offset)
        if offset >= len(table) or end < 0:
            raise ElfError(f"{self.image.name}: string at offset {offset:#x} of DT_STRTAB has no end: broken")
        return table[offset:end].decode("utf-8", "surrogateescape")

    def _strings_of(self, tag: int) -> tuple[str, ...]:
        return tuple(self.string(offset) for offset in self.tags.get(tag, ()))

    @property
    def needed(self) -> tuple[str, ...]:
        """DT_NEEDED, in order."""
        return self._strings_of(DT_NEEDED)

    @property
    def soname(self) -> str | None:
        """DT_SONAME, or None."""
        return next(iter(self._strings_of(DT_SONAME)), None)

    @property
    def search_path(self) -> tuple[str, ...]:
        """DT_RUNPATH when there is one, else DT_RPATH, split at colons."""
        found = self._strings_of(DT_RUNPATH) or self._strings_of(DT_RPATH)
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
    def symbol_count(self) -> int:
        """The number of dynamic symbols, the null one included."""
        address = self.value(DT_HASH)
        if address is not None and not (self.image.machine in (22, 0x9026) and self.image.bits == 64):
            # s390x and alpha have 8-byte DT_HASH words; their files carry DT_GNU_HASH as well.
            _buckets, chains = self.image.unpack("II", self.image.offset_of(address, "DT_HASH"), "DT_HASH")
            return chains
        address = self.value(DT_GNU_HASH)
        if address is not None:
            return self._count_by_gnu_hash(self.image.offset_of(address, "DT_GNU_HASH"))
        if address is None and self.value(DT_HASH) is not None:
            offset = self.image.offset_of(self.value(DT_HASH) or 0, "DT_HASH")
            return self.image.unpack("QQ", offset, "DT_HASH")[1]
        return 0

    def _count_by_gnu_hash(self, offset: int) -> int:
        image = self.image
        buckets, first_hashed, bloom, _shift = image.unpack("IIII", offset, "DT_GNU_HASH")
        at = offset + 16 + bloom * image.bits // 8
        raw = image.take(at, buckets * 4, "DT_GNU_HASH buckets")
        highest = max(struct.unpack(f"{image.order}{buckets}I", raw), default=0)
        if highest < first_hashed:
            return first_hashed
        chain = at + buckets * 4 + (highest - first_hashed) * 4
        while True:
            (word,) = image.unpack("I", chain, "DT_GNU_HASH chain")
            highest += 1
            if word & 1:
                return highest
            chain += 4

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Every dynamic symbol but the null one and locals."""
        return tuple(self._read_symbols())

    def _read_symbols(self) -> Iterator[Symbol]:
        image, count, table = self.image, self.symbol_count, self.value(DT_SYMTAB)
        if table is None or count <= 1:
            return
        layout = struct.Struct(image.order + ("IIIBBH" if image.bits == 32 else "IBBHQQ"))
        raw = image.take(image.offset_of(table, "DT_SYMTAB"), count * layout.size, "DT_SYMTAB")
        versions: tuple[int, ...] = (VERSYM_GLOBAL,) * count
        versym = self.value(DT_VERSYM)
        if versym is not None:
            half_words = image.take(image.offset_of(versym, "DT_VERSYM"), count * 2, "DT_VERSYM")
            versions = struct.unpack(f"{image.order}{count}H", half_words)
        needs = {need.index: need for need in self.needs}
        definitions = {definition.index: definition for definition in self.definitions}
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
