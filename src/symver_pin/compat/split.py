"""Cut a compiled object into one object a symbol, or a bundle of symbols.

A static archive is searched a member at a time: whatever object defines a wanted symbol comes in whole, with everything
it refers to. A family of functions in one object would drag in the references of all, and would clash with a program
that has a function of its own under one of the names. So each member must hold exactly one symbol. To compile each
alone costs a compiler start a symbol; to compile a family once and cut the result here costs a fraction (figures in
``archive``).

With ``-ffunction-sections -fdata-sections`` every function and variable has a section of its own, and all that a
function needs can be found by following relocations: from its section to the sections of its static helpers, strings
and variables, and so on. Those, and the records of ``.eh_frame`` that describe them, make the member. A reference to a
global symbol is left to the linker, whether the compiled object defines it or not: there may be the libc's own, or
another member. A helper that two members use goes into both, as if each had been compiled alone.

A bundle is the same with more than one symbol to start from, and sections that are alike laid into one (``merge``).
Its symbols are weak, so that it does not clash with a program's own function of one of the names.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from symver_pin.compat.merge import merged
from symver_pin.compat.relocatable import (
    SHF_ALLOC,
    SHF_LINK_ORDER,
    SHN_UNDEF,
    SHT_GROUP,
    SHT_LLVM_ADDRSIG,
    SHT_LOOS,
    SHT_MIPS_ABIFLAGS,
    SHT_MIPS_OPTIONS,
    SHT_NOTE,
    STB_LOCAL,
    Relocatable,
    Relocation,
    Section,
)
from symver_pin.errors import CompatError

EH_FRAME = ".eh_frame"


class _Record(NamedTuple):
    """One CIE or FDE of ``.eh_frame``: its bytes' span, and the start of the CIE that an FDE refers to."""

    start: int
    end: int
    cie: int | None


def _records(frame: bytes, order: str, where: str) -> Iterator[_Record]:
    position = 0
    while position + 4 <= len(frame):
        (length,) = struct.unpack_from(order + "I", frame, position)
        if length == 0:
            return
        end = position + 4 + length
        if length == 0xFFFFFFFF or end > len(frame):
            raise CompatError(f"{where}: {EH_FRAME} has a record this program cannot read at offset {position}")
        (identity,) = struct.unpack_from(order + "I", frame, position + 4)
        yield _Record(position, end, None if identity == 0 else position + 4 - identity)
        position = end


