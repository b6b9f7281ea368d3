"""Which functions of a program refer to an imported symbol, as far as its own symbol table tells.

Code reaches an import through a slot of the global offset table: by ``call *slot(%rip)`` (or a load of it), or by a
call of a stub of the procedure linkage table, which jumps through the slot. All of these end in a 32-bit distance from
the next instruction. So every four bytes of code that would be the distance to a slot, or to a stub of one, are taken
for a reference, and the function of ``.symtab`` that they lie in is named. Data that points to an import (a table of
function pointers) is found by its relocation. Asked for failing files only; x86_64, and files that are not stripped.
"""

from __future__ import annotations

import struct
from bisect import bisect_right

from symver_pin.elf.image import PT_LOAD
from symver_pin.elf.relocations import read_relocations
from symver_pin.elf.words import words
from symver_pin.errors import ElfError
from symver_pin.verify.machine_code import MACHINES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from symver_pin.elf.image import Image
    from symver_pin.verify.model import FileVerdict, Finding
    from symver_pin.verify.objects import Object

_PF_X, _SHT_SYMTAB, _STT_OBJECT, _STT_FUNC = 1, 2, 1, 2
#: More code than this is not searched: some 0.1 s a megabyte.
_MAX_CODE = 1 << 25
_MAX_SYMBOLS = 1 << 20
#: How many bytes of a stub come before the distance in it: endbr64, a move of six, bnd, the jump's code.
_STUB_HEADS = (2, 3, 6, 7, 8, 12)
#: What linkers put into the symbol table themselves, over everything that lies there.
_BY_THE_LINKER = frozenset({"_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "_PROCEDURE_LINKAGE_TABLE_"})


class Functions:
    """The functions and objects of ``.symtab``, by address."""

    def __init__(self, image: Image) -> None:
        found = sorted(_read_symtab(image)) if image.bits == 64 and image.order == "<" else []
        self._starts = [start for start, _size, _name in found]
        self._found = found

    def at(self, address: int) -> str | None:
        """The name of what an address lies in."""
        position = bisect_right(self._starts, address) - 1
        if position < 0:
            return None
        start, size, name = self._found[position]
        return name if address < start + size else None

    def __bool__(self) -> bool:
        return bool(self._found)


def _read_symtab(image: Image) -> Iterable[tuple[int, int, str]]:
    if image.section_entry_size != 64 or not image.section_offset:
        return
    raw = image.take(image.section_offset, image.section_count * 64, "section headers")
    sections = list(struct.iter_unpack("<IIQQQQIIQQ", raw))
    for section in sections:
        if section[1] != _SHT_SYMTAB or section[6] >= len(sections) or section[5] // 24 > _MAX_SYMBOLS:
            continue
        text = image.take(sections[section[6]][4], sections[section[6]][5], ".strtab")
        table = image.take(section[4], section[5] // 24 * 24, ".symtab")
        for name, info, _other, where, value, size in struct.iter_unpack("<IBBHQQ", table):
            if info & 15 in (_STT_FUNC, _STT_OBJECT) and where and size:
                called = text[name : text.find(b"\0", name)][:200].decode("utf-8", "replace")
                if called not in _BY_THE_LINKER:
                    yield value, size, called


def users_of(file: Object, numbers: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """Symbol number -> the functions and objects that refer to it, sorted; nothing for a file that does not tell."""
    machine = MACHINES.get(file.arch.name)
    image = file.image
    try:
        functions = Functions(image)
    except ElfError:
        return {}  # The loader does not need sections, and a file is no worse for broken ones.
    if machine is None or not functions:
        return {}
    wanted = frozenset(numbers)
    found: dict[int, set[str]] = {number: set() for number in wanted}
    slots: dict[int, int] = {}
    for relocation in read_relocations(file.dynamic):
        if relocation.symbol in wanted:
            slots[relocation.address] = relocation.symbol
            holder = functions.at(relocation.address)
            if holder is not None:
                found[relocation.symbol].add(holder)
    stubs: dict[int, int] = {}
    for place, slot in _distances(image, slots):
        name = functions.at(place)
        if name is not None:
            found[slots[slot]].add(name)
        for head in _STUB_HEADS:
            if machine.jump_slot(image, place - head) == slot:
                stubs[place - head] = slots[slot]
    for place, stub in _distances(image, stubs):
        name = functions.at(place)
        if name is not None:
            found[stubs[stub]].add(name)
    return {number: tuple(sorted(names)) for number, names in found.items() if names}


def _distances(image: Image, targets: Mapping[int, int]) -> Iterable[tuple[int, int]]:
    """(address, target) of every four bytes of code that are the distance to a target."""
    for segment in image.segments:
        if segment.type != PT_LOAD or not segment.flags & _PF_X or not targets or segment.file_size > _MAX_CODE:
            continue
        code = image.take(segment.offset, segment.file_size, "code")
        for shift in range(4):
            whole = (len(code) - shift) // 4 * 4
            base = segment.vaddr + shift + 4
            for index, distance in enumerate(words(code[shift : shift + whole], "I", image)):
                target = (base + 4 * index + distance) & 0xFFFFFFFF
                if target in targets:
                    yield base + 4 * index - 4, target


def name_callers(verdict: FileVerdict, file: Object) -> FileVerdict:
    """The verdict of a file, its guilty symbols with those who use them."""
    named = {s.name for finding in verdict.findings if finding.file == file.path for s in finding.symbols}
    numbers = {found.number: found.name for found in file.dynamic.imports if found.name in named}
    users = {numbers[number]: names for number, names in users_of(file, numbers).items()}
    file.close()

    def told(finding: Finding) -> Finding:
        if finding.file != file.path:
            return finding
        symbols = tuple(symbol._replace(used_by=users.get(symbol.name, ())) for symbol in finding.symbols)
        return finding._replace(symbols=symbols)

    return verdict._replace(findings=tuple(map(told, verdict.findings)))
