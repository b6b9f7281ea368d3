"""Reads an archive of any kind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from symver_pin.archives.ar import deb_members, static_members
from symver_pin.archives.kinds import HEAD, kind_of, read_kind
from symver_pin.archives.member import Member, archive_errors
from symver_pin.archives.rpm import rpm_members
from symver_pin.archives.streams import mapped
from symver_pin.archives.tar import tar_members
from symver_pin.archives.zip import zip_members
from symver_pin.errors import ArchiveError

_READERS: dict[str, Callable[[IO[bytes], str], Iterator[Member]]] = {
    "deb": deb_members,
    "static": static_members,
    "rpm": rpm_members,
    "zip": zip_members,
    "tar": tar_members,
    "packed tar": tar_members,
}
"""The reader for each kind that ``kind_of`` returns."""


def is_archive(path: Path) -> bool:
    """Whether a file begins as an archive that ``members`` reads. Raises OSError when the file cannot be read."""
    return read_kind(path) != ""


def members(source: Path | IO[bytes], name: str = "") -> Iterator[Member]:
    """Yields every regular file of an archive, in the archive's order.

    ``source`` is a path, or a stream that can seek. ``name`` is the archive's name in errors. Raises ArchiveError when
    the archive is truncated, broken or of no known kind.
    """
    name = name or str(source)
    with archive_errors(name):
        if isinstance(source, Path):
            with source.open("rb") as stream:
                yield from _members(stream, name)
        else:
            yield from _members(source, name)


def _members(stream: IO[bytes], name: str) -> Iterator[Member]:
    head = stream.read(HEAD)
    stream.seek(0)
    kind = kind_of(head)
    read_members = _READERS.get(kind)
    if read_members is None:
        raise ArchiveError(f"{name}: not an archive of a known kind (.deb, .rpm, .tar, .zip, .whl, .a)")
    # The objects in a static archive are not compressed, and most of their bytes are never read: no copy is made.
    yield from read_members(mapped(stream) if kind == "static" else stream, name)
