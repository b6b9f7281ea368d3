"""Tar archives, read with the standard library's ``tarfile``: a compressed one from the beginning to the end. In one
that is not compressed, members that are not asked for are seeked over.

A sparse file is stored without its holes, the ranges of zeros in it; a sparse map has the offset and the size of each
range of data. Here the content of such a member is not restored, so a program that is stored so cannot be judged. Only
its first bytes can be read, from which a log or a database is recognised and skipped.
"""

import io
import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast

from symver_pin.archives.limits import MAX_HEADER, Allowance
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed
from symver_pin.errors import NotJudgedError

_EXTENDED_HEADERS = frozenset(
    {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
)
"""The types of extended headers, which have the name or other attributes of the next member, and a size of their
own."""
_SPARSE_START = 265
"""The bytes of a sparse file that can be read: those with the magic numbers of programs and of most archives."""
_BUFFER_SIZE = 1 << 18
"""The bytes that ``tarfile`` reads at once."""
_IS_EXTENDED = 504
"""The offset of the byte in a block of a GNU sparse map that states whether another block follows."""


class _Entry(tarfile.TarInfo):
    """A member of a tar, whose headers are read in bounded time and memory.

    An extended header above ``MAX_HEADER`` is refused. Of a sparse map only the first range is kept, as
    ``[(offset, size)]`` in ``sparse``: ``tarfile`` makes a list of all ranges, for which a compressed tar of 2 KB can
    take 10 s and 1 GB. ``tarfile`` documents ``_proc_member`` as the method to override.
    """

    def _proc_member(self, opened: Any) -> tarfile.TarInfo:
        if self.type in _EXTENDED_HEADERS and self.size > MAX_HEADER:
            limit = f"{MAX_HEADER >> 20} MiB"
            raise tarfile.ReadError(f"extended header is {self.size} bytes; the limit is {limit}")
        if self.type == tarfile.GNUTYPE_SPARSE:
            return self._skip_gnu_map(opened)
        return cast(tarfile.TarInfo, super()._proc_member(opened))  # type: ignore[misc]

    def _skip_gnu_map(self, opened: Any) -> tarfile.TarInfo:
        """Reads a sparse file in GNU's format, whose sparse map begins in the header and goes on in blocks after it."""
        ranges, is_extended, size = self._sparse_structs  # type: ignore[attr-defined]
        while is_extended:
            is_extended = _read_block(opened)[_IS_EXTENDED]
        self.offset_data = opened.fileobj.tell()
        opened.offset = self.offset_data + -(-self.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        self.sparse, self.size = ranges[:1], size
        return self

    def _proc_gnusparse_10(self, following: Any, _headers: object, opened: Any) -> None:
        """Reads a sparse file in the pax format 1.0, whose sparse map is before its data.

        The map is the number of ranges, then the offset and the size of each range, each number on a line.
        """
        block = _read_block(opened)
        lines = block.split(b"\n", 3)
        left = 1 + 2 * int(lines[0]) - block.count(b"\n")
        while left > 0:
            left -= _read_block(opened).count(b"\n")
        following.offset_data = opened.fileobj.tell()
        following.sparse = [(int(lines[1]), int(lines[2]))] if len(lines) > 3 and int(lines[0]) > 0 else []


class _SparseStart(io.RawIOBase):
    """The first bytes of a sparse file. Reading more of it raises ArchiveError."""

    def __init__(self, start: bytes, archive: str, name: str) -> None:
        self._left, self._archive, self._name = start, archive, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if len(view) and not self._left:
            reason = f"{self._name} is stored as a sparse file"
            raise NotJudgedError(self._archive, reason, "unpack the archive and name the folder")
        data, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(data)] = data
        return len(data)


def tar_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the regular files of a tar, compressed or not. Only the first bytes of a sparse file can be read.

    Raises what ``tarfile`` raises for a broken archive, and GrowthError for a decompression bomb.
    """
    yield from read_tar(decompressed(stream, archive, allowance), archive)


def open_tar(stream: IO[bytes], can_seek: bool) -> tarfile.TarFile:
    """Opens a tar that is not compressed: its headers are read in bounded time and memory."""
    mode = "r:" if can_seek else "r|"
    return tarfile.open(fileobj=stream, mode=mode, bufsize=_BUFFER_SIZE, tarinfo=_Entry)  # type: ignore[call-overload, no-any-return]


def read_tar(stream: IO[bytes], archive: str, can_seek: bool = False) -> Iterator[Member]:
    """Yields the regular files of a tar that is not compressed. ``can_seek`` says that the stream can."""
    with open_tar(stream, can_seek) as opened:
        for entry in opened:
            if entry.isreg():
                yield Member(archive, entry.name, entry.size, partial(_content, opened, entry, archive))
            opened.members.clear()  # type: ignore[attr-defined]  # a tar may have a million members


def plain_tar_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the regular files of a tar in a file or in memory: nothing is unpacked, so nothing needs an allowance."""
    del allowance
    yield from read_tar(stream, archive, can_seek=True)


def _content(opened: tarfile.TarFile, entry: tarfile.TarInfo, archive: str) -> IO[bytes]:
    """Returns the content of a member as a stream; of a sparse file only the first bytes."""
    if not entry.issparse():
        return cast(IO[bytes], opened.extractfile(entry))
    ranges = cast(list[tuple[int, int]], entry.sparse)
    offset, size = ranges[0] if ranges else (0, 0)
    start = b""
    if offset == 0 and size > 0:
        stream = cast(IO[bytes], opened.fileobj)
        stream.seek(entry.offset_data)
        start = stream.read(min(size, _SPARSE_START))
    return cast(IO[bytes], _SparseStart(start.ljust(min(_SPARSE_START, entry.size), b"\0"), archive, entry.name))


def _read_block(opened: Any) -> bytes:
    """Reads the next block of a sparse map. Raises ReadError when the archive ends before."""
    block: bytes = opened.fileobj.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError("unexpected end of data")
    return block
