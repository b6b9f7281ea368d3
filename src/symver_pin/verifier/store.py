"""Keep the members of one archive until their verdicts are made.

The first members are kept in memory, up to ``IN_MEMORY`` bytes and ``_MOST_IN_MEMORY`` members. What follows is written
to one temporary file without a name, and read again when it is needed: a verdict needs a member for a moment, so memory
stays bounded whatever the archive.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import IO, NamedTuple, cast

from symver_pin.archives.limits import MAX_KEPT, GrowthError
from symver_pin.archives.member import Member
from symver_pin.archives.streams import View
from symver_pin.errors import ArchiveError, NotJudgedError

IN_MEMORY = 32 << 20
_MOST_IN_MEMORY = 1000
_MOST = 16 << 30
"""So much of one archive may be written."""
_SMALL = 1 << 17
"""A member up to this size is read from the file again, a larger one is mapped."""


class Place(NamedTuple):
    """Where a member is kept."""

    offset: int
    """In the temporary file; for a member in memory -1 minus its number."""
    size: int


class Store:
    """The members of one archive and of those inside of it."""

    def __init__(self) -> None:
        self._count = self._held = self._end = 0
        self._memory: list[memoryview] = []
        self._file: IO[bytes] | None = None

    def put(self, member: Member, may_share: bool = False) -> Place:
        """Keeps a member's content. ``may_share``: one that is mapped or in memory with the archive is not copied, and
        keeps that alive. Raises ArchiveError when it cannot be read, or there is no room for it; GrowthError when there
        are too many.
        """
        self._count += 1
        if self._count > MAX_KEPT:
            reason = f"more than {MAX_KEPT} programs and objects"
            raise GrowthError(member.archive, reason, "unpack it if you trust it, and name the folder")
        if may_share and member.view is not None:
            self._memory.append(member.view)
            return Place(-len(self._memory), member.size)
        if self._held + member.size <= IN_MEMORY and len(self._memory) < _MOST_IN_MEMORY:
            data = member.read()
            self._held += len(data)
            self._memory.append(data)
            return Place(-len(self._memory), len(data))
        if self._end + member.size > _MOST:
            reason = f"more than {_MOST >> 30} GB of programs"
            raise NotJudgedError(member.archive, reason, "unpack it, and name the folder")
        start = self._end
        try:
            if self._file is None:
                self._file = _unnamed_file()
            self._file.seek(start)
            for piece in member.chunks():
                self._file.write(piece)
            self._file.flush()
        except OSError as error:
            raise _no_room(member, error) from error
        self._end = self._file.tell()
        return Place(start, member.size)

    def get(self, place: Place) -> memoryview:
        """A member's content, which lives as long as the caller keeps it."""
        offset, size = place
        if offset < 0:
            return self._memory[-1 - offset]
        assert self._file is not None, "put wrote it"
        if size <= _SMALL:
            self._file.seek(offset)
            return memoryview(self._file.read(size))
        first = offset // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        mapping = mmap.mmap(self._file.fileno(), offset + size - first, access=mmap.ACCESS_READ, offset=first)
        return memoryview(mapping)[offset - first :]


def stream_of(member: Member) -> IO[bytes]:
    """A member's content as a stream that can seek, which the caller closes: in memory, or in a temporary file.

    Raises ArchiveError when it cannot be read, or there is no room for it.
    """
    if member.size <= IN_MEMORY // 4:
        return cast(IO[bytes], View(member.read()))
    try:
        stream = _unnamed_file()
        for piece in member.chunks():
            stream.write(piece)
    except OSError as error:
        raise _no_room(member, error) from error
    stream.seek(0)
    return stream


def _unnamed_file() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="symver-pin-")


def _no_room(member: Member, error: OSError) -> ArchiveError:
    return ArchiveError(f"{member.archive}: no room for {member.name} on disk: {error.strerror}")
