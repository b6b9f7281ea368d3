"""Tell from the first bytes of a file whether it is a program or library, an archive that may hold some, or neither."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from symver_pin.archives.kinds import HEAD, ISO_9660, is_sound, kind_of
from symver_pin.elf.constants import ET_DYN, ET_EXEC

_ELF_MAGIC, _ET_REL = b"\x7fELF", 1
_SCRIPT = b"#!"
_BOOT_SECTOR = b"\x55\xaa"
TAIL = 256
"""The number of bytes at the end of a script that tell whether it carries data."""
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\b\x1b") | {127}
"""Bytes that no text has. In 256 bytes of compressed data they are missing once in 10**12 times."""


def sniff(head: bytes) -> Literal["program", "archive", "fake", "script", ""]:
    """The kind of a file in a folder or an archive; ``head`` are its first ``archives.kinds.HEAD`` bytes.

    "program" is an ELF file that a loader can load, or a truncated one; "fake" begins like an archive and is none;
    "script" may carry an archive behind its text; "" is everything that is passed over.
    """
    if head.startswith(_ELF_MAGIC):
        return "program" if len(head) < 18 or _elf_type(head) in (ET_EXEC, ET_DYN) else ""
    if head.startswith(_SCRIPT):
        return "script"
    if not kind_of(head):
        return ""
    return "archive" if is_sound(head) else "fake"


def read_head(path: str | Path, flags: int = 0) -> bytes:
    """The first bytes of a file; ``flags`` are added to those of open(2). It never waits for a FIFO.

    Raises OSError, or ValueError for a zero byte in the name.
    """
    return read_ends(path, flags)[0]


def read_ends(path: str | Path, flags: int = 0) -> tuple[bytes, bytes]:
    """The first bytes of a file; and the last ones of a script, or what is where an ISO image has its magic number.

    Raises as ``read_head`` does.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | flags)
    try:
        head = os.read(descriptor, HEAD)
        if head.startswith(_SCRIPT):
            return head, os.pread(descriptor, TAIL, max(0, os.fstat(descriptor).st_size - TAIL))
        if may_be_iso(head):
            return head, os.pread(descriptor, len(ISO_9660.magic), ISO_9660.offset)
        return head, b""
    finally:
        os.close(descriptor)


def may_be_iso(head: bytes) -> bool:
    """True if a file that begins with these bytes is worth a look at the place of ``ISO_9660``'s magic number."""
    return len(head) == HEAD and (not head[:16].strip(b"\0") or head[510:512] == _BOOT_SECTOR)


def is_binary(tail: bytes) -> bool:
    """True if the last bytes of a script are no text: it carries data."""
    return not _CONTROLS.isdisjoint(tail)


def is_archive(head: bytes) -> bool:
    """True if a file that the user named may hold programs."""
    return kind_of(head) != ""


def is_object(head: bytes) -> bool:
    """True for an ELF object that is not linked yet (ET_REL)."""
    return head.startswith(_ELF_MAGIC) and _elf_type(head) == _ET_REL


def _elf_type(head: bytes) -> int:
    return int.from_bytes(head[16:18], "big" if head[5:6] == b"\2" else "little")
