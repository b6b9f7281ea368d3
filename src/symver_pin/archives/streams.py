"""Streams that the readers of archives use: a part of a stream, a file mapped into memory, a decompressed stream.

The parameter of ``readinto`` is of type Any because no type of Python 3.10 stands for every writable buffer.
"""

import bz2
import errno
import io
import lzma
import mmap
import sys
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

from symver_pin.archives.gunzip import Gunzip
from symver_pin.archives.kinds import compression_of
from symver_pin.archives.limits import Allowance, Growth
from symver_pin.errors import NotJudgedError

_CHUNK = 1 << 18
"""The bytes that are read from a stream at once."""
_WINDOW = 2 << 20
"""The bytes of a mapped file that may stay in memory after they were read."""


class _Part(io.RawIOBase):
    """The next ``size`` bytes of a stream. The stream goes on after the last byte that was read of the part.

    Reading raises EOFError when the stream ends before the part.
    """

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        data = self._stream.read(min(len(view), self._left))
        if not data and self._left and len(view):
            raise EOFError(f"{self._left} bytes are missing")
        view[: len(data)] = data
        self._left -= len(data)
        return len(data)


class _Positioned(io.RawIOBase):
    """A stream of a known size with a position, to which it can seek."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        """Returns True."""
        return True

    def seekable(self) -> bool:
        """Returns True."""
        return True

    def tell(self) -> int:
        """Returns the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Changes the position and returns it. Raises OSError for one before the first byte, as a file does."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if at < 0:
            raise OSError(errno.EINVAL, "Invalid argument")
        self._at = at
        return at


class View(_Positioned):
    """A stream over bytes in memory. ``part`` returns some of them without a copy."""

    def __init__(self, view: memoryview) -> None:
        super().__init__(len(view))
        self.view = view

    def readinto(self, buffer: Any) -> int:
        """Copies the next bytes into a buffer and returns their number."""
        target = memoryview(buffer).cast("B")
        data = self.part(len(target)).view
        target[: len(data)] = data
        return len(data)

    def part(self, size: int) -> "View":
        """Returns the next ``size`` bytes, or fewer at the end, as a stream. This stream goes on after them."""
        part = View(self.view[self._at : self._at + size])
        self._at += len(part.view)
        return part


class _MappedFile(mmap.mmap):
    """A mapped file. Its pages may be dropped from memory, because they can be read from the file again.

    An anonymous mapping, which is a plain ``mmap.mmap`` in this project, would lose its content.
    """


def mapped(stream: IO[bytes]) -> IO[bytes]:
    """Maps the whole file of a stream into memory. Returns ``stream`` itself when the file cannot be mapped."""
    try:
        return cast(IO[bytes], View(memoryview(_MappedFile(stream.fileno(), 0, access=mmap.ACCESS_READ))))
    except (OSError, ValueError):
        return stream


class Pages:
    """Drops the pages of a mapped file from memory while the file is read from its beginning to its end."""

    def __init__(self) -> None:
        self._size = 0

    def seen(self, data: bytes | memoryview) -> None:
        """Notes that ``data``, a piece of the file, was read. A dropped page comes back when it is read again."""
        self._size += len(data)
        mapping = data.obj if isinstance(data, memoryview) else None
        if self._size > _WINDOW and isinstance(mapping, _MappedFile):
            self._size = 0
            if hasattr(mmap, "MADV_DONTNEED"):
                mapping.madvise(mmap.MADV_DONTNEED)


def skip(stream: IO[bytes], size: int) -> None:
    """Skips the next ``size`` bytes of a stream, or fewer when it ends before."""
    if isinstance(stream, View):
        stream.part(size)
        return
    while size > 0:
        data = stream.read(min(_CHUNK, size))
        if not data:
            return
        size -= len(data)


def part(stream: IO[bytes], size: int) -> IO[bytes]:
    """Returns the next ``size`` bytes of a stream as a stream.

    A ``View`` goes on after these bytes at once; any other stream after those that were read.
    """
    if isinstance(stream, View):
        return cast(IO[bytes], stream.part(size))
    return cast(IO[bytes], io.BufferedReader(_Part(stream, size), _CHUNK))


