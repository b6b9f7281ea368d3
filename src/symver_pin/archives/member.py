"""A regular file in an archive, and the errors from reading it."""

import lzma
import mmap
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import IO

from symver_pin.archives.kinds import HEAD
from symver_pin.archives.limits import MAX_MEMBER
from symver_pin.archives.streams import View
from symver_pin.errors import ArchiveError, NotJudgedError

_CHUNK = 1 << 17
"""The bytes that ``Member.chunks`` reads at once."""
_LARGE = 1 << 17
"""A member of this size or more gets memory pages of its own."""
_UNPACK = "unpack it yourself, and name the folder"


class Member:
    """A regular file in an archive. It can be read until the archive's reader goes on to the next member.

    ``content`` is the stream of its content, or a function that opens this stream.
    """

    def __init__(self, archive: str, name: str, size: int, content: IO[bytes] | Callable[[], IO[bytes]]) -> None:
        self.archive = archive
        self.name = name
        """The name in the archive, unchanged: it may have ``..`` in it."""
        self.size = size
        """The size in bytes that the archive states, which may be wrong."""
        self._content = content

    @cached_property
    def _stream(self) -> IO[bytes]:
        return self._content() if callable(self._content) else self._content

    @cached_property
    def head(self) -> bytes:
        """The first ``HEAD`` bytes, which tell the kind of the file. Raises ArchiveError when they cannot be read."""
        with archive_errors(f"{self.archive}: {self.name}"):
            return self._stream.read(min(HEAD, self.size))

    @property
    def view(self) -> memoryview | None:
        """The content, where it is in memory or mapped as it is; None where it must be read."""
        content = self._content
        return content.view if isinstance(content, View) and len(content.view) == self.size <= MAX_MEMBER else None

    def begins(self, size: int) -> bytes:
        """The first ``size`` bytes, or fewer when it ends before. Raises ArchiveError when they cannot be read."""
        missing = min(size, self.size) - len(self.head)
        while missing > 0:
            with archive_errors(f"{self.archive}: {self.name}"):
                piece = self._stream.read(missing)
            if not piece:
                break
            self.__dict__["head"] = self.head + piece
            missing -= len(piece)
        return self.head[:size]

    def chunks(self) -> Iterator[bytes]:
        """Yields the whole content in pieces, once.

        Raises ArchiveError when it cannot be read, NotJudgedError when it is too large.
        """
        head = self.head
        if self.size > MAX_MEMBER:
            reason = f"{self.name} is {self.size} bytes; the limit is {MAX_MEMBER >> 30} GiB"
            raise NotJudgedError(self.archive, reason, "unpack it, and name the folder")
        yield head
        left = self.size - len(head)
        while left:
            with archive_errors(f"{self.archive}: {self.name}"):
                piece = self._stream.read(min(_CHUNK, left))
            if not piece:
                raise ArchiveError(f"{self.archive}: {self.name} is truncated: {left} of {self.size} bytes are missing")
            left -= len(piece)
            yield piece

    def read(self) -> memoryview:
        """Returns the whole content, once. Raises ArchiveError when it is too large or cannot be read."""
        if self.view is not None:
            return self.view
        if not _LARGE <= self.size <= MAX_MEMBER:
            return memoryview(b"".join(self.chunks()))
        # Large objects on the heap leave holes when they are freed, so a large member is in a mapping of its own.
        data = mmap.mmap(-1, self.size)
        for piece in self.chunks():
            data.write(piece)
        return memoryview(data).toreadonly()


@contextmanager
def archive_errors(what: str) -> Iterator[None]:
    """Turns the exceptions of the standard library about a broken archive into an ArchiveError about ``what``; those
    about a sound one that it cannot unpack into a NotJudgedError.
    """
    try:
        yield
    except (
        EOFError,
        lzma.LZMAError,
        tarfile.TarError,
        zipfile.BadZipFile,
        struct.error,
        zlib.error,
        OverflowError,
        ValueError,
    ) as error:
        raise ArchiveError(f"{what}: broken or truncated archive: {error}") from error
    except (NotImplementedError, RuntimeError) as error:  # zipfile: an unknown compression method, an encrypted member
        raise NotJudgedError(what, f"cannot be unpacked: {error}", _UNPACK) from error
    except MemoryError as error:  # lzma: the dictionary may be 4 GiB
        raise NotJudgedError(what, "cannot be unpacked: not enough memory", _UNPACK) from error
    except OSError as error:
        raise ArchiveError(f"{what}: cannot be read: {error.strerror or error}") from error
