"""The members that one file needs, linked by the user's linker to one piece of code and data.

The linker makes a shared object of them: it takes the members that are called (``--gc-sections``), and nothing in it
but relocations depends on where it lies. A file that gets this object as two more segments needs its relocations,
the imports that these name, and the table of its unwind information.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from symver_pin.elf.constants import PF_W, PT_LOAD, PT_TLS
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image, load_image
from symver_pin.elf.relocations import read_relocations
from symver_pin.errors import RepairError
from symver_pin.kit.command import CompilerCommand
from symver_pin.machine.arch import Arch
from symver_pin.repairer.compat_library import run_linker
from symver_pin.repairer.embedding.frames import read_frames
from symver_pin.repairer.rewriting.change import Blob, Pointer, Undefined, Version

_DT_INIT_ARRAY, _DT_INIT = 25, 12
_SHT_SYMTAB = 2
_SECTION, _SYMBOL = "IIQQQQIIQQ", "IBBHQQ"
"""Elf64_Shdr and Elf64_Sym, as struct spells them."""
_OPTIONS = (
    "-shared", "-nostdlib", "-Wl,--gc-sections", "-Wl,-z,defs", "-Wl,-z,norelro", "-Wl,-z,noseparate-code",
    "-Wl,--hash-style=sysv", "-Wl,--build-id=none", "-Wl,--eh-frame-hdr", "-Wl,-z,nopack-relative-relocs",
)  # fmt: skip


def link_blob(
    compiler: CompilerCommand,
    arch: Arch,
    members: Sequence[Path],
    functions: Collection[str],
    libraries: Sequence[Path],
) -> Blob:
    """Link some functions of ``members``, which are an object file with all of them and archives, against stubs of the
    target's libraries.

    Raises ToolError if the linker fails, RepairError for members that cannot be embedded.
    """
    with tempfile.TemporaryDirectory(prefix="symver-pin-") as folder:
        output = Path(folder, "members.so")
        words = [
            *compiler.words,
            *_OPTIONS,
            *(f"-Wl,-z,max-page-size={arch.format.page}", "-o", str(output)),
            *(f"-Wl,-u,{name}" for name in sorted(functions)),
            *(*map(str, members), "-Wl,--as-needed", *map(str, libraries)),
        ]
        run_linker(words, "the members of a file")
        return read_blob(load_image(output), arch, functions)


def read_blob(image: Image, arch: Arch, functions: Collection[str]) -> Blob:
    """The content of a linked object. Raises RepairError for what cannot be put into another file."""
    dynamic = Dynamic(image)
    if image.first(PT_TLS) is not None or {_DT_INIT, _DT_INIT_ARRAY} & dynamic.tags.keys():
        raise RepairError("a member has thread-local variables (twalk_r) or a constructor, which cannot be embedded")
    loads = [segment for segment in image.segments if segment.type == PT_LOAD]
    memory = bytearray(max(segment.vaddr + segment.mem_size for segment in loads))
    for segment in loads:
        memory[segment.vaddr : segment.vaddr + segment.file_size] = image.take(
            segment.offset, segment.file_size, "a segment"
        )
    writable = min((segment.vaddr for segment in loads if segment.flags & PF_W), default=len(memory))
    start = writable // arch.format.page * arch.format.page
    if any(s.vaddr < start < s.vaddr + s.mem_size or (s.vaddr >= start and not s.flags & PF_W) for s in loads):
        raise RepairError("the linker has put code and data of the members into one page; name another one with --cc")
    imports = {each.number: each for each in dynamic.imports_with()}
    pointers = []
    for each in read_relocations(dynamic):
        symbol = None
        if each.symbol:
            found = imports.get(each.symbol)
            if found is None:
                raise RepairError("a member refers to an exported symbol of its own; name another linker with --cc")
            if found.weak and found.version is None:
                continue  # __dso_handle, which no library exports
            version = None if found.version is None else Version(found.library or "", found.version)
            symbol = Undefined(found.name, version, dynamic.infos[each.symbol])
        pointers.append(Pointer(each.address, each.type, symbol, each.addend))
    places, frames = _places(image, functions), read_frames(image)
    addresses = {name: address for name, (address, _size) in places.items()}
    zeros = frozenset(
        name for name, (address, size) in places.items() if size and not any(memory[address : address + size])
    )
    unwinding = tuple(frames.entries) if frames is not None else ()
    return Blob(bytes(memory[:start]), bytes(memory[start:]), addresses, zeros, tuple(pointers), unwinding)


def _places(image: Image, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
    """The addresses and sizes of functions and variables, by ``.symtab``."""
    layout = struct.Struct(image.order + _SECTION)
    raw = image.take(image.section_offset, image.section_count * layout.size, "section headers")
    sections = list(layout.iter_unpack(raw))
    found: dict[str, tuple[int, int]] = {}
    for _name, kind, _flags, _address, offset, room, link, *_rest in sections:
        if kind != _SHT_SYMTAB:
            continue
        strings = bytes(image.take(sections[link][4], sections[link][5], "string table"))
        symbols = image.take(offset, room, "symbols")
        for name, _info, _other, section, value, size in struct.iter_unpack(image.order + _SYMBOL, symbols):
            text = strings[name : strings.find(b"\0", name)].decode()
            if section and text in wanted:
                found[text] = value, size
    return found
