"""Compressed files: a tar, a cpio archive, or a single file, which only unpacking tells.

A single file is unpacked into a temporary file without a name when it is a program, a script or an archive. Any other
content, a manual page or a log, is left after its first bytes.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, cast

from symver_pin.archives.cpio import cpio_members
from symver_pin.archives.kinds import HEAD, is_tar_header, kind_of
from symver_pin.archives.limits import MAX_MEMBER, Allowance
from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed
from symver_pin.archives.tar import read_tar
from symver_pin.errors import NotJudgedError

_ELF, _SCRIPT = b"\x7fELF", b"#!"
_CHUNK = 1 << 17
_IN_MEMORY = 1 << 20
"""The bytes of an unpacked file that are kept in memory; more are in a temporary file."""


def packed_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the files of a compressed tar or cpio archive, or the one file that was compressed, if it is a program, a
    script or an archive.

    Raises what ``tarfile`` raises for a broken archive, and GrowthError for a decompression bomb.
    """
    unpacked = decompressed(stream, archive, allowance)
    head = _first_bytes(unpacked)
    whole = cast(IO[bytes], io.BufferedReader(_Joined(head, unpacked), _CHUNK))
    kind = kind_of(head)
    if kind == "tar" or is_tar_header(head) or not head.strip(b"\0"):  # an empty tar is zeros
        yield from read_tar(whole, archive)
    elif kind == "cpio":
        yield from cpio_members(whole, archive)
    elif kind or head.startswith((_ELF, _SCRIPT)):
        yield from _single(whole, archive)


def _first_bytes(stream: IO[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD and (piece := stream.read(HEAD - len(head))):
        head += piece
    return head


def _single(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The one file of a compressed file, named like it without the suffix."""
    name = PurePosixPath(archive).name
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="symver-pin-") as content:
        size = 0
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > MAX_MEMBER:
                reason = f"unpacks to more than {MAX_MEMBER >> 30} GiB"
                raise NotJudgedError(archive, reason, "unpack it yourself, and name the result")
            content.write(piece)
        content.seek(0)
        yield Member(archive, PurePosixPath(name).stem or name, size, cast(IO[bytes], content))


class _Joined(io.RawIOBase):
    """Bytes that were read from a stream, and then the rest of it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            data, self._head = self._head[: len(view)], self._head[len(view) :]
        else:
            data = self._rest.read(len(view))
        view[: len(data)] = data
        return len(data)
