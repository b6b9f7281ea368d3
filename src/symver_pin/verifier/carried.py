"""Find the data that a program or a script carries: behind its end, or in a section that no loader maps.

An ELF file ends where its segments, its sections and the table of sections end. What follows is for the program
itself: the file system of an AppImage, the zip of a self-extracting archive, the archive of a frozen Python program.
PyInstaller puts its archive into a section instead. A shell script may carry a compressed tar behind its last line
(makeself), a Python script a zip (zipapp).

What can be opened is named by its kind and place, so that its members are verified; anything else by the reason why it
is not. Zeros are padding, and so are fewer than ``_LEAST`` bytes, in which no program fits.
"""

from __future__ import annotations

import io
import mmap
import struct
from typing import IO, NamedTuple

from symver_pin.archives.kinds import FROZEN_COOKIE_SIZE, FROZEN_MAGIC, HEAD, is_sound, kind_of
from symver_pin.archives.limits import MAX_SCRIPT
from symver_pin.elf.image import Image

_LEAST = 128
_SEARCHED = 1 << 20
"""The bytes behind the end in which the beginning of data is looked for. AppImages are padded to 128 KB at most."""
_END_OF_ZIP, _END_OF_ZIP_SIZE, _MAX_COMMENT = b"PK\5\6", 22, 0xFFFF
_SHT_PROGBITS, _SHT_NOBITS, _SHF_ALLOC = 1, 8, 2
_MAX_SECTIONS = 0x10000
_SECTION_NAMES = b"\0.shstrtab\0"
"""What the names of sections of nearly every file have."""


class Carried(NamedTuple):
    """Data in a file that may hold programs."""

    kind: str
    """A kind of ``archives.reader.members``; "" for data that cannot be opened."""
    offset: int
    size: int
    what: str = ""
    """What it is, for data that cannot be opened."""
    advice: str = ""


class _Marker(NamedTuple):
    """How one tool's data begins or ends."""

    magic: bytes
    is_at_end: bool
    what: str
    advice: str


_UNPACKED = "name the files from which it was made"
_MARKERS = (
    _Marker(b"\n---- Bun! ----\n", True, "the scripts and files of a program of `bun build --compile`", _UNPACKED),
    _Marker(b"d3n0l4nd", True, "the scripts and files of a program of `deno compile`", _UNPACKED),
    _Marker(b"KA", False, "the archive of a program of Nuitka", "name the folder of its standalone build"),
    _Marker(b"DWARFS", False, "a DwarFS image", "extract it (--appimage-extract), and name the folder"),
    _Marker(b"\x7fELF", False, "another ELF file", "cut it out, and name it"),
)
"""Data of known tools that cannot be opened here."""


def carried_by_program(image: Image) -> list[Carried]:
    """What an ELF file carries, in the order of the file."""
    if _is_packed_by_upx(image):
        return [Carried("", 0, image.size, "the program that UPX packed into this one", "unpack it (upx -d)")]
    sections = _sections(image)
    found = []
    for kind, flags, offset, size in sections:
        if kind == _SHT_PROGBITS and not flags & _SHF_ALLOC and size >= _LEAST and offset + size <= image.size:
            found += _in_section(image, offset, size)
    return [*found, *carried_behind(image)]


def carried_behind(image: Image) -> list[Carried]:
    """What an ELF file carries behind its end: nothing, or one piece of data."""
    sections = _sections(image)
    behind = _behind(image.data, _end_of(image, sections), image.size)
    if behind and not behind[0].kind and not sections and _SECTION_NAMES in bytes(image.data[-_MAX_COMMENT:]):
        return []  # what is left of sections when only the table of sections was cut off or its place zeroed
    return behind


def _is_packed_by_upx(image: Image) -> bool:
    """UPX leaves no sections, and has a checksum and its magic number behind the program headers."""
    header, entry = (64, 56) if image.bits == 64 else (52, 32)
    place = header + entry * len(image.segments) + 4
    return image.section_count == 0 and bytes(image.data[place : place + 4]) == b"UPX!"


_Section = tuple[int, int, int, int]
"""(sh_type, sh_flags, sh_offset, sh_size) of a section."""


