"""Relocatable ELF objects (ET_REL): read one, and write an object with some of its sections.

Both byte orders and both ELF classes are supported. Section data is copied without interpretation. A subset changes
only the numbers by which sections and symbols refer to each other: ``sh_link``, ``sh_info``, ``st_shndx``, ``r_info``
and the words of a section group.

64-bit MIPS has a different ``r_info``: four bytes with the symbol's number, then one byte each for the second symbol
and three types. Read as a little-endian number, the symbol is in the lower half (64-bit ELF supplement of MIPS).
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from symver_pin.errors import CompatError

ET_REL = 1
EM_MIPS = 8
SHT_NULL = 0
SHT_PROGBITS = 1
SHT_SYMTAB = 2
SHT_STRTAB = 3
SHT_RELA = 4
SHT_NOTE = 7
SHT_NOBITS = 8
SHT_REL = 9
SHT_GROUP = 17
SHT_LOOS = 0x60000000
SHT_LLVM_ADDRSIG = 0x6FFF4C03
SHT_GNU_ATTRIBUTES = 0x6FFFFFF5
SHT_MIPS_OPTIONS = 0x7000000D
SHT_MIPS_ABIFLAGS = 0x7000002A
SHF_ALLOC = 0x2
SHF_EXECINSTR = 0x4
SHF_LINK_ORDER = 0x80
SHN_UNDEF = 0
SHN_LORESERVE = 0xFF00
STB_LOCAL = 0
STB_GLOBAL = 1
STB_WEAK = 2
STT_NOTYPE = 0
STT_SECTION = 3
STT_FILE = 4


class Section(NamedTuple):
    """A section header, and the bytes of the section (empty for SHT_NOBITS)."""

    name: str
    type: int
    flags: int
    size: int
    link: int
    info: int
    align: int
    entry_size: int
    data: bytes


class Symbol(NamedTuple):
    """An entry of the symbol table."""

    name: str
    value: int
    size: int
    info: int
    other: int
    section: int

    @property
    def binding(self) -> int:
        """STB_LOCAL, STB_GLOBAL or STB_WEAK."""
        return self.info >> 4

    @property
    def type(self) -> int:
        """STT_FUNC, STT_OBJECT, STT_SECTION ..."""
        return self.info & 0xF


class Relocation(NamedTuple):
    """An entry of SHT_REL or SHT_RELA. ``addend`` is None for SHT_REL, whose addend is in the relocated bytes."""

    offset: int
    symbol: int
    type: int
    """``r_info`` without the symbol's number."""
    addend: int | None


class Merged(NamedTuple):
    """Sections merged into others. Keys are section numbers of the original object."""

    places: dict[int, tuple[int, int]]
    """Section -> the section that now contains it (perhaps itself), and its offset there."""
    sections: dict[int, Section]
    """The merged sections, with their new content."""
    relocations: dict[int, tuple[Relocation, ...]]
    """The relocations of the merged sections."""


_NOTHING_MERGED = Merged({}, {}, {})


class _Layout(NamedTuple):
    """The struct formats of one ELF class, without the byte order."""

    header: str
    section: str
    rel: str
    rela: str
    word: int
    """The size of an address in bytes."""
    symbol_shift: int
    """The number of bits below the symbol's number in ``r_info``."""


_LAYOUTS = {
    1: _Layout("HHIIIIIHHHHHH", "IIIIIIIIII", "II", "IIi", 4, 8),
    2: _Layout("HHIQQQIHHHHHH", "IIQQQQIIQQ", "QQ", "QQq", 8, 32),
}


def _symbol_in_low_half(machine: int, layout: _Layout, order: str) -> bool:
    """True if the symbol is in the lower half of ``r_info`` (little-endian 64-bit MIPS)."""
    return machine == EM_MIPS and layout.word == 8 and order == "<"


