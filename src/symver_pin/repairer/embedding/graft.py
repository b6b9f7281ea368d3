"""What the tables of a file become when it gets a blob: symbols, relocations and unwind information.

A reference to a function of the blob needs no look-up any more: each of its relocations adds the load address to the
function's, as for a local function. The blob's own references to libc do need one, so they become imports of the file.

* **Symbols.** DT_GNU_HASH demands that the symbols that it finds are the last ones, in its order. So the new imports
  stand in front of them, and the numbers of those behind grow: in the hash tables and in all relocations.
* **Slots of the PLT.** The relocations of DT_JMPREL may be of one type only, and the code of the PLT knows their order.
  The entry of a function of the blob stays, and fills a word that nothing reads; the slot gets its address from an
  ordinary relocation.
* **Unwind information.** A file has one table of it (PT_GNU_EH_FRAME), which is written anew with the blob's functions,
  so that exceptions, and the cancellation of a thread, pass through them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from symver_pin.elf.constants import DT_GNU_HASH, DT_HASH, DT_SYMTAB, DT_VERSYM
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import integers
from symver_pin.elf.relocations import unpack_relocations
from symver_pin.errors import RepairError
from symver_pin.machine.arch import Arch
from symver_pin.repairer.embedding.frames import read_frames, unwind_table
from symver_pin.repairer.rewriting.change import Embedded
from symver_pin.repairer.rewriting.strings import GrowingStrings
from symver_pin.repairer.rewriting.versions import Versions

_SYMBOL, _RELA = "IBBHQQ", "QQq"
"""Elf64_Sym and Elf64_Rela, as struct spells them."""
_SYMBOL_SIZE, _NONE = 24, 0
"""The size of Elf64_Sym; the type of a relocation that does nothing."""
_SHT_HASH, _SHT_DYNSYM, _SHT_GNU_HASH, _SHT_GNU_VERSYM = 5, 11, 0x6FFFFFF6, 0x6FFFFFFF


class GnuHash(NamedTuple):
    """DT_GNU_HASH: which symbols it has."""

    buckets: tuple[int, ...]
    """The number of the first symbol of each bucket; 0 for none."""
    first: int
    """The number of the first symbol that it has."""
    bloom: bytes
    """The Bloom filter."""
    shift: int
    chains: bytes


class Graft:
    """The tables of one file with a blob at an address."""

    def __init__(self, dynamic: Dynamic, arch: Arch, embedded: Embedded, start: int) -> None:
        """The architecture is one with ``pointers`` among its types of relocations."""
        assert arch.relocations is not None
        self._dynamic, self._blob, self._start = dynamic, embedded.blob, start
        self._absolute, self._global, self._slot = arch.relocations.pointers
        self._relative, self._copy = arch.relocations.relative[0], arch.relocations.copy
        self._supplied = {number: start + embedded.blob.functions[name] for number, name in embedded.functions.items()}
        self._gnu_hash = _read_gnu_hash(dynamic)
        self._first = dynamic.symbol_count if self._gnu_hash is None else self._gnu_hash.first
        self._count = len(embedded.blob.imports)

    def _moved(self, number: int) -> int:
        """The new number of a symbol."""
        return number + self._count if number >= self._first else number

    def symbols(self, versions: Versions, strings: GrowingStrings) -> Iterator[tuple[int, int, bytes]]:
        """(tag, type of its section, content) of the tables of symbols."""
        dynamic, image, order = self._dynamic, self._dynamic.image, self._dynamic.image.order
        size, at = dynamic.symbol_count * _SYMBOL_SIZE, self._first * _SYMBOL_SIZE
        raw = bytes(image.take(image.offset_of(dynamic.tags[DT_SYMTAB], "DT_SYMTAB"), size, "DT_SYMTAB"))
        imports = self._blob.imports
        new = [struct.pack(order + _SYMBOL, strings.offset(each.name), each.info, 0, 0, 0, 0) for each in imports]
        yield DT_SYMTAB, _SHT_DYNSYM, b"".join([raw[:at], *new, raw[at:]])
        indexes = [versions.indexes.get(number, index) for number, index in enumerate(dynamic.versions)]
        indexes[self._first : self._first] = [versions.added[each] for each in imports]
        yield DT_VERSYM, _SHT_GNU_VERSYM, struct.pack(f"{order}{len(indexes)}H", *indexes)
        if self._gnu_hash is not None:
            yield DT_GNU_HASH, _SHT_GNU_HASH, self._packed_gnu_hash(self._gnu_hash)
        if DT_HASH in dynamic.tags:
            yield DT_HASH, _SHT_HASH, self._hash()

    def _packed_gnu_hash(self, old: GnuHash) -> bytes:
        order, word = self._dynamic.image.order, self._dynamic.image.bits // 8
        head = struct.pack(order + "IIII", len(old.buckets), self._moved(old.first), len(old.bloom) // word, old.shift)
        buckets = [self._moved(each) if each else 0 for each in old.buckets]
        return b"".join([head, old.bloom, struct.pack(f"{order}{len(buckets)}I", *buckets), old.chains])

    def _hash(self) -> bytes:
        """DT_HASH with a chain entry for each new symbol, none of which a bucket leads to."""
        image = self._dynamic.image
        at = image.offset_of(self._dynamic.tags[DT_HASH], "DT_HASH")
        buckets, chained = image.unpack("II", at, "DT_HASH")
        words = integers(image.take(at + 8, (buckets + chained) * 4, "DT_HASH"), "I", image.order)
        entries = [self._moved(each) for each in words]
        entries[buckets + self._first : buckets + self._first] = [0] * self._count
        return struct.pack(f"{image.order}II{len(entries)}I", buckets, chained + self._count, *entries)

    def relocations(self, ordinary: bytes, counted: int, plt: bytes) -> tuple[bytes, bytes, bytes]:
        """(relative ones, all others with the old relative ones in front, those of the PLT).

        The file has the relocations ``ordinary``, of which the first ``counted`` are relative, and those of the PLT.
        Raises RepairError for a reference to a supplied symbol that is none to its address.
        """
        relative, symbolic = self._of_blob()
        slots = []
        dummy = self._start + len(self._blob.code) + len(self._blob.data)
        for each in unpack_relocations(self._dynamic.image, plt, True):
            if each.symbol in self._supplied:
                self._check(each.type, (self._slot,))
                relative.append(self._pack(each.address, 0, self._relative, self._supplied[each.symbol]))
                slots.append(self._pack(dummy, 0, self._slot, 0))
            else:
                slots.append(self._pack(each.address, self._moved(each.symbol), each.type, each.addend))
        kept = []
        for each in unpack_relocations(self._dynamic.image, ordinary, True):
            if each.symbol in self._supplied and each.type == self._copy:
                kept.append(self._pack(each.address, 0, _NONE, 0))  # the program's variable is zero, as the member is
            elif each.symbol in self._supplied:
                self._check(each.type, (self._absolute, self._global, self._slot))
                address = self._supplied[each.symbol] + (each.addend if each.type == self._absolute else 0)
                kept.append(self._pack(each.address, 0, self._relative, address))
            else:
                kept.append(self._pack(each.address, self._moved(each.symbol), each.type, each.addend))
        # Functions that choose an implementation (IRELATIVE) are the last ones, and may call those of the blob.
        kept[counted:counted] = symbolic
        return b"".join(relative), b"".join(kept), b"".join(slots)

    def _of_blob(self) -> tuple[list[bytes], list[bytes]]:
        """The relocations of the blob: relative ones, and those that name an import."""
        numbers = {each: self._first + number for number, each in enumerate(self._blob.imports)}
        relative, symbolic = [], []
        for pointer in self._blob.pointers:
            address = self._start + pointer.address
            if pointer.symbol is None:
                self._check(pointer.type, (self._relative,))
                relative.append(self._pack(address, 0, self._relative, self._start + pointer.addend))
            else:
                self._check(pointer.type, (self._absolute, self._global, self._slot))
                kind = self._global if pointer.type == self._slot else pointer.type
                symbolic.append(self._pack(address, numbers[pointer.symbol], kind, pointer.addend))
        return relative, symbolic

    def _check(self, kind: int, known: tuple[int, ...]) -> None:
        if kind not in known:
            raise RepairError(
                f"{self._dynamic.image.name}: refers to a supplied symbol by a relocation of type {kind}, which an "
                "embedded member cannot serve; repair it without --embed"
            )

    def _pack(self, address: int, symbol: int, kind: int, addend: int) -> bytes:
        return struct.pack(self._dynamic.image.order + _RELA, address, symbol << 32 | kind, addend)

    def unwind_table(self, place: int) -> bytes | None:
        """The table of unwind information at an address; None if the file has none."""
        frames = read_frames(self._dynamic.image)
        if frames is None:
            return None
        added = [(self._start + function, self._start + entry) for function, entry in self._blob.frames]
        return unwind_table(frames._replace(entries=[*frames.entries, *added]), place, self._dynamic.image.order)


def _read_gnu_hash(dynamic: Dynamic) -> GnuHash | None:
    """None if the file has none, or one without symbols."""
    image, address = dynamic.image, dynamic.value(DT_GNU_HASH)
    if address is None:
        return None
    at = image.offset_of(address, "DT_GNU_HASH")
    count, first, words, shift = image.unpack("IIII", at, "DT_GNU_HASH")
    size = words * image.bits // 8
    bloom = bytes(image.take(at + 16, size, "DT_GNU_HASH"))
    buckets = tuple(integers(image.take(at + 16 + size, count * 4, "DT_GNU_HASH"), "I", image.order))
    if max(buckets, default=0) == 0:
        return None
    chained = max(0, dynamic.symbol_count - first) * 4
    return GnuHash(buckets, first, bloom, shift, bytes(image.take(at + 16 + size + count * 4, chained, "DT_GNU_HASH")))
