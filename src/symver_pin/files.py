"""Write a file so that a reader never sees half of it.

A regular or new file is written under a temporary name in the same folder, then renamed. rename(2) is atomic within one
file system. If the process is killed at any moment, the old or the new file is there, perhaps with a temporary file
beside it. A symbolic link is followed: the file that it points to is replaced, not the link. An existing file keeps its
mode and owner.

A device, a FIFO or a socket cannot be replaced by a regular file without breaking its users (``/dev/full``, the pipe
that a shell creates for ``>(...)``). The data is written into it. The name of a file descriptor (``/dev/stdout``,
``/dev/fd/3``) is treated the same way, because the descriptor may be open for appending or another process may read it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from symver_pin.errors import OutputError

_MOST_LINKS = 40
"""The number of symbolic links that the kernel follows in one path (MAXSYMLINKS)."""

_NOT_REPLACEABLE = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})
"""Errors of rename(2), open(2) and fchown(2) for a file that can be written but not replaced: the folder is read-only,
the file belongs to another user, or it is a mount point (a single file of the host in a container)."""


def write_atomic(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write ``data``, whole or in pieces, to ``path``. A regular file is replaced in one step; any other kind of
    file is written into.

    A new file gets the mode 0666 minus the umask. Raises OutputError if the folder does not exist or cannot be written,
    if the disk is full, or if ``path`` is a folder. Raises BrokenPipeError if the reader of a pipe has closed it.
    """
    pieces = [data] if isinstance(data, bytes) else data
    try:
        descriptor = _descriptor_of(path)
        if descriptor is not None:
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                stream.writelines(pieces)
            return
        place = Path(os.path.realpath(path))
        found = _stat(place)
        if found is None:
            _replace(place, pieces, None)
        elif stat.S_ISREG(found.st_mode):
            try:
                _replace(place, pieces, found)
            except OSError as error:
                if error.errno not in _NOT_REPLACEABLE:
                    raise
                _write_into(place, pieces)
        else:
            _write_into(place, pieces)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _descriptor_of(path: Path) -> int | None:
    """The file descriptor that a path names, directly or through links (``/dev/stdout`` -> 1). None for other paths."""
    for _ in range(_MOST_LINKS):
        folder = path.parent.resolve()
        if folder == Path(f"/proc/{os.getpid()}/fd") and path.name.isdigit():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = folder / path.readlink()
    return None


def _stat(place: Path) -> os.stat_result | None:
    try:
        return place.stat()
    except FileNotFoundError:
        return None


def _replace(place: Path, pieces: Iterable[bytes], found: os.stat_result | None) -> None:
    """Replace ``place`` by a new file.

    ``found`` is the status of the old file, whose mode and owner the new one gets.
    """
    temporary = place.with_name(f".symver-pin-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if found is not None:
                os.fchown(descriptor, found.st_uid, found.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
            stream.writelines(pieces)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_into(place: Path, pieces: Iterable[bytes]) -> None:
    with place.open("wb") as stream:
        stream.writelines(pieces)
