"""Unpack gzip files (RFC 1952) in bounded time, whatever is behind the compressed data."""

import zlib
from typing import IO

from symver_pin.archives.limits import MAX_EMPTY, MAX_PADDING, GrowthError
from symver_pin.errors import ArchiveError

_CHUNK = 1 << 18
"""The bytes that are read from a stream at once."""


class Gunzip:
    """The content of a gzip file: its members one after another, and zero bytes behind the last.

    The standard library's reader takes zero bytes one by one, which is 10 MB in a second; here they are taken in large
    pieces, and no more than ``MAX_PADDING``.
    """

    def __init__(self, stream: IO[bytes], archive: str) -> None:
        self._stream, self._archive = stream, archive
        self._unpacker = zlib.decompressobj(31)
        self._packed = b""
        self._empty = 0
        self._ended = False

    def read(self, size: int) -> bytes:
        """Returns the next bytes, at most ``size``; none at the end. Raises EOFError for a truncated file."""
        while not self._ended and size > 0:
            if self._unpacker.eof:
                self._next_member()
                continue
            packed = self._packed or self._stream.read(_CHUNK)
            data = self._unpacker.decompress(packed, size)  # without more input it returns what it holds back
            self._packed = self._unpacker.unconsumed_tail
            if data:
                self._empty = 0
                return data
            if not packed:
                raise EOFError("the compressed data ends early")
        return b""

    def _next_member(self) -> None:
        rest, padding = self._unpacker.unused_data.lstrip(b"\0"), 0
        while not rest:
            data = self._stream.read(_CHUNK)
            if not data:
                self._ended = True
                return
            rest = data.lstrip(b"\0")
            padding += len(data) - len(rest)
            if padding > MAX_PADDING:
                reason = f"more than {MAX_PADDING >> 20} MiB of zero bytes behind the compressed data"
                raise GrowthError(self._archive, reason, "cut them off (truncate)")
        if len(rest) == 1:
            rest += self._stream.read(1)
        if not rest.startswith(b"\x1f\x8b"):
            raise ArchiveError(f"{self._archive}: data that is not compressed behind the end of the compressed data")
        self._empty += 1
        if self._empty > MAX_EMPTY:
            reason = f"more than {MAX_EMPTY} gzip members without content"
            raise GrowthError(self._archive, reason, "unpack it yourself if you trust it")
        self._unpacker, self._packed = zlib.decompressobj(31), rest
