"""Write a file so that a reader never sees half of it, wherever the name leads.

A regular file, or a new one, is written beside its place under a temporary name and renamed: rename(2) is atomic within
one file system, so a kill at any moment leaves either the old file, the new one, or a stray temporary name. A symbolic
link is followed: the file that it names is replaced, not the link. The mode and owner of a file that is there stay.

A device, a FIFO or a socket cannot be replaced without breaking what it stands for (``/dev/full``, a pipe that a shell
made for ``>(...)``), so it is written into. So is a file descriptor by its name (``/dev/stdout``, ``/dev/fd/3``), which
may be open for appending or have a reader that holds it.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from symver_pin.errors import OutputError

_MOST_LINKS = 40
"""Links that the kernel follows in one path (MAXSYMLINKS)."""

_NOT_REPLACEABLE = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})
"""Errors of a file that may be written but not replaced: its folder is read-only or its owner is another user, or it is
a mount point (a single file of the host in a container)."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` to the file ``path``: a regular file is replaced in one step, anything else is written into.

    A new file gets the mode that the umask leaves of 0666. Raises OutputError when the folder does not exist or cannot
    be written, the disk is full, or ``path`` is a folder; BrokenPipeError when the reader of a pipe has gone.
    """
    try:
        descriptor = _descriptor_of(path)
        if descriptor is not None:
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                stream.write(data)
            return
        place = Path(os.path.realpath(path))
        found = _stat(place)
        if found is None:
            _replace(place, data, None)
        elif stat.S_ISREG(found.st_mode):
            try:
                _replace(place, data, found)
            except OSError as error:
                if error.errno not in _NOT_REPLACEABLE:
                    raise
                _write_into(place, data)
        else:
            _write_into(place, data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _descriptor_of(path: Path) -> int | None:
    """The number of the file descriptor that a path names, directly or by links, as "/dev/stdout" does; else None."""
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


def _replace(place: Path, data: bytes, found: os.stat_result | None) -> None:
    """Rename a new file to ``place``, with the mode and owner of the one that was ``found`` there."""
    temporary = place.with_name(f".symver-pin-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if found is not None:
                os.fchown(descriptor, found.st_uid, found.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
            stream.write(data)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_into(place: Path, data: bytes) -> None:
    with place.open("wb") as stream:
        stream.write(data)