class _Counted(io.RawIOBase):
    """A stream that calls ``count`` with the number of bytes of each read.

    ``errors`` are exceptions that ``stream`` raises for broken data; EOFError is raised in their place.
    """

    def __init__(
        self, stream: IO[bytes], count: Callable[[int], None], errors: tuple[type[Exception], ...] = ()
    ) -> None:
        self._stream, self._count, self._errors = stream, count, errors

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except self._errors as error:
            raise EOFError(str(error)) from error
        view[: len(data)] = data
        self._count(len(data))
        return len(data)


class Slice(_Positioned):
    """A part of a stream that can seek, as a stream that can seek. Only one of both may be read at a time."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        super().__init__(size)
        self._stream, self._start = stream, start

    def readinto(self, buffer: Any) -> int:
        """Copies the next bytes into a buffer and returns their number."""
        view = memoryview(buffer).cast("B")
        self._stream.seek(self._start + self._at)
        data = self._stream.read(max(0, min(len(view), self._size - self._at)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Inflate:
    """The content of a single zlib stream, or of one without header, by ``wbits`` of ``zlib.decompressobj``."""

    def __init__(self, stream: IO[bytes], wbits: int) -> None:
        self._stream, self._unpacker = stream, zlib.decompressobj(wbits)

    def read(self, size: int) -> bytes:
        """Returns the next bytes, at most ``size``; none at the end."""
        while not self._unpacker.eof and size > 0:
            packed = self._unpacker.unconsumed_tail or self._stream.read(_CHUNK)
            data = self._unpacker.decompress(packed, size)
            if data:
                return data
            if not packed:
                raise EOFError("the compressed data ends early")
        return b""


def inflated(stream: IO[bytes], growth: Growth, wbits: int) -> IO[bytes]:
    """Returns the content of a zlib stream; what it unpacks to is counted by ``growth``."""
    unpacked = cast(IO[bytes], _Inflate(stream, wbits))
    return cast(IO[bytes], io.BufferedReader(_Counted(unpacked, growth.unpacked), _CHUNK))


def decompressed(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> IO[bytes]:
    """Returns the stream, decompressed when its first bytes are those of a known compression.

    Raises NotJudgedError when the decompressor is not installed. Reading raises GrowthError for a decompression bomb.
    """
    growth = Growth(archive, allowance)
    packed = io.BufferedReader(_Counted(stream, growth.packed), _CHUNK)
    kind = compression_of(packed.peek(6)[:6])
    if not kind:
        return cast(IO[bytes], packed)
    unpacked, errors = _decompressor(kind, cast(IO[bytes], packed), archive)
    return cast(IO[bytes], io.BufferedReader(_Counted(unpacked, growth.unpacked, errors), _CHUNK))


def unpack_zstd(data: bytes, most: int, archive: str) -> bytes:
    """Unpacks one zstd frame, and returns its first ``most`` bytes. Raises EOFError when it is broken."""
    stream, errors = _decompressor("zst", io.BytesIO(data), archive)
    pieces = []
    try:
        while most > 0 and (piece := stream.read(most)):
            pieces.append(piece)
            most -= len(piece)
    except errors as error:
        raise EOFError(str(error)) from error
    return b"".join(pieces)


def _decompressor(kind: str, stream: IO[bytes], archive: str) -> tuple[IO[bytes], tuple[type[Exception], ...]]:
    """Returns the unpacked stream, and the exceptions for broken data that ``archive_errors`` does not turn."""
    if kind == "gz":
        return cast(IO[bytes], Gunzip(stream, archive)), ()
    if kind in ("xz", "lzma"):
        return lzma.LZMAFile(stream), ()
    if kind == "bz2":
        return bz2.BZ2File(stream), ()
    if sys.version_info >= (3, 14):
        from compression import zstd

        return cast(IO[bytes], zstd.ZstdFile(stream)), (zstd.ZstdError,)
    try:
        import zstandard
    except ImportError:
        raise NotJudgedError(
            archive, "zstd compression needs the Python package zstandard", "pip install zstandard"
        ) from None
    reader: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return reader, (zstandard.ZstdError,)
