"""Zip archives: wheels, jars. The directory stands at the end, so the stream must be one that can seek.

``zipfile`` unpacks the members. Its ``ZipFile`` keeps an object for each entry of the directory, 25 MB for the 33,000
of a large jar; here they are read one after another, and the largest directory takes a block of it.
"""

import io
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO, NamedTuple, cast

from symver_pin.archives.limits import MAX_DIRECTORY, Growth
from symver_pin.archives.member import Member
from symver_pin.errors import ArchiveError

#: Signature, four numbers of disks and entries, the directory's size and offset, the length of a comment.
_END = struct.Struct("<4s4H2LH")
#: A comment that follows the end is no longer.
_MOST_COMMENT = 0xFFFF
#: Signature, a disk, the offset of the large end, the number of disks; right before the end.
_LOCATOR = struct.Struct("<4sLQL")
#: Signature, what the end has, in more bytes.
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
#: Signature, versions, flags, method, time and date, checksum, sizes, the lengths of name, extra and comment, disk,
#: attributes, offset.
_ENTRY = struct.Struct("<4s6H3L5H2L")
#: The same in front of a member, up to the lengths of name and extra.
_LOCAL = struct.Struct("<4s5H3L2H")
_BLOCK = 1 << 18
#: An entry with its name, extra and comment is no longer.
_MOST_ENTRY = _ENTRY.size + 3 * 0xFFFF
_ENCRYPTED, _PATCHED, _UTF8 = 1, 0x20, 0x800
#: The field of an extra that has numbers which do not fit, and what stands in their place.
_LARGE_FIELD, _TOO_LARGE = 1, 0xFFFFFFFF


def zip_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The files of a zip. Reading one raises GrowthError when all that were read are too much for the zip's size."""
    growth = Growth(archive)
    # What an entry says it takes may be a lie, and entries may overlap: the whole archive is what everything came from.
    growth.packed(stream.seek(0, io.SEEK_END))
    directory = _find_directory(stream)
    if directory.size > MAX_DIRECTORY:
        raise ArchiveError(f"{archive}: its directory claims {directory.size} bytes, more than is believed")
    for entry in _entries(stream, directory):
        if entry.filename and not entry.filename.endswith("/"):
            yield Member(archive, entry.filename, entry.file_size, partial(_content, stream, entry, growth))


class _Directory(NamedTuple):
    """Where the directory is."""

    start: int
    size: int
    shift: int
    """How many bytes there are in front of the zip: all of its offsets go from behind them."""


def _find_directory(stream: IO[bytes]) -> _Directory:
    """Raises BadZipFile when there is none."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - _END.size - _MOST_COMMENT))
    tail = stream.read(_END.size + _MOST_COMMENT)
    at = _find_end(tail)
    size, offset = _END.unpack_from(tail, at)[5:7]
    end = length - len(tail) + at
    stream.seek(max(0, end - _LOCATOR.size))
    locator = stream.read(_LOCATOR.size)
    if locator.startswith(b"PK\6\7"):
        end -= _LOCATOR.size + _LARGE_END.size
        stream.seek(max(0, end))
        large = stream.read(_LARGE_END.size)
        if not large.startswith(b"PK\6\6"):
            raise zipfile.BadZipFile("no large end of a directory where it is said to be")
        size, offset = _LARGE_END.unpack(large)[8:10]
    if size > end or offset > end - size:
        raise zipfile.BadZipFile(f"its directory of {size} bytes at {offset} does not end where it should")
    return _Directory(end - size, size, end - size - offset)


def _find_end(tail: bytes) -> int:
    """Where the end of the directory begins: the last that has a comment as long as it says, or else the last."""
    last = at = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size) + 4)
    while at >= 0:
        if at + _END.size + _END.unpack_from(tail, at)[7] == len(tail):
            return at
        at = tail.rfind(b"PK\5\6", 0, at)
    if last < 0:
        raise zipfile.BadZipFile("no end of a directory")
    return last


def _entries(stream: IO[bytes], directory: _Directory) -> Iterator[zipfile.ZipInfo]:
    """What the directory says of each member. Raises BadZipFile when it is broken."""
    block, at, position, left = b"", 0, directory.start, directory.size
    while left or at < len(block):
        if left and len(block) - at < _MOST_ENTRY:
            stream.seek(position)  # whoever reads a member goes elsewhere
            piece = stream.read(min(_BLOCK, left))
            if not piece:
                raise zipfile.BadZipFile(f"its directory lacks {left} bytes")
            block, at = block[at:] + piece, 0
            position, left = position + len(piece), left - len(piece)
            continue
        entry, size = _entry(block, at)
        entry.header_offset += directory.shift
        at += size
        yield entry


def _entry(block: bytes, at: int) -> tuple[zipfile.ZipInfo, int]:
    """An entry of the directory, and its size."""
    if not block.startswith(b"PK\1\2", at) or len(block) - at < _ENTRY.size:
        raise zipfile.BadZipFile("broken entry of its directory")
    (_, _, _, flags, method, _, _, checksum, packed, unpacked, name_size, extra_size, comment_size, _, _, _, offset) = (
        _ENTRY.unpack_from(block, at)
    )
    start = at + _ENTRY.size
    end = start + name_size + extra_size + comment_size
    if end > len(block):
        raise zipfile.BadZipFile("an entry goes on behind its directory")
    entry = zipfile.ZipInfo(_decoded(block[start : start + name_size], flags))
    if _TOO_LARGE in (packed, unpacked, offset):
        extra = block[start + name_size : start + name_size + extra_size]
        unpacked, packed, offset = _large_numbers(extra, (unpacked, packed, offset))
    entry.flag_bits, entry.compress_type, entry.CRC = flags, method, checksum
    entry.compress_size, entry.file_size, entry.header_offset = packed, unpacked, offset
    return entry, end - at


def _decoded(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def _large_numbers(extra: bytes, numbers: tuple[int, ...]) -> list[int]:
    """Numbers, those that do not fit as the extra has them, which has no others."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == _LARGE_FIELD:
            field = extra[at + 4 : at + 4 + size]
            large = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            return [next(large, number) if number == _TOO_LARGE else number for number in numbers]
        at += 4 + size
    return list(numbers)


def _content(stream: IO[bytes], entry: zipfile.ZipInfo, growth: Growth) -> IO[bytes]:
    """A member's content. Raises BadZipFile, NotImplementedError or RuntimeError, as ``ZipFile.open`` does."""
    growth.unpacked(entry.file_size)
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        raise zipfile.BadZipFile("no member where its directory has one")
    if entry.flag_bits & _ENCRYPTED:
        raise RuntimeError("it is encrypted")
    if entry.flag_bits & _PATCHED:
        raise NotImplementedError("it is compressed as a patch")
    name_size, extra_size = _LOCAL.unpack(header)[9:11]
    if _decoded(stream.read(name_size), entry.flag_bits) != entry.orig_filename:
        raise zipfile.BadZipFile("a member of another name where its directory has it")
    stream.seek(extra_size, io.SEEK_CUR)
    return cast(IO[bytes], zipfile.ZipExtFile(stream, "r", entry))
