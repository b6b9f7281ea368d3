"""Zip archives: wheels, jars. The directory stands at the end, so the stream must be one that can seek."""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from symver_pin.archives.limits import MAX_DIRECTORY, Growth
from symver_pin.archives.member import Member
from symver_pin.errors import ArchiveError


def zip_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The files of a zip. Reading one raises GrowthError when all that were read are too much for the zip's size."""
    growth = Growth(archive)
    # What an entry says it takes may be a lie, and entries may overlap: the whole archive is what everything came from.
    growth.packed(stream.seek(0, io.SEEK_END))
    with zipfile.ZipFile(cast(IO[bytes], _Bounded(stream, archive))) as opened:
        for entry in opened.infolist():
            # Not is_dir(), which stumbles over an empty name.
            if entry.filename and not entry.filename.endswith("/"):
                yield Member(archive, entry.filename, entry.file_size, partial(_content, opened, entry, growth))


class _Bounded(io.RawIOBase):
    """A stream that is never read in larger pieces than a directory may have: ``zipfile`` reads that in one."""

    def __init__(self, stream: IO[bytes], archive: str) -> None:
        self._stream, self._archive = stream, archive

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1) -> bytes:
        """Raises ArchiveError for more than is believed."""
        if size > MAX_DIRECTORY:
            raise ArchiveError(f"{self._archive}: its directory claims {size} bytes, more than is believed")
        return self._stream.read(size)


def _content(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, growth: Growth) -> IO[bytes]:
    growth.unpacked(entry.file_size)
    return opened.open(entry)
