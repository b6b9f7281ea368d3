"""Tell from the first bytes of a file whether it is a program or library, an archive that may hold some, or neither."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from symver_pin.archives.kinds import HEAD, kind_of
from symver_pin.elf.constants import ET_DYN, ET_EXEC

_ELF_MAGIC, _ET_REL = b"\x7fELF", 1
_PACKED_TAR_SUFFIXES = (".tgz", ".tbz2", ".txz", ".tzst", ".crate")
"""How the names of compressed tars end. Other compressed files in folders and archives are manual pages and logs."""


def sniff(head: bytes, name: str) -> Literal["program", "archive", ""]:
    """The kind of a file in a folder or an archive; ``head`` are its first ``archives.kinds.HEAD`` bytes.

    "program" is an ELF file that a loader can load, or a truncated one; "" is everything that is passed over.
    """
    if head.startswith(_ELF_MAGIC):
        return "program" if len(head) < 18 or _elf_type(head) in (ET_EXEC, ET_DYN) else ""
    kind = kind_of(head)
    if kind == "packed tar":
        return "archive" if ".tar." in name or name.endswith(_PACKED_TAR_SUFFIXES) else ""
    return "archive" if kind else ""


def read_head(path: str | Path, flags: int = 0) -> bytes:
    """The first bytes of a file; ``flags`` are added to those of open(2). It never waits for a FIFO.

    Raises OSError, or ValueError for a zero byte in the name.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | flags)
    try:
        return os.read(descriptor, HEAD)
    finally:
        os.close(descriptor)


def is_archive(head: bytes) -> bool:
    """True if a file that the user named may hold programs."""
    return kind_of(head) != ""


def is_object(head: bytes) -> bool:
    """True for an ELF object that is not linked yet (ET_REL)."""
    return head.startswith(_ELF_MAGIC) and _elf_type(head) == _ET_REL


def _elf_type(head: bytes) -> int:
    return int.from_bytes(head[16:18], "big" if head[5:6] == b"\2" else "little")
