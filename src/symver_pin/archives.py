"""Files inside packages and archives, one after the other, without unpacking anything to disk.

* ``.deb``: an ``ar`` file; the payload is its member ``data.tar.*`` (deb(5)).
* ``.rpm``: a lead of 96 bytes, two header structures, then a compressed cpio archive (RPM's file format, version 3/4).
* ``.tar`` in any compression; ``.zip`` (``.whl``, ``.jar``).

The kind is told by the first bytes, not by the name. What a member claims is checked against limits before it is read,
so that a bomb or a broken size ends in an ArchiveError instead of in memory.
"""

import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from symver_pin.errors import ArchiveError

#: A shared library beyond this is no system library; a claim beyond it is not believed.
MAX_MEMBER = 1 << 30
_AR_MAGIC, _RPM_MAGIC, _CPIO_MAGIC = b"!<arch>\n", b"\xed\xab\xee\xdb", (b"070701", b"070702")
_AR_HEADER = 60
_RPM_HEADER_MAGIC = b"\x8e\xad\xe8"


class Member(NamedTuple):
    """One regular file of an archive."""

    name: str
    data: bytes


def is_archive(path: Path) -> bool:
    """Whether a file's first bytes are those of an archive that ``members`` reads (an ELF file's are not)."""
    with path.open("rb") as stream:
        head = stream.read(265)
    return _kind(head) != ""


def _kind(head: bytes) -> str:
    if head.startswith(_AR_MAGIC):
        return "deb"
    if head.startswith(_RPM_MAGIC):
        return "rpm"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head[257:262] == b"ustar" or _compression(head):
        return "tar"
    return ""


def _compression(head: bytes) -> str:
    magics = {"gz": b"\x1f\x8b", "xz": b"\xfd7zXZ\0", "bz2": b"BZh", "zst": b"\x28\xb5\x2f\xfd", "lzma": b"\x5d\0\0"}
    return next((name for name, magic in magics.items() if head.startswith(magic)), "")


def members(path: Path) -> Iterator[Member]:
    """Every regular file of an archive, in its order.

    Raises ArchiveError, naming the file and what is wrong, for one that is truncated, broken or of no known kind.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(265)
            stream.seek(0)
            reader = {"deb": _deb, "rpm": _rpm, "zip": _zip, "tar": _tar}.get(_kind(head))
            if reader is None:
                raise ArchiveError(f"{path}: no archive of a known kind (.deb, .rpm, .tar, .zip, .whl)")
            yield from reader(stream, str(path))
    except (EOFError, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, struct.error, ValueError) as error:
        raise ArchiveError(f"{path}: broken or truncated archive: {error}") from error
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror or error}") from error


def static_members(path: Path) -> Iterator[Member]:
    """Every object of a static library (``.a``, ``.rlib``), under the name in its header, which may be cut short.

    Raises ArchiveError, naming the file and the offset, for one that is truncated or broken.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(len(_AR_MAGIC)) != _AR_MAGIC:
                raise ArchiveError(f"{path}: no static library; build it again")
            for name, size in _ar_members(stream, str(path)):
                yield Member(name, _exactly(stream, size, f"{path}: {name}"))
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror or error}") from error


def _deb(stream: IO[bytes], name: str) -> Iterator[Member]:
    for member, size in _ar_members(stream, name):
        if member.startswith("data.tar"):
            yield from _tar(io.BytesIO(_exactly(stream, size, f"{name}: data.tar")), name)
            return
    raise ArchiveError(f"{name}: no data.tar member: not a whole Debian package")


def _ar_members(stream: IO[bytes], name: str) -> Iterator[tuple[str, int]]:
    """The name and size of each member of an ``ar`` file; the stream then stands at the member's first byte."""
    position = len(_AR_MAGIC)
    while True:
        stream.seek(position)
        header = stream.read(_AR_HEADER)
        if not header:
            return
        if len(header) < _AR_HEADER or header[58:60] != b"`\n" or not header[48:58].strip().isdigit():
            raise ArchiveError(f"{name}: no archive member at offset {position}: truncated or broken")
        size = int(header[48:58])
        yield header[:16].decode("ascii", "replace").rstrip(" /"), size
        position += _AR_HEADER + size + size % 2


def _exactly(stream: IO[bytes], size: int, what: str) -> bytes:
    if size > MAX_MEMBER:
        raise ArchiveError(f"{what}: claims {size} bytes, more than is believed")
    data = stream.read(size)
    if len(data) != size:
        raise ArchiveError(f"{what}: {size} bytes announced, {len(data)} there: truncated")
    return data


def _tar(stream: IO[bytes], name: str) -> Iterator[Member]:
    with tarfile.open(fileobj=_decompressed(stream), mode="r|") as archive:
        for entry in archive:
            if entry.isreg():
                if entry.size > MAX_MEMBER:
                    raise ArchiveError(f"{name}: {entry.name} claims {entry.size} bytes, more than is believed")
                content = archive.extractfile(entry)
                yield Member(entry.name, content.read() if content else b"")


def _decompressed(stream: IO[bytes]) -> IO[bytes]:
    """The stream, decompressed by what its first bytes say."""
    head = stream.read(6)
    stream.seek(-len(head), io.SEEK_CUR)
    kind = _compression(head)
    if kind == "gz":
        import gzip

        return cast(IO[bytes], gzip.GzipFile(fileobj=stream))
    if kind in ("xz", "lzma"):
        return lzma.LZMAFile(stream)
    if kind == "bz2":
        import bz2

        return bz2.BZ2File(stream)
    if kind == "zst":
        try:
            import zstandard
        except ImportError:
            raise ArchiveError("zstd compression needs the Python package zstandard; pip install zstandard") from None
        reader: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return reader
    return stream


def _zip(stream: IO[bytes], name: str) -> Iterator[Member]:
    with zipfile.ZipFile(stream) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            if entry.file_size > MAX_MEMBER:
                raise ArchiveError(f"{name}: {entry.filename} claims {entry.file_size} bytes, more than is believed")
            with archive.open(entry) as content:
                yield Member(entry.filename, content.read(entry.file_size))


def _rpm(stream: IO[bytes], name: str) -> Iterator[Member]:
    stream.seek(96)
    for padded in (True, False):  # the signature header is padded to 8 bytes, the main header is not
        intro = stream.read(16)
        if intro[:3] != _RPM_HEADER_MAGIC:
            raise ArchiveError(f"{name}: broken RPM header at offset {stream.tell() - len(intro)}")
        entries, size = struct.unpack(">II", intro[8:16])
        stream.seek(entries * 16 + size, io.SEEK_CUR)
        if padded:
            stream.seek(-stream.tell() % 8, io.SEEK_CUR)
    yield from _cpio(_decompressed(stream), name)


def _cpio(stream: IO[bytes], name: str) -> Iterator[Member]:
    """The "newc" format: 110 bytes of hexadecimal fields, the name, the data, each padded to 4 bytes."""
    while True:
        header = stream.read(110)
        if header[:6] not in _CPIO_MAGIC:
            raise ArchiveError(f"{name}: broken cpio header in the payload")
        mode, size, name_size = (int(header[at : at + 8], 16) for at in (14, 54, 94))
        entry = _exactly(stream, name_size + -(110 + name_size) % 4, f"{name}: cpio name")
        entry_name = entry[: name_size - 1].decode("utf-8", "replace")
        if entry_name == "TRAILER!!!":
            return
        data = _exactly(stream, size, f"{name}: {entry_name}")
        stream.read(-size % 4)
        if mode & 0o170000 == 0o100000:
            yield Member(entry_name, data)
