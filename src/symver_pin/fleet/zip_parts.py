"""Copy only those parts of a stored zip that a verification reads: its directory, and the members that may be programs.

A zip ends with its central directory (PKWARE's APPNOTE, 4.3.12) and the end record (4.3.16). The copy is a sparse file
of the same size in which the wanted members stand at their own offsets, so they are read as they are. Its directory
lists these members only.

Which members are wanted, in this order:

* a name that ends like text, pictures or byte code (``UNREAD_SUFFIXES``) is passed over, and counted;
* of any other member above 256 KB the first bytes are read, and it is copied if they begin a program, an archive or a
  script, by the same look (``verifier.discovery.sniff``) that a verification takes;
* smaller ones are copied.

Whatever is unusual is left to a copy of the whole file: ZIP64, several disks, data in front of the zip, a directory
above the limit of ``archives``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from symver_pin.archives.kinds import HEAD
from symver_pin.archives.limits import MAX_DIRECTORY
from symver_pin.verifier.discovery.sniff import may_be_iso, sniff

UNREAD_SUFFIXES = frozenset((
    ".py", ".pyi", ".pyc", ".pyx", ".pxd", ".txt", ".md", ".rst", ".html", ".htm", ".css", ".js", ".mjs", ".ts",
    ".map", ".json", ".xml", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".csv", ".h", ".hpp", ".hh", ".c", ".cc",
    ".cpp", ".cu", ".cuh", ".f90", ".java", ".class", ".kt", ".scala", ".properties", ".mf", ".png", ".jpg", ".jpeg",
    ".gif", ".svg", ".ico", ".ttf", ".woff", ".woff2", ".pdf", ".po", ".mo", ".qm", ".dll", ".pyd", ".exe", ".dylib",
    ".lib", ".pdb",
))  # fmt: skip
"""The endings of names, in lower case, of members that are passed over unread: no loader of glibc loads them."""

SMALLEST = 1 << 20
"""A smaller zip is copied whole: three requests cost more than its bytes."""
_TAILS = (1 << 13, 22 + 0xFFFF)
"""The bytes at the end in which the end record is looked for: without a comment, and with the longest one."""
_END, _END_SIZE = b"PK\5\6", 22
_ENTRY, _ENTRY_SIZE = b"PK\1\2", 46
_LOCAL_SIZE = 30
_STORED, _DEFLATED = 0, 8
_ALL_ONES, _ALL_ONES_16 = 0xFFFFFFFF, 0xFFFF
_LARGE = 256 << 10
_GAP = 64 << 10
"""Two wanted ranges that are nearer to each other are read with one request."""
_PIECE = 8 << 20
"""The most bytes of one request."""


class _Entry(NamedTuple):
    """A member, as the central directory has it."""

    raw: bytes
    name: str
    method: int
    offset: int
    end: int
    """Where the next member, or the directory, begins."""


class Copied(NamedTuple):
    """What was copied."""

    fetched: int
    """Bytes that were read."""
    unread: int
    """Members that were passed over by their names."""
    is_enough: bool
    """False for a zip that must be copied whole."""


class _Source:
    """The stored zip, of which the bytes read are counted."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self.size, self.fetched = stream, size, 0

    def read(self, start: int, size: int) -> bytes:
        """The bytes at an offset. Raises EOFError when there are fewer."""
        self._stream.seek(start)
        data = self._stream.read(size)
        self.fetched += len(data)
        if len(data) < size:
            raise EOFError(f"{len(data)} of {size} bytes at offset {start}")
        return data


def copy_parts(stream: IO[bytes], size: int, head: bytes, into: Path) -> Copied:
    """Copy the wanted parts of a zip of ``size`` bytes to the file ``into``, unless it must be copied whole.

    ``head`` are its first bytes, which have been read.
    Raises what ``stream`` raises, and OSError when the copy cannot be written.
    """
    source = _Source(stream, size)
    entries = _read_directory(source)
    if entries is None:
        return Copied(len(head) + source.fetched, 0, is_enough=False)
    named = [entry for entry in entries if not entry.name.endswith("/")]
    kept = [entry for entry in named if not _is_unread(entry.name)]
    unread = len(named) - len(kept)
    with into.open("wb") as copy:
        copy.write(head)  # it tells that this is a zip, also where the first member is not wanted
        wanted = [entry for entry in kept if _is_wanted(entry, source)]
        for start, end in _joined(sorted((entry.offset, entry.end) for entry in wanted)):
            copy.seek(start)
            for at in range(start, end, _PIECE):
                copy.write(source.read(at, min(_PIECE, end - at)))
        _write_directory(copy, wanted, size)
    return Copied(len(head) + source.fetched, unread, is_enough=True)


