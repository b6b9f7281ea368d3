"""Cut a compiled object into one object for each symbol, or for each bundle of symbols.

A linker takes whole members from a static archive: the member that defines an undefined symbol, with everything that
the member refers to. If one object held a family of functions, a program would get the references of all of them, and a
program with its own function of one of the names would have a duplicate definition. So each member must define exactly
one symbol. Compiling each symbol separately costs one compiler start for each; compiling a family once and cutting the
result costs a fraction of that (figures in ``archive``).

With ``-ffunction-sections -fdata-sections`` every function and variable has its own section. Everything that a function
needs is found by following relocations: from its section to the sections of static helper functions, strings and
variables, and on from there. These sections, with the records of ``.eh_frame`` that describe them, form the member. A
reference to a global symbol stays a reference, even if the compiled object defines the symbol: the linker resolves it
to libc's function or to another member. A helper that two members use is copied into both, as if each had been compiled
separately.

A bundle is cut in the same way for several symbols at once, and its sections of the same kind are merged (``merge``).
Its symbols are weak, so that a program can have its own function of one of the names.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from symver_pin.compat.merge import merge_sections
from symver_pin.compat.relocatable import (
    SHF_ALLOC,
    SHF_LINK_ORDER,
    SHN_UNDEF,
    SHT_GNU_ATTRIBUTES,
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
    """A CIE or FDE of ``.eh_frame``: its first byte, the byte after its end, for an FDE the first byte of its CIE."""

    start: int
    end: int
    cie: int | None


def _records(frame: bytes, order: str, where: str) -> Iterator[_Record]:
    """The records of an ``.eh_frame`` section. Raises CompatError for a 64-bit or truncated record."""
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
    """A compiled object that can be cut into members."""

    def __init__(self, data: bytes, where: str, has_attributes: bool = True) -> None:
        """``where`` names the object in errors. Without ``has_attributes`` the members get no GNU attributes, which say
        for which ABI the object was compiled.

        Raises CompatError when ``data`` is not a relocatable ELF object.
        """
        self.where = where
        self._has_attributes = has_attributes
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
        self._whole_object = {i for i, s in enumerate(self.object.sections) if self._describes_whole_object(s)}
        frame = next((i for i, s in enumerate(self.object.sections) if s.name == EH_FRAME), None)
        self._frame = frame
        self._frames = () if frame is None else tuple(self._frame_records(frame))

    def defines(self, symbol: str) -> bool:
        """True if the object defines the global symbol ``symbol``."""
        return symbol in self._globals

    def member(self, symbol: str, function: str | None = None) -> bytes:
        """The bytes of an object that defines only the global symbol ``symbol``.

        ``function`` is its name in the compiled object, if that is another.
        """
        function = function or symbol
        keep, replaced = self._with_frames(self._closure([self._globals[function].section]))
        return self.object.subset(keep, replaced, {function: [symbol]})

    def bundle(self, functions: Mapping[str, Sequence[str]]) -> bytes:
        """The bytes of an object that defines several functions in one section of code.

        ``functions`` maps each function to its symbols. The symbols are weak if there is more than one.
        """
        included = self._closure([self._globals[function].section for function in functions])
        keep, replaced = self._with_frames(included)
        # (not the sections ``keep``: .eh_frame has the flags of constants, but must not be merged with them)
        merged = merge_sections(self.object, included)
        several = sum(len(names) for names in functions.values()) > 1
        return self.object.subset(keep, replaced, functions, several, merged)

    def _with_frames(self, included: set[int]) -> tuple[set[int], dict[int, tuple[bytes, tuple[Relocation, ...]]]]:
        """The sections ``included`` with those that describe them, and the new content of ``.eh_frame``.

        The second result has the form of the parameter ``replaced`` of ``Relocatable.subset``.
        """
        keep = included | self._whole_object
        replaced: dict[int, tuple[bytes, tuple[Relocation, ...]]] = {}
        if self._frame is not None:
            frame = self._frame_of(included)
            if frame[0]:
                keep.add(self._frame)
                replaced[self._frame] = frame
        return keep, replaced

    def _describes_whole_object(self, section: Section) -> bool:
        """True if a section describes the whole object (its stack, its processor features). Each member gets it."""
        if section.name == ".note.GNU-stack":
            return True
        if section.type == SHT_GNU_ATTRIBUTES:
            return self._has_attributes
        if section.type in (SHT_NOTE, SHT_MIPS_OPTIONS, SHT_MIPS_ABIFLAGS):
            return True
        return section.type >= SHT_LOOS and section.type != SHT_LLVM_ADDRSIG and not section.flags & SHF_ALLOC

    def _closure(self, roots: Iterable[int]) -> set[int]:
        """The sections ``roots``, and all sections to which they refer by local symbols, directly or indirectly."""
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
        """True if a section is in a group (SHT_GROUP). The linker keeps one copy of a group, such as i386's function
        that finds the GOT.
        """
        return any(section in members for _, members in self._groups)

    def _group_words(self, section: Section) -> tuple[int, ...]:
        return struct.unpack(f"{self.object.order}{len(section.data) // 4}I", section.data)

    def _frame_records(self, frame: int) -> Iterator[tuple[_Record, tuple[Relocation, ...], int | None]]:
        """The records of ``.eh_frame``, each with its relocations and, for an FDE, the section of its code."""
        relocations = sorted(self.object.relocations.get(frame, ()), key=lambda relocation: relocation.offset)
        for record in _records(self.object.sections[frame].data, self.object.order, self.where):
            own = tuple(r for r in relocations if record.start <= r.offset < record.end)
            # An FDE begins with its length, its CIE pointer, and the address of the code, which is relocated.
            code = next((r for r in own if r.offset == record.start + 8), None) if record.cie is not None else None
            yield record, own, None if code is None else self.object.symbols[code.symbol].section

    def _frame_of(self, included: set[int]) -> tuple[bytes, tuple[Relocation, ...]]:
        """The records of ``.eh_frame`` for the sections ``included``, and their relocations with new offsets."""
        chosen = {record.start for record, _, code in self._frames if code in included}
        chosen |= {record.cie for record, _, _ in self._frames if record.start in chosen and record.cie is not None}
        source = self.object.sections[self._frame].data if self._frame is not None else b""
        moved: dict[int, int] = {}
        data = bytearray()
        relocations: list[Relocation] = []
        for record, own, _ in self._frames:
            if record.start not in chosen:
                continue
            moved[record.start] = len(data)
            shift = len(data) - record.start
            data += source[record.start : record.end]
            if record.cie is not None:
                identity = record.start + 4 + shift
                struct.pack_into(self.object.order + "I", data, identity, identity - moved[record.cie])
            relocations += [relocation._replace(offset=relocation.offset + shift) for relocation in own]
        return bytes(data), tuple(relocations)
