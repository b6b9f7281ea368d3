"""The archive that PyInstaller puts into a program: its own Python, the extension modules and their libraries.

PyInstaller's bootloader is the program; its archive is in a section of the ELF file, or behind its end. It is found
from its end: a cookie of 88 bytes there has a magic number, the size of the archive, the place and the size of its
table of contents, Python's version and the name of its library, all numbers in big-endian order. An entry of the table
has the size of the entry, the offset in the archive, the packed and the unpacked size, whether it is compressed (zlib),
a letter for its type, and its name. (``PyInstaller/archive/writers.py`` describes the format.)
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO

from symver_pin.archives.kinds import FROZEN_COOKIE_SIZE, FROZEN_MAGIC
from symver_pin.archives.limits import MAX_DIRECTORY, MAX_NAME, Allowance, Growth
from symver_pin.archives.member import Member
from symver_pin.archives.streams import inflated, part
from symver_pin.errors import ArchiveError

_COOKIE = struct.Struct(">8s4I64s")
_ENTRY = struct.Struct(">4IBc")
_WITHOUT_CONTENT = b"do"
"""Types of entries that have no content: a file of another program, an option of the bootloader."""


def frozen_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the entries of an archive of PyInstaller, with which the stream ends.

    Raises ArchiveError when it is broken.
    """
    growth = Growth(archive, allowance)
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - FROZEN_COOKIE_SIZE))
    cookie = stream.read(FROZEN_COOKIE_SIZE)
    if len(cookie) < FROZEN_COOKIE_SIZE or not cookie.startswith(FROZEN_MAGIC):
        raise ArchiveError(f"{archive}: broken archive of PyInstaller: no cookie at its end")
    _magic, size, contents, contents_size, _version, _library = _COOKIE.unpack(cookie)
    start = end - size
    if start < 0 or contents + contents_size > size or contents_size > MAX_DIRECTORY:
        raise ArchiveError(f"{archive}: broken archive of PyInstaller: its table of contents is beyond its end")
    growth.packed(size)
    stream.seek(start + contents)
    for offset, packed, unpacked, is_packed, name in _entries(stream.read(contents_size), archive):
        if offset + packed > size:
            raise ArchiveError(f"{archive}: broken archive of PyInstaller: {name} is beyond its end")
        place = start + offset, packed, bool(is_packed)
        yield Member(archive, name, unpacked if is_packed else packed, partial(_open, stream, place, growth))


def _entries(table: bytes, archive: str) -> Iterator[tuple[int, int, int, int, str]]:
    """(offset, packed size, unpacked size, whether it is compressed, name) of each entry with content."""
    at = 0
    while at < len(table):
        if at + _ENTRY.size > len(table):
            raise ArchiveError(f"{archive}: broken archive of PyInstaller: the table of contents is truncated")
        length, offset, packed, unpacked, is_packed, kind = _ENTRY.unpack_from(table, at)
        if not _ENTRY.size <= length <= _ENTRY.size + MAX_NAME:
            raise ArchiveError(f"{archive}: broken archive of PyInstaller: an entry of {length} bytes")
        name = table[at + _ENTRY.size : at + length].rstrip(b"\0").decode("utf-8", "replace")
        at += length
        if name and kind not in _WITHOUT_CONTENT:
            yield offset, packed, unpacked, is_packed, name


def _open(stream: IO[bytes], place: tuple[int, int, bool], growth: Growth) -> IO[bytes]:
    offset, size, is_packed = place
    stream.seek(offset)
    content = part(stream, size)
    if not is_packed:
        return content
    return inflated(content, growth, zlib.MAX_WBITS)