def _is_unread(name: str) -> bool:
    base = name.rpartition("/")[2]
    return "." in base and f".{base.rpartition('.')[2].lower()}" in UNREAD_SUFFIXES


def _read_directory(source: _Source) -> list[_Entry] | None:
    """The members in the order of the directory; None for a zip that is unusual."""
    for length in _TAILS:
        start = max(0, source.size - length)
        tail = source.read(start, source.size - start)
        at = tail.rfind(_END)
        if 0 <= at <= len(tail) - _END_SIZE:
            break
    else:
        return None
    disk, first_disk, here, count, size, offset, comment = struct.unpack_from("<4H2IH", tail, at + 4)
    is_plain = disk == first_disk == 0 and here == count and count != _ALL_ONES_16 and _ALL_ONES not in (size, offset)
    if not is_plain or at + _END_SIZE + comment != len(tail) or offset + size != start + at or size > MAX_DIRECTORY:
        return None
    raw = tail[at - size : at] if size <= at else source.read(offset, size)
    return _parse(raw, count, offset)


def _parse(raw: bytes, count: int, directory: int) -> list[_Entry] | None:
    found: list[tuple[bytes, str, int, int]] = []
    at = 0
    while at < len(raw):
        if raw[at : at + 4] != _ENTRY or len(raw) - at < _ENTRY_SIZE:
            return None
        (method,) = struct.unpack_from("<H", raw, at + 10)
        lengths = struct.unpack_from("<3H", raw, at + 28)
        (offset,) = struct.unpack_from("<I", raw, at + 42)
        end = at + _ENTRY_SIZE + sum(lengths)
        name = raw[at + _ENTRY_SIZE : at + _ENTRY_SIZE + lengths[0]].decode("utf-8", "replace")
        if offset >= directory or end > len(raw):
            return None
        found.append((raw[at:end], name, method, offset))
        at = end
    offsets = sorted({offset for _, _, _, offset in found})
    if len(found) != count or len(offsets) != count:  # members that share their bytes
        return None
    ends = dict(zip(offsets, [*offsets[1:], directory], strict=True))
    return [_Entry(entry, name, method, offset, ends[offset]) for entry, name, method, offset in found]


def _is_wanted(entry: _Entry, source: _Source) -> bool:
    """True if a member may be a program, or hold one, by its first bytes; a small one is not looked at."""
    size = entry.end - entry.offset
    if size <= _LARGE or entry.method not in (_STORED, _DEFLATED):
        return True
    begin = source.read(entry.offset, min(size, _LOCAL_SIZE + len(entry.raw) + 4 * HEAD))
    name, extra = struct.unpack_from("<2H", begin, 26)
    packed = begin[_LOCAL_SIZE + name + extra :]
    try:
        head = packed[:HEAD] if entry.method == _STORED else zlib.decompressobj(-15).decompress(packed, HEAD)
    except zlib.error:
        return True
    return len(head) < HEAD or bool(sniff(head)) or may_be_iso(head)


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges in order, those with small gaps between them as one."""
    joined: tuple[int, int] | None = None
    for start, end in ranges:
        if joined is not None and start - joined[1] <= _GAP:
            joined = joined[0], max(end, joined[1])
            continue
        if joined is not None:
            yield joined
        joined = start, end
    if joined is not None:
        yield joined


def _write_directory(copy: IO[bytes], entries: list[_Entry], size: int) -> None:
    """Write the directory of these members at the end, so that the copy has the size of the zip."""
    raw = b"".join(entry.raw for entry in entries)
    offset = size - _END_SIZE - len(raw)
    copy.seek(offset)
    copy.write(raw)
    copy.write(_END + struct.pack("<4H2IH", 0, 0, len(entries), len(entries), len(raw), offset, 0))