def _sections(image: Image) -> list[_Section]:
    """The sections that the table of sections names, as far as it is inside of the file."""
    is_wide = image.bits == 64
    size, form = (64, f"{image.order}4xIQ8xQQ24x") if is_wide else (40, f"{image.order}4xII4xII16x")
    start = image.section_offset
    if not start or image.section_entry_size != size or start >= image.size:
        return []
    count = min(image.section_count or _MAX_SECTIONS, (image.size - start) // size)
    if not image.section_count and count:  # then the first entry has the number as its size
        (_type, _flags, _offset, stated) = struct.unpack_from(form, image.data, start)
        count = min(stated, count)
    return list(struct.iter_unpack(form, memoryview(image.data)[start : start + count * size]))


def _end_of(image: Image, sections: list[_Section]) -> int:
    ends = [image.section_offset + image.section_entry_size * max(image.section_count, len(sections))]
    ends += [segment.offset + segment.file_size for segment in image.segments]
    ends += [offset + size for kind, _flags, offset, size in sections if kind not in (0, _SHT_NOBITS)]
    return int(min(max(64, *ends), image.size))


def _in_section(image: Image, offset: int, size: int) -> list[Carried]:
    """The archive in a section that is not loaded."""
    cookie = bytes(image.data[offset + size - FROZEN_COOKIE_SIZE : offset + size])
    if cookie.startswith(FROZEN_MAGIC):
        return [Carried("frozen", offset, size)]
    head = bytes(image.data[offset : offset + HEAD])
    kind = kind_of(head)
    return [Carried(kind, offset, size)] if kind and is_sound(head) else []


def _behind(data: bytes | memoryview | mmap.mmap, start: int, end: int) -> list[Carried]:
    """What is between two offsets of a file: behind the end of a program."""
    if end - start < _LEAST:
        return []
    view = memoryview(data)
    tail_start = max(start, end - _MAX_COMMENT - _END_OF_ZIP_SIZE)
    tail = bytes(view[tail_start:end])
    if _ends_zip(tail):
        return [Carried("zip", 0, end)]  # a zip is read from its end, whatever is before it
    cookie = tail.rfind(FROZEN_MAGIC)
    if cookie >= 0 and cookie + FROZEN_COOKIE_SIZE <= len(tail):
        return [Carried("frozen", 0, tail_start + cookie + FROZEN_COOKIE_SIZE)]
    first = bytes(view[start : min(end, start + _SEARCHED)])
    begin = start + len(first) - len(first.lstrip(b"\0"))
    if begin == start + len(first):
        return [] if not tail.strip(b"\0") else [_unknown(start, end, b"", tail)]
    if end - begin < _LEAST:
        return []
    head = bytes(view[begin : begin + HEAD])
    kind = kind_of(head)
    if kind and is_sound(head):
        return [Carried(kind, begin, end - begin)]
    return [_unknown(begin, end, head, tail)]


def _ends_zip(tail: bytes) -> bool:
    """True if a file with these last bytes ends with the end of central directory record of a zip."""
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or at + _END_OF_ZIP_SIZE > len(tail):
        return False
    (comment,) = struct.unpack_from("<H", tail, at + 20)
    return at + _END_OF_ZIP_SIZE + int(comment) == len(tail)


def _unknown(start: int, end: int, head: bytes, tail: bytes) -> Carried:
    for marker in _MARKERS:
        if (marker.magic in tail[-64:]) if marker.is_at_end else head.startswith(marker.magic):
            return Carried("", start, end - start, marker.what, marker.advice)
    return Carried("", start, end - start, "data of an unknown kind", "unpack it, and name the folder")


def carried_by_script(stream: IO[bytes]) -> Carried:
    """What a script carries whose last bytes are no text; the stream must be one that can seek."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _MAX_COMMENT - _END_OF_ZIP_SIZE))
    tail = stream.read(_MAX_COMMENT + _END_OF_ZIP_SIZE)
    if _ends_zip(tail):
        return Carried("zip", 0, end)
    stream.seek(0)
    start = stream.read(MAX_SCRIPT + HEAD)
    line = start.find(b"\n") + 1
    while 0 < line <= MAX_SCRIPT:
        head = start[line : line + HEAD]
        kind = kind_of(head)
        if kind and is_sound(head):
            return Carried(kind, line, end - line)
        if head.startswith(b"\x7fELF"):
            break
        line = start.find(b"\n", line) + 1
    offset = max(0, line if line and line <= MAX_SCRIPT else 0)
    return _unknown(offset, end, start[offset : offset + HEAD], tail)
