"""Write a stub: a shared object with a dynamic symbol table and no code, for a linker to link against.

A linker reads of a shared library its soname, its dynamic symbols with version and visibility, and, for a copy
relocation (a non-PIE executable that uses a library's object directly), the object's size, alignment and the other
names at its address. So a stub carries those and nothing else, in NOBITS sections that take no room in the file:
the whole of glibc is 155 kB (2.17) to 225 kB (2.42). Nothing is assembled or compiled, so a stub for any architecture
can be written on any host, and its bytes depend on its inputs only.

What each linker was seen to need: section headers with ``.dynsym`` (bfd, gold, lld and mold all find the symbols by
SHT_DYNSYM, not through the dynamic section), ``.gnu.version`` and ``.gnu.version_d`` linked to it, ``.dynamic`` with
DT_SONAME, a ``.hash`` (its absence makes bfd doubt the file), and PT_LOAD headers: lld and mold look there whether a
copied object was writable. An alias group's leader is STB_GLOBAL and the others STB_WEAK at the same address: bfd
searches a strong alias of a weak object when it copies one, so that ``environ`` and ``__environ`` stay one object.

A section ``.gnu.warning.NAME`` makes bfd and gold print its text where a program refers to NAME; lld and mold ignore
it.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from symver_pin.elf.constants import (
    DT_HASH,
    DT_NULL,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_SYMENT,
    DT_SYMTAB,
    DT_VERDEF,
    DT_VERDEFNUM,
    DT_VERSYM,
    ET_DYN,
    PT_DYNAMIC,
    PT_LOAD,
    PT_TLS,
    SHN_UNDEF,
    STB_GLOBAL,
    STB_WEAK,
    STT_FUNC,
    STT_OBJECT,
    STT_TLS,
    VER_FLG_BASE,
    VERSYM_GLOBAL,
    VERSYM_HIDDEN,
    VERSYM_LOCAL,
)
from symver_pin.elf.records import ElfFormat
from symver_pin.elf.version_records import sysv_hash

_SHT_PROGBITS, _SHT_STRTAB, _SHT_HASH, _SHT_DYNAMIC, _SHT_NOBITS, _SHT_DYNSYM = 1, 3, 5, 6, 8, 11
_SHT_GNU_VERDEF, _SHT_GNU_VERSYM = 0x6FFFFFFD, 0x6FFFFFFF
_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR, _SHF_TLS = 1, 2, 4, 0x400
_PF_X, _PF_W, _PF_R = 1, 2, 4
_EM_S390, _EV_CURRENT, _VER_DEF_CURRENT = 22, 1, 1
_SEGMENTS = 5
_FUNCTION_SPACING = 16
_MAX_ALIGNMENT = 32


UNDEFINED = "U"
"""The type of a symbol that the stub does not export but refers to, weakly. A linker then exports it from a program."""


class StubSymbol(NamedTuple):
    """One symbol to export; the fields mean what ``glibc.rows.Export``'s do. Beside its types there is UNDEFINED."""

    name: str
    version: str
    default: bool
    type: str
    size: int
    alias: str


class _Section(NamedTuple):
    """One section header's content; ``data`` is empty and ``mem_size`` counts for NOBITS."""

    name: str
    type: int
    flags: int
    data: bytes
    mem_size: int = 0
    link: str = ""
    info: int = 0
    align: int = 8
    entry_size: int = 0


