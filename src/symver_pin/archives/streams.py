"""Streams over streams: a part of one, a mapped file as one, and what a compressed one holds."""

import io
import mmap
import sys
from typing import IO, TYPE_CHECKING, cast

from symver_pin.archives.kinds import compression_of
from symver_pin.archives.limits import Growth
from symver_pin.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

_CHUNK = 1 << 18
#: So many bytes of a mapped file stay.
_WINDOW = 2 << 20


class Part(io.RawIOBase):
    """The next ``size`` bytes of a stream, which stays where the part was left. EOFError when there are fewer."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self.left = stream, size

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """As RawIOBase has it."""
        view = memoryview(buffer).cast("B")
        data = self._stream.read(min(len(view), self.left))
        if not data and self.left and len(view):
            raise EOFError(f"{self.left} bytes are missing")
        view[: len(data)] = data
        self.left -= len(data)
        return len(data)


class View(io.RawIOBase):
    """A stream over bytes that are at hand; what is asked for as a whole is a part of them, and no copy."""

    def __init__(self, view: memoryview) -> None:
        self.view, self._at = view, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """As RawIOBase has it."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As RawIOBase has it. Raises ValueError for a place in front of the first byte."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self.view)}[whence]
        if at < 0:
            raise ValueError(f"seek to {at}")
        self._at = at
        return at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """As RawIOBase has it."""
        target = memoryview(buffer).cast("B")
        data = self.part(len(target)).view
        target[: len(data)] = data
        return len(data)

    def part(self, size: int) -> "View":
        """The next ``size`` bytes, or as many as there are; the stream goes on behind them."""
        part = View(self.view[self._at : self._at + size])
        self._at += len(part.view)
        return part


class _MappedFile(mmap.mmap):
    """A file whose pages can be let go, where those of other mappings may be all that there is of their content."""


def mapped(stream: IO[bytes]) -> IO[bytes]:
    """A file from its beginning, mapped into memory; the stream itself where it cannot be mapped."""
    try:
        return cast(IO[bytes], View(memoryview(_MappedFile(stream.fileno(), 0, access=mmap.ACCESS_READ))))
    except (OSError, ValueError):
        return stream


class Pages:
    """Bounds how much of a mapped file stays in memory while one piece of it after another is looked at."""

    def __init__(self) -> None:
        self._size = 0

    def seen(self, data: bytes | memoryview) -> None:
        """A piece was looked at. Pages that are let go come back when they are asked for."""
        self._size += len(data)
        whole = data.obj if isinstance(data, memoryview) else None
        if self._size > _WINDOW and isinstance(whole, _MappedFile):
            self._size = 0
            if hasattr(mmap, "MADV_DONTNEED"):
                whole.madvise(mmap.MADV_DONTNEED)


def skip(stream: IO[bytes], size: int) -> None:
    """Read on over ``size`` bytes; the end of the stream may come first."""
    if isinstance(stream, View):
        stream.part(size)
        return
    while size > 0:
        data = stream.read(min(_CHUNK, size))
        if not data:
            return
        size -= len(data)


def part(stream: IO[bytes], size: int) -> IO[bytes]:
    """The next ``size`` bytes, buffered, or a view of them. Of a view the stream goes on behind them at once."""
    if isinstance(stream, View):
        return cast(IO[bytes], stream.part(size))
    return cast(IO[bytes], io.BufferedReader(Part(stream, size), _CHUNK))


class _Counted(io.RawIOBase):
    """A stream whose every byte is told to a counter; ``broken`` is what it raises for bad data, EOFError here."""

    def __init__(
        self, stream: IO[bytes], count: "Callable[[int], None]", broken: tuple[type[Exception], ...] = ()
    ) -> None:
        self._stream, self._count, self._broken = stream, count, broken

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except self._broken as error:
            raise EOFError(str(error)) from error
        view[: len(data)] = data
        self._count(len(data))
        return len(data)


def decompressed(stream: IO[bytes], archive: str) -> IO[bytes]:
    """The stream, decompressed by what its first bytes say, within the limits of growth.

    Raises ArchiveError when the decompressor is not there, and from reading when the stream grows too far.
    """
    growth = Growth(archive)
    packed = io.BufferedReader(_Counted(stream, growth.packed), _CHUNK)
    kind = compression_of(packed.peek(6)[:6])
    if not kind:
        return cast(IO[bytes], packed)
    plain, broken = _decompressor(kind, cast(IO[bytes], packed), archive)
    return cast(IO[bytes], io.BufferedReader(_Counted(plain, growth.unpacked, broken), _CHUNK))


def _decompressor(kind: str, stream: IO[bytes], archive: str) -> tuple[IO[bytes], tuple[type[Exception], ...]]:
    """The plain stream, and what it raises for bad data beyond what ``understood`` knows."""
    if kind == "gz":
        import gzip

        return cast(IO[bytes], gzip.GzipFile(fileobj=stream)), ()
    if kind in ("xz", "lzma"):
        import lzma

        return lzma.LZMAFile(stream), ()
    if kind == "bz2":
        import bz2

        return bz2.BZ2File(stream), ()
    if sys.version_info >= (3, 14):
        from compression import zstd

        return cast(IO[bytes], zstd.ZstdFile(stream)), (zstd.ZstdError,)
    try:
        import zstandard
    except ImportError:
        raise ArchiveError(
            f"{archive}: zstd compression needs the Python package zstandard; pip install zstandard"
        ) from None
    reader: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return reader, (zstandard.ZstdError,)
