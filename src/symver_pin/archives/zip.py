"""Zip archives: wheels, jars. The directory stands at the end, so the stream must be one that can seek."""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO

from symver_pin.archives.limits import Growth
from symver_pin.archives.member import Member


def zip_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The files of a zip. Reading one raises GrowthError when all that were read are too much for the zip's size."""
    growth = Growth(archive)
    # What an entry says it takes may be a lie, and entries may overlap: the whole archive is what everything came from.
    growth.packed(stream.seek(0, io.SEEK_END))
    with zipfile.ZipFile(stream) as opened:
        for entry in opened.infolist():
            # Not is_dir(), which stumbles over an empty name.
            if entry.filename and not entry.filename.endswith("/"):
                yield Member(archive, entry.filename, entry.file_size, partial(_content, opened, entry, growth))


def _content(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, growth: Growth) -> IO[bytes]:
    growth.unpacked(entry.file_size)
    return opened.open(entry)
