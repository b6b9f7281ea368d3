"""One regular file of an archive, read when asked for."""

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import IO

from symver_pin.archives.kinds import HEAD
from symver_pin.archives.limits import MAX_MEMBER
from symver_pin.archives.streams import View
from symver_pin.errors import ArchiveError

_CHUNK = 1 << 17
#: A member of so many bytes is kept in pages of its own.
_LARGE = 1 << 17


class Member:
    """A regular file of an archive. It can be read until the next member is asked for.

    ``content`` is its stream, or what opens that when it is asked for.
    """

    def __init__(self, archive: str, name: str, size: int, content: IO[bytes] | Callable[[], IO[bytes]]) -> None:
        self.archive = archive
        self.name = name
        """As the archive spells it."""
        self.size = size
        """In bytes, as the archive claims."""
        self._content = content

    @cached_property
    def _stream(self) -> IO[bytes]:
        return self._content() if callable(self._content) else self._content

    @cached_property
    def head(self) -> bytes:
        """The first bytes, as many as tell what it is. Raises ArchiveError when it cannot be read."""
        with understood(f"{self.archive}: {self.name}"):
            return self._stream.read(min(HEAD, self.size))

    def chunks(self) -> Iterator[bytes]:
        """The whole content, piece by piece, once. Raises ArchiveError when it is too large, or cannot be read."""
        head = self.head
        if self.size > MAX_MEMBER:
            raise ArchiveError(f"{self.archive}: {self.name} claims {self.size} bytes, more than is believed")
        yield head
        left = self.size - len(head)
        while left:
            with understood(f"{self.archive}: {self.name}"):
                piece = self._stream.read(min(_CHUNK, left))
            if not piece:
                raise ArchiveError(f"{self.archive}: {self.name}: {left} of {self.size} bytes are missing: truncated")
            left -= len(piece)
            yield piece

    def read(self) -> memoryview:
        """The whole content, once. Raises ArchiveError when it is too large, or cannot be read."""
        if isinstance(self._content, View) and len(self._content.view) == self.size <= MAX_MEMBER:
            return self._content.view
        if not _LARGE <= self.size <= MAX_MEMBER:
            return memoryview(b"".join(self.chunks()))
        # Grown in the heap, pieces of some megabytes leave holes of that size in it when they go.
        data = mmap.mmap(-1, self.size)
        for piece in self.chunks():
            data.write(piece)
        return memoryview(data).toreadonly()


@contextmanager
def understood(what: str) -> Iterator[None]:
    """What the decoders of the standard library raise, as an ArchiveError about ``what``."""
    import lzma
    import struct
    import tarfile
    import zipfile
    import zlib

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
    except (NotImplementedError, RuntimeError) as error:  # zipfile's words for an unknown method and for a password
        raise ArchiveError(f"{what}: cannot be unpacked: {error}") from error
    except OSError as error:
        raise ArchiveError(f"{what}: cannot be read: {error.strerror or error}") from error
