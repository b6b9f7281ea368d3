"""RPM packages (file format of versions 3 and 4): a lead of 96 bytes, a signature header, a header, a packed cpio.

A header is an intro of 16 bytes (its magic, the count of index entries, the size of their data), the entries of 16
bytes each, and the data; the signature header is padded to 8 bytes. The cpio is of the "newc" kind: 110 bytes of
hexadecimal fields, the name, the data, each padded to 4 bytes.
"""

import struct
from collections.abc import Iterator
from typing import IO

from symver_pin.archives.limits import MAX_NAME
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed, part, skip
from symver_pin.errors import ArchiveError

_LEAD_SIZE, _HEADER_MAGIC = 96, b"\x8e\xad\xe8"
_CPIO_MAGIC = (b"070701", b"070702")
_STRIPPED_MAGIC = b"07070X"
"""The kind of cpio in RPM's format 6, and around files above 4 GiB: names and sizes stand in the package's header."""

_S_IFMT, _S_IFREG = 0o170000, 0o100000


def rpm_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The regular files of a package. Raises ArchiveError when it is broken."""
    position = _LEAD_SIZE
    skip(stream, _LEAD_SIZE)
    for padded in (True, False):
        intro = stream.read(16)
        if intro[:3] != _HEADER_MAGIC or len(intro) < 16:
            raise ArchiveError(f"{archive}: broken RPM header at offset {position}")
        entries, size = struct.unpack(">II", intro[8:16])
        length = entries * 16 + size
        position += 16 + length
        padding = -position % 8 if padded else 0
        skip(stream, length + padding)
        position += padding
    yield from _cpio_members(decompressed(stream, archive), archive)


def _cpio_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    while True:
        header = stream.read(110)
        if header[:6] == _STRIPPED_MAGIC:
            raise ArchiveError(f"{archive}: a package of RPM's format 6, which cannot be read; unpack it (rpm2archive)")
        if header[:6] not in _CPIO_MAGIC or len(header) < 110:
            raise ArchiveError(f"{archive}: broken cpio header in the payload: truncated?")
        mode, size, name_size = (int(header[at : at + 8], 16) for at in (14, 54, 94))
        if name_size > MAX_NAME:
            raise ArchiveError(f"{archive}: a name of {name_size} bytes in the payload: broken")
        name = stream.read(name_size + -(110 + name_size) % 4)[: name_size - 1].decode("utf-8", "replace")
        if name == "TRAILER!!!":
            return
        content = part(stream, size)
        if mode & _S_IFMT == _S_IFREG:
            yield Member(archive, name, size, content)
        skip(content, size)
        skip(stream, -size % 4)
