"""RPM packages in the file format of versions 3 and 4.

A package is a lead of 96 bytes, a signature header, a header, and the payload: a compressed cpio archive. Each of the
two headers is an intro of 16 bytes (a magic number, the number of index entries, the size of their data), the index
entries of 16 bytes each, and their data. The signature header is padded to a multiple of 8 bytes.

The cpio archive is in the "newc" format: a member is a header of 110 bytes with hexadecimal fields, the name, and the
data; name and data are padded to a multiple of 4 bytes.
"""

import struct
from collections.abc import Iterator
from typing import IO

from symver_pin.archives.limits import MAX_NAME
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed, part, skip
from symver_pin.errors import ArchiveError

_LEAD_SIZE, _INTRO_SIZE, _INDEX_ENTRY_SIZE, _CPIO_HEADER_SIZE = 96, 16, 16, 110
_HEADER_MAGIC = b"\x8e\xad\xe8"
_CPIO_MAGICS = (b"070701", b"070702")
_STRIPPED_CPIO_MAGIC = b"07070X"
"""The cpio format of packages in RPM's format 6, or with a file above 4 GiB: names and sizes are in the RPM header."""

_S_IFMT, _S_IFREG = 0o170000, 0o100000


def rpm_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """Yields the regular files of a package. Raises ArchiveError when the package is broken."""
    position = _LEAD_SIZE
    skip(stream, _LEAD_SIZE)
    for padded in (True, False):
        intro = stream.read(_INTRO_SIZE)
        if intro[:3] != _HEADER_MAGIC or len(intro) < _INTRO_SIZE:
            raise ArchiveError(f"{archive}: broken RPM header at offset {position}")
        entries, size = struct.unpack(">II", intro[8:16])
        length = entries * _INDEX_ENTRY_SIZE + size
        position += _INTRO_SIZE + length
        padding = -position % 8 if padded else 0
        skip(stream, length + padding)
        position += padding
    yield from _cpio_members(decompressed(stream, archive), archive)


def _cpio_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """Yields the regular files of a cpio archive."""
    while True:
        header = stream.read(_CPIO_HEADER_SIZE)
        if header[:6] == _STRIPPED_CPIO_MAGIC:
            raise ArchiveError(f"{archive}: a package of RPM's format 6, which cannot be read; unpack it (rpm2archive)")
        if header[:6] not in _CPIO_MAGICS or len(header) < _CPIO_HEADER_SIZE:
            raise ArchiveError(f"{archive}: broken cpio header in the payload; the package is truncated or broken")
        mode, size, name_size = (int(header[at : at + 8], 16) for at in (14, 54, 94))
        if name_size > MAX_NAME:
            raise ArchiveError(f"{archive}: a name in the payload is {name_size} bytes; the limit is {MAX_NAME}")
        name = stream.read(name_size + -(_CPIO_HEADER_SIZE + name_size) % 4)[: name_size - 1].decode("utf-8", "replace")
        if name == "TRAILER!!!":
            return
        content = part(stream, size)
        if mode & _S_IFMT == _S_IFREG:
            yield Member(archive, name, size, content)
        skip(content, size)
        skip(stream, -size % 4)
