"""Tar archives, packed or not, read as a stream."""

import tarfile
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from symver_pin.archives.member import Member
from symver_pin.archives.streams import decompressed
from symver_pin.errors import ArchiveError


def tar_members(stream: IO[bytes], archive: str) -> Iterator[Member]:
    """The regular files of a tar. What a sparse file leaves out is not made up: such a member cannot be read."""
    with tarfile.open(fileobj=decompressed(stream, archive), mode="r|") as opened:
        for entry in opened:
            if entry.isreg():
                yield Member(archive, entry.name, entry.size, partial(_content, opened, entry, archive))
            opened.members.clear()  # type: ignore[attr-defined]  # else a tar of a million files is a list of them


def _content(opened: tarfile.TarFile, entry: tarfile.TarInfo, archive: str) -> IO[bytes]:
    if entry.issparse():
        raise ArchiveError(f"{archive}: {entry.name} is stored as a sparse file; unpack the archive, name the folder")
    return cast(IO[bytes], opened.extractfile(entry))
