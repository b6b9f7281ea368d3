"""Tar archives, packed or not, read as a stream.

A sparse file has a map of the places that its data belong to, and what lies between them is not stored. Such a member
is not made up; but how it begins is told, so that a log or a database is passed over like any other file.
"""

import io
import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from symver_pin.archives.kinds import HEAD
from symver_pin.archives.limits import MAX_HEADER
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed
from symver_pin.errors import ArchiveError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Headers that hold names and attributes of the member behind them, as long as they say.
_LONG_HEADERS = frozenset(
    {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
)
#: What is not wanted is read over in pieces of this size.
_PIECE = 1 << 18
#: Where a block of a sparse file's map says that another one follows.
_MORE = 504


class _Entry(tarfile.TarInfo):
    """A member whose headers are not believed whatever they claim.

    Of a sparse file's map the first place is kept, as ``[(offset, size)]`` in ``sparse``, and the others are passed
    over: ``tarfile`` makes a list of them, for which a tar of 2 KB, packed, takes 10 s and 1 GB. ``_proc_member`` is
    there to be overridden, as ``tarfile`` says.
    """

    def _proc_member(self, opened: Any) -> tarfile.TarInfo:
        if self.type in _LONG_HEADERS and self.size > MAX_HEADER:
            raise tarfile.ReadError(f"a header claims {self.size} bytes, more than is believed")
        if self.type == tarfile.GNUTYPE_SPARSE:
            return self._pass_over_map(opened)
        return cast(tarfile.TarInfo, super()._proc_member(opened))  # type: ignore[misc]

    def _pass_over_map(self, opened: Any) -> tarfile.TarInfo:
        """For a sparse file of GNU's own format: its map goes on in blocks behind the header."""
        places, goes_on, size = self._sparse_structs  # type: ignore[attr-defined]
        while goes_on:
            goes_on = _block(opened)[_MORE]
        self.offset_data = opened.fileobj.tell()
        opened.offset = self.offset_data + -(-self.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        self.sparse, self.size = places[:1], size
        return self

    def _proc_gnusparse_10(self, following: Any, _headers: object, opened: Any) -> None:
        """For one in the pax format: the map is in front of its data, as lines, of which the first is their count."""
        block = _block(opened)
        lines = block.split(b"\n", 3)
        left = 1 + 2 * int(lines[0]) - block.count(b"\n")
        while left > 0:
            left -= _block(opened).count(b"\n")
        following.offset_data = opened.fileobj.tell()
        following.sparse = [(int(lines[1]), int(lines[2]))] if len(lines) > 3 and int(lines[0]) > 0 else []


class _Start(io.RawIOBase):
    """How a sparse file begins. Whoever reads on gets an ArchiveError."""

    def __init__(self, start: bytes, what: str) -> None:
        self._left, self._what = start, what

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if len(view) and not self._left:
            raise ArchiveError(f"{self._what} is stored as a sparse file; unpack the archive, name the folder")
        data, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(data)] = data
        return len(data)


def tar_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The regular files of a tar. Of a sparse one only the first bytes can be read."""
    with tarfile.open(fileobj=decompressed(stream, archive), mode="r|", bufsize=_PIECE, tarinfo=_Entry) as opened:
        for entry in opened:
            if entry.isreg():
                yield Member(archive, entry.name, entry.size, partial(_content, opened, entry, archive))
            opened.members.clear()  # type: ignore[attr-defined]  # else a tar of a million files is a list of them


def _content(opened: tarfile.TarFile, entry: tarfile.TarInfo, archive: str) -> IO[bytes]:
    if not entry.issparse():
        return cast(IO[bytes], opened.extractfile(entry))
    places = cast(list[tuple[int, int]], entry.sparse)
    offset, size = places[0] if places else (0, 0)
    start = b""
    if offset == 0 and size > 0:
        stream = cast(IO[bytes], opened.fileobj)
        stream.seek(entry.offset_data)
        start = stream.read(min(size, HEAD))
    return cast(IO[bytes], _Start(start.ljust(min(HEAD, entry.size), b"\0"), f"{archive}: {entry.name}"))


def _block(opened: Any) -> bytes:
    """The next block of a map."""
    block: bytes = opened.fileobj.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE:
        raise tarfile.ReadError("unexpected end of data")
    return block
