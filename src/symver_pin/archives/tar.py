"""Tar archives, packed or not, read as a stream."""

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, cast

from symver_pin.archives.limits import MAX_HEADER
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed
from symver_pin.errors import ArchiveError

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

    A sparse file is not read, and its map of holes is passed over: ``tarfile`` makes a list of it, for which a tar of
    2 KB, packed, takes 10 s and 1 GB. ``_proc_member`` is there to be overridden, as ``tarfile`` says.
    """

    def _proc_member(self, opened: Any) -> tarfile.TarInfo:
        if self.type in _LONG_HEADERS and self.size > MAX_HEADER:
            raise tarfile.ReadError(f"a header claims {self.size} bytes, more than is believed")
        if self.type == tarfile.GNUTYPE_SPARSE:
            return self._pass_over_map(opened)
        return cast(tarfile.TarInfo, super()._proc_member(opened))  # type: ignore[misc]

    def _pass_over_map(self, opened: Any) -> tarfile.TarInfo:
        """For a sparse file of GNU's own format: its map goes on in blocks behind the header."""
        _holes, goes_on, size = self._sparse_structs  # type: ignore[attr-defined]
        while goes_on:
            block = opened.fileobj.read(tarfile.BLOCKSIZE)
            if len(block) < tarfile.BLOCKSIZE:
                raise tarfile.ReadError("unexpected end of data")
            goes_on = block[_MORE]
        self.offset_data = opened.fileobj.tell()
        opened.offset = self.offset_data + -(-self.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        self.sparse, self.size = b"", size  # not None: it is one
        return self

    def _proc_gnusparse_10(self, following: Any, _headers: object, _opened: object) -> None:
        """For one in the pax format: the map is in front of its data."""
        following.sparse = b""


def tar_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The regular files of a tar. What a sparse file leaves out is not made up: such a member cannot be read."""
    with tarfile.open(fileobj=decompressed(stream, archive), mode="r|", bufsize=_PIECE, tarinfo=_Entry) as opened:
        for entry in opened:
            if entry.isreg():
                yield Member(archive, entry.name, entry.size, partial(_content, opened, entry, archive))
            opened.members.clear()  # type: ignore[attr-defined]  # else a tar of a million files is a list of them


def _content(opened: tarfile.TarFile, entry: tarfile.TarInfo, archive: str) -> IO[bytes]:
    if entry.issparse():
        raise ArchiveError(f"{archive}: {entry.name} is stored as a sparse file; unpack the archive, name the folder")
    return cast(IO[bytes], opened.extractfile(entry))
