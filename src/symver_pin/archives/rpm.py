"""RPM packages in the file format of versions 3 and 4.

A package is a lead of 96 bytes, a signature header, a header, and the payload: a compressed cpio archive. Each of the
two headers is an intro of 16 bytes (a magic number, the number of index entries, the size of their data), the index
entries of 16 bytes each, and their data. The signature header is padded to a multiple of 8 bytes.
"""

import struct
from collections.abc import Iterator
from typing import IO

from symver_pin.archives.cpio import cpio_members
from symver_pin.archives.limits import Allowance
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed, skip
from symver_pin.errors import ArchiveError

_LEAD_SIZE, _INTRO_SIZE, _INDEX_ENTRY_SIZE = 96, 16, 16
_HEADER_MAGIC = b"\x8e\xad\xe8"


def rpm_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
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
    yield from cpio_members(decompressed(stream, archive, allowance), archive)
