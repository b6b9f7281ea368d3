"""Bring one package to the local disk, in bounded memory: a zip in parts, anything else as a stream."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from symver_pin.archives.kinds import HEAD, kind_of
from symver_pin.fleet.remote import Facts, FetchError, reason_of
from symver_pin.fleet.zip_parts import SMALLEST, Copied, copy_parts

_PIECE = 1 << 20


class Fetched(NamedTuple):
    """A package on the local disk."""

    size: int
    """Bytes where it is stored."""
    fetched: int
    """Bytes that were read of it."""
    unread: int
    """Members of a zip that were passed over by their names."""
    sha256: str | None
    """None for a zip of which only parts were read."""


def digest_of(path: Path) -> str:
    """The SHA-256 of a file. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def fetch(files: Any, path: str, facts: Facts, into: Path, reads_all: bool) -> Fetched:
    """Copy what a verification reads of ``path``, in the file system ``files``, to the file ``into``.

    ``reads_all``: a zip is copied whole, too. Raises FetchError when it cannot be read, or there is no room for it.
    """
    try:
        copied = _copy_zip(files, path, facts, into, reads_all)
        if copied.is_enough:
            return Fetched(facts.size or 0, copied.fetched, copied.unread, None)
        files.get_file(path, str(into))
        size = into.stat().st_size
    except Exception as error:  # each file system has exceptions of its own
        if isinstance(error, MemoryError):
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise FetchError(f"{path}: no room for a copy on the worker's disk") from error
        raise FetchError(f"{path}: {reason_of(error)}") from error
    if facts.size is not None and size != facts.size:
        raise FetchError(f"{path}: {size} of {facts.size} bytes came")
    return Fetched(size, copied.fetched + size, 0, digest_of(into))


def _copy_zip(files: Any, path: str, facts: Facts, into: Path, reads_all: bool) -> Copied:
    """Copy the parts of a large zip, unless it must be copied whole."""
    if reads_all or not facts.has_ranges or facts.size is None or facts.size < SMALLEST:
        return Copied(0, 0, is_enough=False)
    with files.open(path, "rb", block_size=_PIECE, cache_type="none", size=facts.size) as stream:
        try:
            head = stream.read(HEAD)
            if kind_of(head) == "zip":
                return copy_parts(stream, facts.size, head, into)
        except ValueError:  # the server does not know ranges
            return Copied(0, 0, is_enough=False)
    return Copied(len(head), 0, is_enough=False)
