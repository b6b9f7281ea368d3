"""Zip archives (wheels and jars are zip archives), read with the standard library's ``zipfile``.

A zip archive ends with its central directory, which has an entry for each member, and with the end of central directory
record, which states where the central directory is and how large it is. So the stream must be one that can seek.

``zipfile`` reads the whole central directory and keeps an object for each entry. Before it reads a central directory
above ``MAX_DIRECTORY``, ``_LimitedStream`` refuses the archive.
"""

import bz2
import copy
import io
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from symver_pin.archives.limits import MAX_DIRECTORY, Allowance, Growth
from symver_pin.archives.member import Member
from symver_pin.errors import NotJudgedError

_ENCRYPTED = 1
"""The bit of an entry's flags that marks an encrypted member."""
_LEAST_READ = 4096
"""The number of compressed bytes that ``zipfile`` reads at least."""


def zip_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the files of a zip archive; directories, and entries without a name, are left out.

    Raises NotJudgedError for a central directory above the limit, and what ``zipfile`` raises for a broken archive.
    Reading a member raises GrowthError when the members that were read are too large for the size of the archive.
    """
    growth = Growth(archive, allowance)
    # The packed size in an entry may be wrong, and members may overlap; the size of the whole archive is certain.
    growth.packed(stream.seek(0, io.SEEK_END))
    with zipfile.ZipFile(cast(IO[bytes], _LimitedStream(stream, archive))) as opened:
        entries = opened.infolist()
        entries.reverse()
        opened.NameToInfo.clear()
        while entries:  # an entry's memory is free before the next members take theirs
            entry = entries.pop()
            if entry.filename and not entry.filename.endswith("/"):
                yield Member(archive, entry.filename, entry.file_size, partial(_open, opened, entry, growth))


class _LimitedStream:
    """The stream of a zip archive for ``zipfile``, which refuses to read a central directory above the limit.

    ``zipfile`` reads the central directory with one call of ``read``, whose size is the one that the end of central
    directory record states, or the ZIP64 one. All its other reads are far smaller than the limit.

    An archive can contain several end of central directory records. This check applies to the one that ``zipfile``
    uses; a search of our own could find another one.
    """

    def __init__(self, stream: IO[bytes], archive: str) -> None:
        self._read, self._archive = stream.read, archive
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Reads as ``stream.read`` does. Raises NotJudgedError for a size above the limit."""
        if size > MAX_DIRECTORY:
            reason = f"central directory is {size} bytes; the limit is {MAX_DIRECTORY >> 20} MiB"
            raise NotJudgedError(self._archive, reason, "unpack it yourself if you trust it, and name the folder")
        return self._read(size)


def _open(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, growth: Growth) -> IO[bytes]:
    """Returns the content of a member as a stream. Raises GrowthError, and what ``ZipFile.open`` raises.

    ``zipfile`` unpacks a deflated member only as far as the caller reads. It unpacks a member in bzip2 or LZMA by whole
    reads of at least 4 KB, and 4 KB can unpack to 5 GB of bzip2 or 30 MB of LZMA. So the module ``bz2`` unpacks bzip2,
    and LZMA is read 4 KB at a time.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise RuntimeError("the member is encrypted")
    growth.unpacked(entry.file_size)
    if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return opened.open(entry)
    if entry.compress_type == zipfile.ZIP_LZMA:
        return cast(IO[bytes], _ShortReads(opened.open(entry)))
    if entry.compress_type == zipfile.ZIP_BZIP2:
        return cast(IO[bytes], _Checked(bz2.BZ2File(_open_packed(opened, entry)), entry))
    raise NotImplementedError(f"compression method {entry.compress_type} is not supported")


class _ShortReads:
    """A member's stream that reads at most 4 KB at once."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Returns the next bytes, at most ``size`` and at most 4 KB."""
        return self._stream.read(min(size, _LEAST_READ))


def _open_packed(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """Returns the compressed bytes of a member as a stream: ``zipfile`` reads it as a stored member."""
    packed = copy.copy(entry)
    packed.compress_type, packed.file_size = zipfile.ZIP_STORED, entry.compress_size
    del packed.CRC  # it is that of the content; ``zipfile`` checks none then
    return opened.open(packed)


class _Checked:
    """The unpacked content of a member, whose CRC-32 is checked at its end, as ``zipfile`` does."""

    def __init__(self, content: bz2.BZ2File, entry: zipfile.ZipInfo) -> None:
        self._content, self._left, self._expected = content, entry.file_size, entry.CRC
        self._crc = 0

    def read(self, size: int) -> bytes:
        """Returns the next ``size`` bytes. Raises BadZipFile when the content has another CRC-32 than the entry."""
        data = self._content.read(size)
        self._crc = zlib.crc32(data, self._crc)
        self._left -= len(data)
        if self._left <= 0 and self._crc != self._expected:
            raise zipfile.BadZipFile("Bad CRC-32")
        return data