class _Strings:
    """A string table under construction; equal strings share one offset."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._known: dict[str, int] = {}

    def add(self, text: str) -> int:
        offset = self._known.get(text)
        if offset is None:
            offset = self._known[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return offset


def _place(symbols: Sequence[StubSymbol]) -> tuple[list[int], int, int, int]:
    """Each symbol's offset in its section, and the sizes of the function, object and TLS sections.

    Names of one alias group share an offset; all other symbols get addresses of their own.
    """
    ends = {"F": 0, "D": 0, "T": 0, UNDEFINED: 0}
    rooms: dict[tuple[str, str], int] = {}
    for symbol in symbols:
        group = (symbol.type, symbol.alias)
        rooms[group] = max(rooms.get(group, 1), symbol.size)
    starts: dict[tuple[str, str], int] = {}
    offsets = []
    for symbol in symbols:
        group = (symbol.type, symbol.alias)
        shared = symbol.alias and symbol.type != "F"
        if not shared or group not in starts:
            room = _FUNCTION_SPACING if symbol.type == "F" else rooms[group] if shared else max(symbol.size, 1)
            align = min(1 << (room - 1).bit_length(), _MAX_ALIGNMENT)
            starts[group] = -(-ends[symbol.type] // align) * align
            ends[symbol.type] = starts[group] + room
        offsets.append(starts[group])
    return offsets, ends["F"], ends["D"], ends["T"]


def _verdef(order: str, strings: _Strings, soname: str, nodes: Sequence[str]) -> bytes:
    out = bytearray()
    for index, node in enumerate((soname, *nodes), 1):
        flags = VER_FLG_BASE if index == 1 else 0
        following = 28 if index <= len(nodes) else 0
        out += struct.pack(f"{order}HHHHIII", _VER_DEF_CURRENT, flags, index, 1, sysv_hash(node), 20, following)
        out += struct.pack(f"{order}II", strings.add(node), 0)
    return bytes(out)


def _hash(format: ElfFormat, names: Sequence[str]) -> bytes:
    """``.hash``: 32-bit words, but 64-bit ones on s390x."""
    buckets = max(1, len(names) // 2)
    heads, chains = [0] * buckets, [0] * (len(names) + 1)
    for index, name in enumerate(names, 1):
        slot = sysv_hash(name) % buckets
        chains[index], heads[slot] = heads[slot], index
    word = "Q" if format.machine == _EM_S390 and format.bits == 64 else "I"
    words = (buckets, len(chains), *heads, *chains)
    return struct.pack(f"{format.order}{len(words)}{word}", *words)


def build_stub(
    format: ElfFormat,
    soname: str,
    nodes: Sequence[str],
    symbols: Iterable[StubSymbol],
    warnings: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a stub of ``soname`` that defines ``nodes`` and exports ``symbols``.

    ``warnings``: symbol name -> what a linker is to say when it is used.

    A symbol with an empty version is exported under the base version. The order of ``nodes`` and ``symbols`` is kept.
    """
    symbols = tuple(symbols)
    strings = _Strings()
    soname_offset = strings.add(soname)
    verdef = _verdef(format.order, strings, soname, nodes)
    name_offsets = [strings.add(symbol.name) for symbol in symbols]
    offsets, text_size, data_size, tls_size = _place(symbols)
    wide = format.bits == 64
    symbol_size, dynamic_size = (24, 16 * 10) if wide else (16, 8 * 10)
    versions = _versions(format.order, nodes, symbols)
    sections = [
        _Section(
            ".hash", _SHT_HASH, _SHF_ALLOC, _hash(format, [s.name for s in symbols]), link=".dynsym", entry_size=4
        ),
        _Section(
            ".dynsym",
            _SHT_DYNSYM,
            _SHF_ALLOC,
            bytes(symbol_size * (len(symbols) + 1)),
            link=".dynstr",
            info=1,
            entry_size=symbol_size,
        ),
        _Section(".dynstr", _SHT_STRTAB, _SHF_ALLOC, bytes(strings.data), align=1),
        _Section(".gnu.version", _SHT_GNU_VERSYM, _SHF_ALLOC, versions, link=".dynsym", align=2, entry_size=2),
        _Section(".gnu.version_d", _SHT_GNU_VERDEF, _SHF_ALLOC, verdef, link=".dynstr", info=len(nodes) + 1),
        _Section(
            ".dynamic",
            _SHT_DYNAMIC,
            _SHF_ALLOC | _SHF_WRITE,
            bytes(dynamic_size),
            link=".dynstr",
            entry_size=dynamic_size // 10,
        ),
        _Section(".text", _SHT_NOBITS, _SHF_ALLOC | _SHF_EXECINSTR, b"", text_size, align=format.page),
        _Section(".bss", _SHT_NOBITS, _SHF_ALLOC | _SHF_WRITE, b"", data_size, align=format.page),
        _Section(".tbss", _SHT_NOBITS, _SHF_ALLOC | _SHF_WRITE | _SHF_TLS, b"", tls_size, align=format.page),
    ]
    address = _addresses(format, sections)
    number = {section.name: index for index, section in enumerate(sections, 1)}
    dynamic = _dynamic(format, address, soname_offset, len(strings.data), symbol_size, len(nodes) + 1)
    table = _symbol_table(format, symbols, name_offsets, offsets, address, number)
    final = {".dynsym": table, ".dynamic": dynamic}
    spoken = [
        _Section(f".gnu.warning.{name}", _SHT_PROGBITS, 0, text.encode() + b"\0", align=1)
        for name, text in sorted((warnings or {}).items())
    ]
    return _file(format, [s._replace(data=final.get(s.name, s.data)) for s in sections], spoken, address, number)


