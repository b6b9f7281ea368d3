"""Change some files of a tar, and add others: everything else keeps its bytes.

A tar is a row of members: a header of 512 bytes, perhaps preceded by extended headers, and the content, padded to a
multiple of 512. Only the size and the checksum in the header of a changed file become others, so its name, mode, owner
and time stay as they are, in whatever format of tar. Zeros end the tar.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from symver_pin.archives.kinds import HEAD, compression_of
from symver_pin.archives.streams import decompressed
from symver_pin.archives.tar import open_tar
from symver_pin.errors import NotJudgedError
from symver_pin.verifier.discovery.sniff import sniff

_BLOCK = tarfile.BLOCKSIZE
_SIZE, _CHECKSUM = slice(124, 136), slice(148, 156)
"""Fields of a header (POSIX.1-1988 ustar)."""
_UNPACK = "unpack it, and repair the folder"
_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "gz": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": lzma.compress,
}
"""How a tar is compressed again. The package managers of older systems cannot read zstd: xz takes its place."""


class Tar:
    """A tar in memory."""

    def __init__(self, data: bytes, name: str) -> None:
        """``data`` is the tar, compressed or not; ``name`` is for errors. Raises what ``tarfile`` raises for a broken
        one, and NotJudgedError for a decompression bomb.
        """
        self._name = name
        self._compression = compression_of(data[:HEAD])
        if self._compression not in _COMPRESS:
            raise NotJudgedError(name, f"{self._compression} compression is not written here", _UNPACK)
        stream = decompressed(io.BytesIO(data), name)
        self._data = memoryview(stream.read())
        self._entries: list[tarfile.TarInfo] = []
        with open_tar(self._stream(), can_seek=True) as opened:
            self._entries.extend(opened)
            self._end = opened.offset
        self.files = {_plain(entry.name): self._content(entry) for entry in self._entries if entry.isreg()}
        """The content of all files by name, without ``./`` in front; none of a sparse file."""

    def _stream(self) -> IO[bytes]:
        return io.BytesIO(self._data)

    def _content(self, entry: tarfile.TarInfo) -> memoryview:
        if entry.issparse():
            if sniff(bytes(self._data[entry.offset_data : entry.offset_data + _BLOCK])) == "program":
                raise NotJudgedError(self._name, f"{entry.name} is stored as a sparse file", _UNPACK)
            return memoryview(b"")
        return self._data[entry.offset_data : entry.offset_data + entry.size]

    @property
    def suffix(self) -> str:
        """The end of the name of the compressed file: ``.xz``, or "" for one that is not compressed."""
        kind = "xz" if self._compression == "zst" else self._compression
        return f".{kind}" if kind else ""

    def changed(self, changed: Mapping[str, bytes], added: Mapping[str, bytes], mode: int = 0o644) -> bytes:
        """The tar with the content of some files changed, and with others behind them, compressed as it was.

        Added files belong to root, and have a mode and the time of the youngest file. Raises NotJudgedError if
        a file that changes is stored in an unusual form.
        """
        pieces: list[bytes | memoryview] = []
        at = 0
        for entry in self._entries:
            content = changed.get(_plain(entry.name)) if entry.isreg() else None
            if content is None:
                continue
            header = entry.offset_data - _BLOCK
            pieces += [self._data[at:header], self._header(entry, len(content)), content, _padding(len(content))]
            at = entry.offset_data + entry.size + len(_padding(entry.size))
        pieces.append(self._data[at : self._end])
        pieces += self._new_members(added, mode)
        size = sum(map(len, pieces))
        pieces.append(bytes(-(size + 2 * _BLOCK) % tarfile.RECORDSIZE + 2 * _BLOCK))
        return _COMPRESS[self._compression](b"".join(pieces))

    def _header(self, entry: tarfile.TarInfo, size: int) -> bytes:
        """The header of a file of another size."""
        if "size" in entry.pax_headers or size >= 8**11:
            raise NotJudgedError(self._name, f"{entry.name} has its size in an extended header", _UNPACK)
        header = bytearray(self._data[entry.offset_data - _BLOCK : entry.offset_data])
        header[_SIZE] = b"%011o\0" % size
        header[_CHECKSUM] = b" " * 8
        header[_CHECKSUM] = b"%06o\0 " % sum(header)
        return bytes(header)

    def _new_members(self, added: Mapping[str, bytes], mode: int) -> Iterator[bytes]:
        """The headers and contents of added files, and of their folders where the tar lists folders."""
        prefix = "./" if any(entry.name.startswith("./") for entry in self._entries) else ""
        known = {_plain(entry.name) for entry in self._entries if entry.isdir()}
        lists_folders = bool(known)
        time = max((int(entry.mtime) for entry in self._entries), default=0)
        for name, content in sorted(added.items()):
            for folder in [*reversed(PurePosixPath(name).parents)][1:] if lists_folders else []:
                if str(folder) not in known:
                    known.add(str(folder))
                    yield _new_header(f"{prefix}{folder}/", tarfile.DIRTYPE, 0o755, 0, time)
            yield _new_header(f"{prefix}{name}", tarfile.REGTYPE, mode, len(content), time)
            yield content
            yield _padding(len(content))


def _new_header(name: str, kind: bytes, mode: int, size: int, time: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.mtime = kind, mode, size, time
    entry.uname = entry.gname = "root"
    return entry.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _plain(name: str) -> str:
    return name.removeprefix("./").rstrip("/")
