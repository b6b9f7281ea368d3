"""Zip archives: wheels, jars. The directory stands at the end, so the stream must be one that can seek."""

import zipfile
from collections.abc import Iterator
from typing import IO

from symver_pin.archives.limits import Growth
from symver_pin.archives.member import Member


def zip_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The files of a zip. Raises ArchiveError when what was read of them is too much for what they were packed in."""
    growth = Growth(archive)
    with zipfile.ZipFile(stream) as opened:
        for entry in opened.infolist():
            if not entry.filename or entry.filename.endswith("/"):  # not is_dir(), which stumbles over an empty name
                continue

            def start(entry: zipfile.ZipInfo = entry) -> IO[bytes]:
                growth.packed(entry.compress_size)
                growth.unpacked(entry.file_size)
                return opened.open(entry)

            yield Member(archive, entry.filename, entry.file_size, start)
