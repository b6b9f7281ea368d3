"""Reads an archive of any kind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol, cast

from symver_pin.archives.ar import deb_members, static_members
from symver_pin.archives.cpio import cpio_members, skip_zeros
from symver_pin.archives.frozen import frozen_members
from symver_pin.archives.kinds import HEAD, kind_of, read_kind, title_of, unread_of
from symver_pin.archives.limits import MAX_PADDING, Allowance
from symver_pin.archives.member import Member, archive_errors
from symver_pin.archives.packed import packed_members
from symver_pin.archives.rpm import rpm_members
from symver_pin.archives.squashfs import squashfs_members
from symver_pin.archives.streams import Slice, mapped
from symver_pin.archives.tar import plain_tar_members
from symver_pin.archives.zip import zip_members
from symver_pin.errors import ArchiveError, NotJudgedError


class Reader(Protocol):
    """Yields the members of an archive: ``stream`` is the archive, ``archive`` its name in errors; archives inside of
    each other share an ``allowance``.
    """

    def __call__(self, stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
        """Yields the members."""


def _cpio_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Yields the files of cpio archives one after the other. The last one may be compressed."""
    while True:
        yield from cpio_members(stream, archive)
        rest = skip_zeros(stream, MAX_PADDING)
        if not rest:
            return
        start = stream.tell() - len(rest)
        stream.seek(start)
        kind = kind_of(stream.read(HEAD))
        if kind == "packed":
            left = Slice(stream, start, stream.seek(0, io.SEEK_END) - start)
            yield from packed_members(cast(IO[bytes], left), archive, allowance)
            return
        if kind != "cpio":
            reason = f"data of an unknown kind behind the cpio archive, at offset {start:#x}"
            raise NotJudgedError(archive, reason, "unpack it, and name the folder")
        stream.seek(start)


def _unread_members(stream: IO[bytes], archive: str, allowance: Allowance | None = None) -> Iterator[Member]:
    """Raises NotJudgedError: the format is not read here."""
    del allowance
    head = stream.read(HEAD)
    row = unread_of(head)
    advice = "unpack it, and name the folder" if row is None else row.advice
    raise NotJudgedError(archive, f"{title_of(head)}, which cannot be read", advice)
    yield


_READERS: dict[str, Reader] = {
    "deb": deb_members,
    "static": static_members,
    "rpm": rpm_members,
    "zip": zip_members,
    "tar": plain_tar_members,
    "cpio": _cpio_members,
    "squashfs": squashfs_members,
    "frozen": frozen_members,
    "packed": packed_members,
    "unread": _unread_members,
}
"""The reader for each kind that ``kind_of`` returns; and ``frozen``, which is found from its end."""


def is_archive(path: Path) -> bool:
    """Whether a file begins as an archive that ``members`` reads. Raises OSError when the file cannot be read."""
    return read_kind(path) not in ("", "unread")


def members(
    source: Path | IO[bytes], name: str = "", kind: str = "", allowance: Allowance | None = None
) -> Iterator[Member]:
    """Yields every regular file of an archive, in the archive's order.

    ``source`` is a path, or a stream that can seek. ``name`` is the archive's name in errors. ``kind`` is what
    ``kind_of`` returns, or ``frozen``; without it the first bytes tell. Raises ArchiveError when the archive is
    truncated, broken or of no known kind, NotJudgedError when it cannot be looked into.
    """
    name = name or str(source)
    with archive_errors(name):
        if isinstance(source, Path):
            with source.open("rb") as stream:
                yield from _members(stream, name, kind, allowance)
        else:
            yield from _members(source, name, kind, allowance)


def _members(stream: IO[bytes], name: str, kind: str, allowance: Allowance | None) -> Iterator[Member]:
    if not kind:
        kind = kind_of(stream.read(HEAD))
        stream.seek(0)
    read_members = _READERS.get(kind)
    if read_members is None:
        raise ArchiveError(f"{name}: not an archive of a known kind (.deb, .rpm, .tar, .zip, .whl, .a)")
    # The objects in a static archive are not compressed, and most of their bytes are never read: no copy is made.
    yield from read_members(mapped(stream) if kind == "static" else stream, name, allowance)