def _versions(order: str, nodes: Sequence[str], symbols: Sequence[StubSymbol]) -> bytes:
    index = {node: number for number, node in enumerate(nodes, 2)} | {"": VERSYM_GLOBAL}
    words = [index[s.version] if s.default else index[s.version] | VERSYM_HIDDEN for s in symbols]
    return struct.pack(f"{order}{len(words) + 1}H", VERSYM_LOCAL, *words)


def _addresses(format: ElfFormat, sections: Sequence[_Section]) -> dict[str, int]:
    """Each section's address. Up to the end of ``.dynamic`` it is the file offset as well."""
    at = _header_sizes(format)[0] + _header_sizes(format)[1] * _SEGMENTS
    address = {}
    for section in sections:
        at = -(-at // section.align) * section.align
        address[section.name] = at
        at += len(section.data) or section.mem_size
    return address


def _header_sizes(format: ElfFormat) -> tuple[int, int, int]:
    """Bytes of the ELF header, of a program header and of a section header."""
    return (64, 56, 64) if format.bits == 64 else (52, 32, 40)


def _dynamic(
    format: ElfFormat, address: dict[str, int], soname: int, strings: int, symbol_size: int, nodes: int
) -> bytes:
    entries = (
        (DT_SONAME, soname),
        (DT_HASH, address[".hash"]),
        (DT_STRTAB, address[".dynstr"]),
        (DT_STRSZ, strings),
        (DT_SYMTAB, address[".dynsym"]),
        (DT_SYMENT, symbol_size),
        (DT_VERSYM, address[".gnu.version"]),
        (DT_VERDEF, address[".gnu.version_d"]),
        (DT_VERDEFNUM, nodes),
        (DT_NULL, 0),
    )
    layout = struct.Struct(format.order + ("QQ" if format.bits == 64 else "II"))
    return b"".join(layout.pack(*entry) for entry in entries)


def _symbol_table(
    format: ElfFormat,
    symbols: Sequence[StubSymbol],
    names: Sequence[int],
    offsets: Sequence[int],
    address: dict[str, int],
    number: dict[str, int],
) -> bytes:
    wide = format.bits == 64
    layout = struct.Struct(format.order + ("IBBHQQ" if wide else "IIIBBH"))
    home = {
        "F": (number[".text"], STT_FUNC, address[".text"]),
        "D": (number[".bss"], STT_OBJECT, address[".bss"]),
        "T": (number[".tbss"], STT_TLS, 0),
        UNDEFINED: (SHN_UNDEF, 0, 0),  # STT_NOTYPE
    }
    out = bytearray(layout.size)
    for symbol, name, offset in zip(symbols, names, offsets, strict=True):
        section, kind, base = home[symbol.type]
        weak = symbol.type == UNDEFINED or (symbol.type == "D" and symbol.alias not in ("", symbol.name))
        info = (STB_WEAK if weak else STB_GLOBAL) << 4 | kind
        if wide:
            out += layout.pack(name, info, 0, section, base + offset, symbol.size)
        else:
            out += layout.pack(name, base + offset, symbol.size, info, 0, section)
    return bytes(out)


def _file(
    format: ElfFormat,
    sections: Sequence[_Section],
    spoken: Sequence[_Section],
    address: dict[str, int],
    number: dict[str, int],
) -> bytes:
    """Header, program headers, loaded contents, ``spoken`` texts that no one loads, section names, section headers."""
    order, wide = format.order, format.bits == 64
    header_size, segment_size, section_size = _header_sizes(format)
    body = bytearray(header_size + segment_size * _SEGMENTS)
    section_names = _Strings()
    layout = struct.Struct(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"))
    headers = bytearray(section_size)
    for section in sections:
        nobits = section.type == _SHT_NOBITS
        if not nobits:
            body += bytes(address[section.name] - len(body)) + section.data
        offset = len(body) if nobits else address[section.name]
        size = section.mem_size if nobits else len(section.data)
        entry = 8 if section.type == _SHT_HASH and format.machine == _EM_S390 else section.entry_size
        headers += layout.pack(
            section_names.add(section.name),
            section.type,
            section.flags,
            address[section.name],
            offset,
            size,
            number.get(section.link, 0),
            section.info,
            section.align,
            entry,
        )
    file_part = len(body)
    for section in spoken:
        name = section_names.add(section.name)
        headers += layout.pack(name, section.type, 0, 0, len(body), len(section.data), 0, 0, section.align, 0)
        body += section.data
    names_name = section_names.add(".shstrtab")
    headers += layout.pack(names_name, _SHT_STRTAB, 0, 0, len(body), len(section_names.data), 0, 0, 1, 0)
    body += section_names.data
    body += bytes(-len(body) % 8)
    section_offset = len(body)
    body += headers
    memory = {section.name: section.mem_size for section in sections}
    dynamic_size = (16 if wide else 8) * 10
    program = (
        (PT_LOAD, _PF_R, 0, file_part, file_part, format.page),
        (PT_LOAD, _PF_R | _PF_X, address[".text"], 0, memory[".text"], format.page),
        (PT_LOAD, _PF_R | _PF_W, address[".bss"], 0, memory[".bss"], format.page),
        (PT_TLS, _PF_R, address[".tbss"], 0, memory[".tbss"], format.page),
        (PT_DYNAMIC, _PF_R | _PF_W, address[".dynamic"], dynamic_size, dynamic_size, 8),
    )
    at = header_size
    for kind, flags, vaddr, file_size, mem_size, align in program:
        offset = vaddr if file_size else 0  # at a page border, as the address is
        sizes = (file_size, mem_size)
        if wide:
            struct.pack_into(order + "IIQQQQQQ", body, at, kind, flags, offset, vaddr, vaddr, *sizes, align)
        else:
            struct.pack_into(order + "IIIIIIII", body, at, kind, offset, vaddr, vaddr, *sizes, flags, align)
        at += segment_size
    ident = b"\x7fELF" + bytes((2 if wide else 1, 1 if order == "<" else 2, _EV_CURRENT)) + bytes(9)
    word = "Q" if wide else "I"
    count = len(sections) + len(spoken) + 2
    body[:header_size] = ident + struct.pack(
        f"{order}HHI{word * 3}IHHHHHH",
        ET_DYN,
        format.machine,
        _EV_CURRENT,
        0,
        header_size,
        section_offset,
        format.flags,
        header_size,
        segment_size,
        _SEGMENTS,
        section_size,
        count,
        count - 1,
    )
    return bytes(body)