class _Strings:
    """A string table under construction. Equal strings are stored once."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._offsets = {"": 0}

    def add(self, text: str) -> int:
        if text not in self._offsets:
            self._offsets[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return self._offsets[text]


class Relocatable:
    """A parsed ET_REL file. ``relocations`` maps the number of a section to the relocations that apply to it."""

    def __init__(
        self,
        identity: bytes,
        header: tuple[int, ...],
        sections: list[Section],
        symbols: list[Symbol],
        relocations: dict[int, tuple[Relocation, ...]],
    ) -> None:
        self.identity = identity
        self.order = "<" if identity[5] == 1 else ">"
        self.sections = sections
        self.symbols = symbols
        self.relocations = relocations
        self._header = header
        self._layout = _LAYOUTS[identity[4]]
        self._defined: dict[int, list[int]] = {}
        """Section -> its symbols. ``subset`` runs for each member, and a family has hundreds of members and symbols."""
        for index, symbol in enumerate(symbols):
            if index and symbol.type != STT_FILE and self.in_section(symbol):
                self._defined.setdefault(symbol.section, []).append(index)
        self._relocation_sections = {s.info: s for s in reversed(sections) if s.type in (SHT_REL, SHT_RELA)}

    @classmethod
    def parse(cls, data: bytes, where: str) -> "Relocatable":
        """Read an object. Raises CompatError, with the name ``where``, if it is not one that can be cut."""
        try:
            return cls._parse(data, where)
        except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
            raise CompatError(f"{where}: the compiler's output is not a valid ELF object: {error}") from error

    @classmethod
    def _parse(cls, data: bytes, where: str) -> "Relocatable":
        if data[:4] != b"\x7fELF":
            raise CompatError(f"{where}: the compiler wrote no ELF object; is link-time optimisation forced on?")
        layout, order = _LAYOUTS[data[4]], "<" if data[5] == 1 else ">"
        header = struct.unpack_from(order + layout.header, data, 16)
        if header[0] != ET_REL:
            raise CompatError(f"{where}: e_type {header[0]}, e_machine {header[1]} cannot be cut into members")
        offset, count, names = header[5], header[11], header[12]
        raw = [struct.unpack_from(order + layout.section, data, offset + i * header[10]) for i in range(count)]

        def text(table: int, position: int) -> str:
            start = raw[table][4] + position
            return data[start : data.index(b"\0", start)].decode()

        sections = [
            Section(
                text(names, name),
                kind,
                flags,
                size,
                link,
                info,
                align,
                entry,
                b"" if kind in (SHT_NULL, SHT_NOBITS) else data[start : start + size],
            )
            for name, kind, flags, _address, start, size, link, info, align, entry in raw
        ]
        symbols: list[Symbol] = []
        relocations: dict[int, tuple[Relocation, ...]] = {}
        for section in sections:
            if section.type == SHT_SYMTAB:
                for entry in struct.iter_unpack(order + ("IBBHQQ" if layout.word == 8 else "IIIBBH"), section.data):
                    if layout.word == 8:
                        name, info, other, index, value, size = entry
                    else:
                        name, value, size, info, other, index = entry
                    symbols.append(Symbol(text(section.link, name), value, size, info, other, index))
            elif section.type in (SHT_REL, SHT_RELA):
                form = layout.rela if section.type == SHT_RELA else layout.rel
                shift, found = layout.symbol_shift, []
                for place, info, *addend in struct.iter_unpack(order + form, section.data):
                    symbol, kind = info >> shift, info & ((1 << shift) - 1)
                    if _symbol_in_low_half(header[1], layout, order):
                        symbol, kind = kind, symbol
                    found.append(Relocation(place, symbol, kind, addend[0] if addend else None))
                relocations[section.info] = tuple(found)
        return cls(data[:16], header, sections, symbols, relocations)

    def in_section(self, symbol: Symbol) -> bool:
        """True if a symbol is defined in a section: neither undefined, absolute nor common."""
        return SHN_UNDEF < symbol.section < SHN_LORESERVE

    def is_relocation_section(self, index: int) -> bool:
        """True if section ``index`` holds relocations."""
        return self.sections[index].type in (SHT_REL, SHT_RELA)

    def subset(
        self,
        keep: set[int],
        replaced: Mapping[int, tuple[bytes, tuple[Relocation, ...]]],
        new_names: Mapping[str, Sequence[str]],
        weak: bool = False,
        merged: Merged = _NOTHING_MERGED,
    ) -> bytes:
        """The bytes of an object with the sections ``keep``, their relocations, and the symbols of both.

        ``replaced`` maps some of these sections to other bytes and relocations. ``merged`` says which sections are
        merged into others. ``new_names`` maps some symbols to one or more names that replace their own; with ``weak``
        these have weak binding. Global symbols of other sections become undefined if the kept sections refer to them.
        Left out are file names, and symbols without a section or a name to which no kept relocation refers.
        """
        places = merged.places
        old_sections = sorted(index for index in keep if places.get(index, (index, 0))[0] == index)
        others = {index: entries for index, (_, entries) in replaced.items()} | merged.relocations
        relocated = [
            (index, entries)
            for index in old_sections
            if (entries := others[index] if index in others else self.relocations.get(index, ()))
        ]
        section_numbers = {old: new for new, old in enumerate(old_sections, 1)}
        section_numbers.update((old, section_numbers[home]) for old, (home, _) in places.items())
        relocation_numbers = {old: len(old_sections) + new for new, (old, _) in enumerate(relocated, 1)}
        used = {entry.symbol for _, entries in relocated for entry in entries}
        used.update(self.sections[index].info for index in old_sections if self.sections[index].type == SHT_GROUP)
        elsewhere = {i for i in used if i and self.symbols[i].section not in keep and self.symbols[i].type != STT_FILE}
        kept = [
            index
            for index in elsewhere.union(*(self._defined.get(section, ()) for section in keep))
            if index in used or (self.symbols[index].name and self.symbols[index].type != STT_SECTION)
        ]
        # The ELF gABI requires local symbols before global ones.
        kept.sort(key=lambda index: (self.symbols[index].binding != STB_LOCAL, index))
        numbers = {0: 0} | {old: new for new, old in enumerate(kept, 1)}
        symtab_number = len(old_sections) + len(relocated) + 1

        strings, names = _Strings(), _Strings()
        output: list[Section] = []
        for old in old_sections:
            section = merged.sections.get(old) or self.sections[old]
            data, size = (replaced[old][0], len(replaced[old][0])) if old in replaced else (section.data, section.size)
            link, info = section.link, section.info
            if section.type == SHT_GROUP:
                data = self._group(section, section_numbers, relocation_numbers)
                size, link, info = len(data), symtab_number, numbers[section.info]
            elif section.flags & SHF_LINK_ORDER:
                link = section_numbers[section.link]
            output.append(section._replace(data=data, size=size, link=link, info=info))
        for old, entries in relocated:
            original = self._relocation_sections[old]
            data = b"".join(self._pack_relocation(entry, numbers[entry.symbol]) for entry in entries)
            output.append(original._replace(data=data, size=len(data), link=symtab_number, info=section_numbers[old]))
        output_symbols = [self._symbol_in_subset(self.symbols[index], keep, places) for index in kept]
        # Second names are added at the end: they are global, and the other symbols keep their numbers.
        second_names: list[Symbol] = []
        for number, symbol in enumerate(output_symbols):
            if self.in_section(symbol) and symbol.name in new_names:
                info = STB_WEAK << 4 | symbol.type if weak else symbol.info
                output_symbols[number], *more = [symbol._replace(name=n, info=info) for n in new_names[symbol.name]]
                second_names += more
        output_symbols += second_names
        all_symbols = (self.symbols[0], *output_symbols)
        table = b"".join(self._pack_symbol(symbol, strings, section_numbers) for symbol in all_symbols)
        first_global = 1 + sum(self.symbols[old].binding == STB_LOCAL for old in kept)
        word = self._layout.word
        entry = 24 if word == 8 else 16
        output.append(
            Section(".symtab", SHT_SYMTAB, 0, len(table), symtab_number + 1, first_global, word, entry, table)
        )
        text = bytes(strings.data)
        output.append(Section(".strtab", SHT_STRTAB, 0, len(text), 0, 0, 1, 0, text))
        return self._write(output, names)

    def _symbol_in_subset(self, symbol: Symbol, keep: Collection[int], places: Mapping[int, tuple[int, int]]) -> Symbol:
        """A symbol as it is in a subset: undefined if its section is not kept, with a new value if that is merged."""
        if self.in_section(symbol) and symbol.section not in keep:
            return Symbol(symbol.name, 0, 0, STB_GLOBAL << 4 | STT_NOTYPE, 0, SHN_UNDEF)
        if symbol.section in places:
            shift = places[symbol.section][1]
            if symbol.type == STT_SECTION:
                return symbol._replace(name="", info=STT_NOTYPE, value=shift)
            return symbol._replace(value=symbol.value + shift)
        return symbol

    def _group(self, section: Section, sections: Mapping[int, int], relocations: Mapping[int, int]) -> bytes:
        """The content of a section group with new section numbers: old -> new number, also of relocation sections."""
        flags, *members = struct.unpack(f"{self.order}{len(section.data) // 4}I", section.data)
        words = [flags]
        for member in members:
            if self.is_relocation_section(member):
                if self.sections[member].info in relocations:
                    words.append(relocations[self.sections[member].info])
            else:
                words.append(sections[member])
        return struct.pack(f"{self.order}{len(words)}I", *words)

    def _pack_relocation(self, entry: Relocation, symbol: int) -> bytes:
        if _symbol_in_low_half(self._header[1], self._layout, self.order):
            info = (entry.type << self._layout.symbol_shift) | symbol
        else:
            info = (symbol << self._layout.symbol_shift) | entry.type
        if entry.addend is None:
            return struct.pack(self.order + self._layout.rel, entry.offset, info)
        return struct.pack(self.order + self._layout.rela, entry.offset, info, entry.addend)

    def _pack_symbol(self, symbol: Symbol, strings: _Strings, sections: Mapping[int, int]) -> bytes:
        index = sections[symbol.section] if self.in_section(symbol) else symbol.section
        name = strings.add(symbol.name) if symbol.type != STT_SECTION else 0
        if self._layout.word == 8:
            fields = (name, symbol.info, symbol.other, index, symbol.value, symbol.size)
            return struct.pack(self.order + "IBBHQQ", *fields)
        return struct.pack(self.order + "IIIBBH", name, symbol.value, symbol.size, symbol.info, symbol.other, index)

    def _write(self, sections: list[Section], names: _Strings) -> bytes:
        layout = self._layout
        name_offsets = [names.add(section.name) for section in sections]
        own_name = names.add(".shstrtab")
        text = bytes(names.data)
        sections = [*sections, Section(".shstrtab", SHT_STRTAB, 0, len(text), 0, 0, 1, 0, text)]
        name_offsets.append(own_name)

        header_size = 16 + struct.calcsize(self.order + layout.header)
        body = bytearray(header_size)
        headers = [bytes(struct.calcsize(self.order + layout.section))]
        for section, name in zip(sections, name_offsets, strict=True):
            body += bytes(-len(body) % max(section.align, 1))
            headers.append(
                struct.pack(
                    self.order + layout.section,
                    name,
                    section.type,
                    section.flags,
                    0,
                    len(body),
                    section.size,
                    section.link,
                    section.info,
                    section.align,
                    section.entry_size,
                )
            )
            body += section.data
        body += bytes(-len(body) % layout.word)
        table = len(body)
        fields = list(self._header)
        fields[5] = table  # e_shoff
        fields[11], fields[12] = len(headers), len(headers) - 1  # e_shnum, e_shstrndx
        body[:header_size] = self.identity + struct.pack(self.order + layout.header, *fields)
        return bytes(body) + b"".join(headers)
