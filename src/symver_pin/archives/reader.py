"""The members of an archive of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from symver_pin.archives.ar import deb_members, static_members
from symver_pin.archives.kinds import HEAD, kind_of, read_kind
from symver_pin.archives.member import Member, understood
from symver_pin.archives.rpm import rpm_members
from symver_pin.archives.streams import mapped
from symver_pin.archives.tar import tar_members
from symver_pin.archives.zip import zip_members
from symver_pin.errors import ArchiveError

if TYPE_CHECKING:
    from symver_pin.archives.kinds import Kind

_READERS: dict[Kind, Callable[[IO[bytes], str], Iterator[Member]]] = {
    "deb": deb_members,
    "static": static_members,
    "rpm": rpm_members,
    "zip": zip_members,
    "tar": tar_members,
    "packed tar": tar_members,
}


def is_archive(path: Path) -> bool:
    """Whether a file's first bytes are those of an archive that ``members`` reads (an ELF file's are not)."""
    return read_kind(path) != ""


def members(source: Path | IO[bytes], name: str = "") -> Iterator[Member]:
    """Every regular file of an archive, in its order; of a path, or of a stream that can seek, called ``name``.

    Raises ArchiveError, naming the archive and what is wrong, for one that is truncated, broken or of no known kind.
    """
    name = name or str(source)
    with understood(name):
        if isinstance(source, Path):
            with source.open("rb") as stream:
                yield from _members(stream, name)
        else:
            yield from _members(source, name)


def _members(stream: IO[bytes], name: str) -> Iterator[Member]:
    head = stream.read(HEAD)
    stream.seek(0)
    kind = kind_of(head)
    reader = _READERS.get(kind)
    if reader is None:
        raise ArchiveError(f"{name}: no archive of a known kind (.deb, .rpm, .tar, .zip, .whl, .a)")
    # The objects of a static archive lie in it as they are, and most of their bytes are never looked at.
    yield from reader(mapped(stream) if kind == "static" else stream, name)
