"""cpio archives, as in initial RAM disks and in RPM packages (cpio(5)).

Two formats are read. In "newc" a member is a header of 110 bytes (a magic number of 6 bytes and 13 hexadecimal fields
of 8), the name, and the data; name and data are padded to a multiple of 4 bytes. In "odc" the header has 76 bytes with
octal fields, and nothing is padded. A member called ``TRAILER!!!`` ends an archive. An initial RAM disk is several
archives one after the other; the last one is compressed as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple

from symver_pin.archives.limits import MAX_NAME
from symver_pin.archives.member import Member
from symver_pin.archives.streams import part, skip
from symver_pin.errors import ArchiveError, NotJudgedError

_NEWC_MAGICS, _ODC_MAGIC = (b"070701", b"070702"), b"070707"
_STRIPPED_MAGIC = b"07070X"
"""The format of packages in RPM's format 6, or with a file above 4 GiB: names and sizes are in the RPM header."""
_NEWC_SIZE, _ODC_SIZE, _MAGIC_SIZE = 110, 76, 6
_S_IFMT, _S_IFREG = 0o170000, 0o100000
_BLOCK = 512


class _Header(NamedTuple):
    """The header of a member."""

    mode: int
    size: int
    name_size: int
    """The bytes of the name, with the zero byte that ends it."""
    name_padding: int
    padding: int
    """The bytes between the data and the next member."""


def cpio_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """Yields the regular files of one cpio archive, and leaves the stream behind its trailer.

    Raises ArchiveError when it is broken, NotJudgedError for the format of RPM's newest packages.
    """
    while True:
        header = _read_header(stream, archive)
        if header.name_size > MAX_NAME:
            raise ArchiveError(f"{archive}: a name in the payload is {header.name_size} bytes; the limit is {MAX_NAME}")
        raw = stream.read(header.name_size + header.name_padding)
        name = raw[: header.name_size - 1].decode("utf-8", "replace")
        if name == "TRAILER!!!":
            return
        content = part(stream, header.size)
        if header.mode & _S_IFMT == _S_IFREG:
            yield Member(archive, name, header.size, content)
        skip(content, header.size)
        skip(stream, header.padding)


def _read_header(stream: IO[bytes], archive: str) -> _Header:
    magic = stream.read(_MAGIC_SIZE)
    if magic == _STRIPPED_MAGIC:
        raise NotJudgedError(archive, "a package of RPM's format 6, which cannot be read", "unpack it (rpm2archive)")
    try:
        if magic in _NEWC_MAGICS:
            header = stream.read(_NEWC_SIZE - _MAGIC_SIZE)
            mode, size, name_size = (int(header[at : at + 8], 16) for at in (8, 48, 88))
            return _Header(mode, size, name_size, -(_NEWC_SIZE + name_size) % 4, -size % 4)
        if magic == _ODC_MAGIC:
            header = stream.read(_ODC_SIZE - _MAGIC_SIZE)
            mode, name_size, size = int(header[12:18], 8), int(header[53:59], 8), int(header[59:70], 8)
            return _Header(mode, size, name_size, 0, 0)
    except ValueError:
        pass
    raise ArchiveError(f"{archive}: broken cpio header in the payload; the archive is truncated or broken")


def skip_zeros(stream: IO[bytes], most: int) -> bytes:
    """Skips the zero bytes behind an archive, up to ``most``; returns the first bytes behind them, ``b""`` at the end
    of the stream or after ``most`` zero bytes.
    """
    while most > 0:
        data = stream.read(_BLOCK)
        rest = data.lstrip(b"\0")
        if rest or not data:
            return rest
        most -= len(data)
    return b""
