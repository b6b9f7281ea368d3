"""Change single fields of a linked file, to make files that today's linkers do not write but a loader may meet."""

from __future__ import annotations

import struct
from pathlib import Path

from symver_pin.elf.constants import DT_JMPREL, DT_NEEDED, DT_RELA, DT_VERNEED, DT_VERNEEDNUM, PT_DYNAMIC, VER_FLG_WEAK
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image
from symver_pin.elf.relocations import read_relocations

_DT_DEBUG = 21
_R_X86_64_NONE = 0


def drop_needed(program: Path, library: str) -> None:
    """Turn the DT_NEEDED entry of a library into one that the loader ignores."""
    data = bytearray(program.read_bytes())
    image = Image(bytes(data), str(program))
    dynamic, segment = Dynamic(image), image.first(PT_DYNAMIC)
    assert segment is not None
    for at in range(segment.offset, segment.offset + segment.file_size, 16):
        tag, value = struct.unpack_from("<QQ", data, at)
        if tag == DT_NEEDED and dynamic.string(value) == library:
            struct.pack_into("<Q", data, at, _DT_DEBUG)
            program.write_bytes(data)
            return
    raise AssertionError(f"{program} does not need {library}")


def flag_node_weak(program: Path, version: str) -> None:
    """Set VER_FLG_WEAK on a version that the file needs, which linkers do not."""
    data = bytearray(program.read_bytes())
    dynamic = Dynamic(Image(bytes(data), str(program)))
    start, count = dynamic.value(DT_VERNEED), dynamic.value(DT_VERNEEDNUM)
    assert start is not None
    assert count is not None
    at = dynamic.image.offset_of(start, "DT_VERNEED")
    for _ in range(count):
        _version, entries, _file, auxiliary, following = struct.unpack_from("<HHIII", data, at)
        place = at + auxiliary
        for _ in range(entries):
            _hash, flags, _other, name, behind = struct.unpack_from("<IHHII", data, place)
            if dynamic.string(name) == version:
                struct.pack_into("<H", data, place + 4, flags | VER_FLG_WEAK)
            place += behind
        at += following
    program.write_bytes(data)


def unname_relocations(program: Path, symbol: str) -> None:
    """Turn every relocation that names a symbol into one that does nothing."""
    data = bytearray(program.read_bytes())
    dynamic = Dynamic(Image(bytes(data), str(program)))
    indexes = {found.number for found in dynamic.imports_with() if found.name == symbol}
    for tag in (DT_RELA, DT_JMPREL):
        start = dynamic.value(tag)
        if start is None:
            continue
        offset = dynamic.image.offset_of(start, "relocations")
        for position, found in enumerate(_table(dynamic, tag)):
            if found in indexes:
                struct.pack_into("<Q", data, offset + position * 24 + 8, _R_X86_64_NONE)
    program.write_bytes(data)


def _table(dynamic: Dynamic, tag: int) -> list[int]:
    found = list(read_relocations(dynamic))
    late = (dynamic.value(2) or 0) // 24  # DT_PLTRELSZ; that table is read first
    part = found[:late] if tag == DT_JMPREL else found[late:]
    return [relocation.symbol for relocation in part]
