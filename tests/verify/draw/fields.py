"""Read and change single fields of a linked x86-64 file.

It shares no code with the reader under test. Places are offsets in the file; addresses become offsets through the
program headers.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_TLS = 1, 2, 3, 7
NEEDED, HASH, STRTAB, SYMTAB, RELA, RELASZ, RELAENT, STRSZ = 1, 4, 5, 6, 7, 8, 9, 10
SYMENT, SONAME, JMPREL, PLTRELSZ, PLTREL, DEBUG = 11, 14, 23, 2, 20, 21
FLAGS, FLAGS_1, GNU_HASH, VERSYM = 30, 0x6FFFFFFB, 0x6FFFFEF5, 0x6FFFFFF0
VERDEF, VERDEFNUM, VERNEED, VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
DF_1_PIE = 0x08000000
FILTER, AUXILIARY = 0x7FFFFFFF, 0x7FFFFFFD
_DYN, _PHDR, _SYM, _RELA = 16, 56, 24, 24
_IGNORED_TAG = 0x6FFFF123
"""A tag in the range of operating systems that no loader knows."""


class Fields:
    """The bytes of a file, with places of what a loader reads."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)

    def get(self, layout: str, at: int) -> tuple[int, ...]:
        """Unpack at a place, little endian."""
        return struct.unpack_from("<" + layout, self.data, at)

    def put(self, layout: str, at: int, *values: int) -> None:
        """Pack at a place, little endian."""
        struct.pack_into("<" + layout, self.data, at, *values)

    def headers(self, kind: int) -> list[int]:
        """The places of the program headers of a type."""
        (start,), (count,) = self.get("Q", 32), self.get("H", 56)
        return [at for at in range(start, start + count * _PHDR, _PHDR) if self.get("I", at)[0] == kind]

    def offset(self, address: int) -> int:
        """The place of an address."""
        for at in self.headers(PT_LOAD):
            _type, _flags, offset, vaddr, _paddr, size = self.get("IIQQQQ", at)
            if vaddr <= address < vaddr + size:
                return address - vaddr + offset
        raise LookupError(hex(address))

    def entries(self) -> Iterator[tuple[int, int, int]]:
        """(place, tag, value) of each dynamic entry before DT_NULL."""
        at = self.get("Q", self.headers(PT_DYNAMIC)[0] + 8)[0]
        while (tag := self.get("Q", at)[0]) != 0:
            yield at, tag, self.get("Q", at + 8)[0]
            at += _DYN

    def entry(self, tag: int) -> int:
        """The place of a dynamic entry; LookupError without it."""
        for at, found, _value in self.entries():
            if found == tag:
                return at
        raise LookupError(f"no dynamic tag {tag:#x}")

    def value(self, tag: int) -> int:
        """The value of a dynamic entry."""
        return self.get("Q", self.entry(tag) + 8)[0]

    def set_value(self, tag: int, value: int) -> None:
        """Change the value of a dynamic entry."""
        self.put("Q", self.entry(tag) + 8, value)

    def drop(self, tag: int) -> None:
        """Turn a dynamic entry into one that no loader knows."""
        self.put("Q", self.entry(tag), _IGNORED_TAG)

    def add(self, tag: int, value: int) -> None:
        """Write a dynamic entry over DT_DEBUG or the first unused one; linkers leave some of these."""
        last = max((at for at, _tag, _value in self.entries()))
        self.put("QQQQ", last + _DYN, tag, value, 0, 0)

    def text(self, offset: int) -> str:
        """A string of DT_STRTAB."""
        start = self.offset(self.value(STRTAB)) + offset
        return self.data[start : self.data.index(b"\0", start)].decode()

    def text_at(self, text: str) -> int:
        """The offset in DT_STRTAB of a string that is there."""
        start, size = self.offset(self.value(STRTAB)), self.value(STRSZ)
        place = self.data.find(b"\0" + text.encode() + b"\0", start, start + size + 1)
        if place < 0:
            raise LookupError(text)
        return place + 1 - start

    def rename(self, old: str, new: str) -> None:
        """Overwrite a string of DT_STRTAB by one that is no longer."""
        at = self.offset(self.value(STRTAB)) + self.text_at(old)
        self.data[at : at + len(old) + 1] = new.encode().ljust(len(old) + 1, b"\0")

    def symbol(self, name: str) -> int:
        """The number of a dynamic symbol."""
        start = self.offset(self.value(SYMTAB))
        for number in range(1, 4096):
            if self.text(self.get("I", start + number * _SYM)[0]) == name:
                return number
        raise LookupError(name)

    def symbol_at(self, name: str) -> int:
        """The place of a dynamic symbol."""
        return self.offset(self.value(SYMTAB)) + self.symbol(name) * _SYM

    def versym_at(self, name: str) -> int:
        """The place of a symbol's version index."""
        return self.offset(self.value(VERSYM)) + self.symbol(name) * 2

    def relocations(self, *tags: int) -> list[int]:
        """The places of the relocations of DT_RELA and DT_JMPREL, or of those named."""
        found: list[int] = []
        for tag, size in ((RELA, RELASZ), (JMPREL, PLTRELSZ)):
            if tag in (tags or (RELA, JMPREL)) and any(known == tag for _at, known, _value in self.entries()):
                start = self.offset(self.value(tag))
                found += range(start, start + self.value(size), _RELA)
        return found


class Record(NamedTuple):
    """A version record: its place, and that of the record that it belongs to."""

    at: int
    parent: int


def needs(fields: Fields) -> Iterator[Record]:
    """The VERNEED records (``parent`` is ``at``), each followed by its auxiliary ones."""
    at = fields.offset(fields.value(VERNEED))
    while True:
        yield Record(at, at)
        _version, count, _file, aux, following = fields.get("HHIII", at)
        place = at + aux
        for _ in range(count):
            yield Record(place, at)
            place += fields.get("I", place + 12)[0]
        if not following:
            return
        at += following


def need_of(fields: Fields, version: str) -> Record:
    """The auxiliary VERNEED record of a version node."""
    for record in needs(fields):
        if record.at != record.parent and fields.text(fields.get("I", record.at + 8)[0]) == version:
            return record
    raise LookupError(version)


def definition_of(fields: Fields, version: str) -> int:
    """The place of the VERDEF record of a version node."""
    at = fields.offset(fields.value(VERDEF))
    while True:
        aux, following = fields.get("II", at + 12)
        if fields.text(fields.get("I", at + aux)[0]) == version:
            return at
        if not following:
            raise LookupError(version)
        at += following


Change = Callable[[Fields], None]


def changed(data: bytes, *changes: Change) -> bytes:
    """The file after some changes."""
    fields = Fields(data)
    for change in changes:
        change(fields)
    return bytes(fields.data)