class Splitter:
    """One compiled family file, ready to give its members."""

    def __init__(self, data: bytes, where: str) -> None:
        """``where`` names the object in errors. Raises CompatError when ``data`` is not a relocatable ELF object."""
        self.where = where
        self.object = Relocatable.parse(data, where)
        self._globals = {
            symbol.name: symbol
            for symbol in self.object.symbols
            if symbol.section != SHN_UNDEF and symbol.binding != STB_LOCAL
        }
        self._groups = [
            (index, set(self._group_words(section)[1:]))
            for index, section in enumerate(self.object.sections)
            if section.type == SHT_GROUP
        ]
        self._ordered = [
            (index, section.link)
            for index, section in enumerate(self.object.sections)
            if section.flags & SHF_LINK_ORDER
        ]
        self._companions = {i for i, s in enumerate(self.object.sections) if self._accompanies(s)}
        frame = next((i for i, s in enumerate(self.object.sections) if s.name == EH_FRAME), None)
        self._frame = frame
        self._frames = () if frame is None else tuple(self._described(frame))

    def defines(self, symbol: str) -> bool:
        """Whether the object has a global definition of ``symbol``."""
        return symbol in self._globals

    def member(self, symbol: str, function: str | None = None) -> bytes:
        """The relocatable object that defines ``symbol`` alone, which the compiled object may call ``function``."""
        function = function or symbol
        keep, replaced = self._with_frames(self._closure([self._globals[function].section]))
        return self.object.subset(keep, replaced, {function: [symbol]})

    def bundle(self, functions: Mapping[str, Sequence[str]]) -> bytes:
        """The relocatable object that defines some functions in one section of code, each under the names given.

        They are weak if they are several.
        """
        included = self._closure([self._globals[function].section for function in functions])
        keep, replaced = self._with_frames(included)
        # (not of ``keep``: .eh_frame looks like constants, and stays as it is)
        together = merged(self.object, included)
        several = sum(len(names) for names in functions.values()) > 1
        return self.object.subset(keep, replaced, functions, several, together)

    def _with_frames(self, included: set[int]) -> tuple[set[int], dict[int, tuple[bytes, tuple[Relocation, ...]]]]:
        """These sections and what describes them, and the part of ``.eh_frame`` in place of the whole."""
        keep = included | self._companions
        replaced: dict[int, tuple[bytes, tuple[Relocation, ...]]] = {}
        if self._frame is not None:
            frame = self._frame_of(included)
            if frame[0]:
                keep.add(self._frame)
                replaced[self._frame] = frame
        return keep, replaced

    def _accompanies(self, section: Section) -> bool:
        """Whether a section describes the whole object (its stack, its processor features) and goes with each part."""
        if section.name == ".note.GNU-stack":
            return True
        if section.type in (SHT_NOTE, SHT_MIPS_OPTIONS, SHT_MIPS_ABIFLAGS):
            return True
        return section.type >= SHT_LOOS and section.type != SHT_LLVM_ADDRSIG and not section.flags & SHF_ALLOC

    def _closure(self, roots: Iterable[int]) -> set[int]:
        included: set[int] = set()
        waiting = list(roots)
        while waiting:
            index = waiting.pop()
            if index in included:
                continue
            included.add(index)
            for relocation in self.object.relocations.get(index, ()):
                target = self.object.symbols[relocation.symbol]
                if self.object.in_section(target) and (target.binding == STB_LOCAL or self._in_group(target.section)):
                    waiting.append(target.section)
            waiting.extend(other for other, link in self._ordered if link == index)
            for group, members in self._groups:
                if index in members:
                    waiting.append(group)
                    waiting.extend(member for member in members if not self.object.is_relocation_section(member))
        return included

    def _in_group(self, section: int) -> bool:
        """Whether each object has a copy of a section and the linker keeps one (i386's function to find the GOT)."""
        return any(section in members for _, members in self._groups)

    def _group_words(self, section: Section) -> tuple[int, ...]:
        return struct.unpack(f"{self.object.order}{len(section.data) // 4}I", section.data)

    def _described(self, frame: int) -> Iterator[tuple[_Record, tuple[Relocation, ...], int | None]]:
        """Each record of ``.eh_frame``, its relocations, and the section of the code that an FDE describes."""
        relocations = sorted(self.object.relocations.get(frame, ()), key=lambda relocation: relocation.offset)
        for record in _records(self.object.sections[frame].data, self.object.order, self.where):
            own = tuple(r for r in relocations if record.start <= r.offset < record.end)
            # An FDE begins with its length, its CIE pointer, and the address of the code.
            code = next((r for r in own if r.offset == record.start + 8), None) if record.cie is not None else None
            yield record, own, None if code is None else self.object.symbols[code.symbol].section

    def _frame_of(self, included: set[int]) -> tuple[bytes, tuple[Relocation, ...]]:
        """The part of ``.eh_frame`` that describes the included sections, with its relocations moved along."""
        wanted = {record.start for record, _, code in self._frames if code in included}
        wanted |= {record.cie for record, _, _ in self._frames if record.start in wanted and record.cie is not None}
        source = self.object.sections[self._frame].data if self._frame is not None else b""
        moved: dict[int, int] = {}
        data = bytearray()
        relocations: list[Relocation] = []
        for record, own, _ in self._frames:
            if record.start not in wanted:
                continue
            moved[record.start] = len(data)
            shift = len(data) - record.start
            data += source[record.start : record.end]
            if record.cie is not None:
                identity = record.start + 4 + shift
                struct.pack_into(self.object.order + "I", data, identity, identity - moved[record.cie])
            relocations += [relocation._replace(offset=relocation.offset + shift) for relocation in own]
        return bytes(data), tuple(relocations)
