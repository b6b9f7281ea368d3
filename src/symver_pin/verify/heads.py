"""What the first bytes of a file say: something to judge, something to look into, or neither."""

from __future__ import annotations

import os

from symver_pin.archives.kinds import HEAD, kind_of
from symver_pin.elf.constants import ET_DYN, ET_EXEC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    What = Literal["program", "archive", ""]

_ELF, _ET_REL = b"\x7fELF", 1
#: How the names of compressed tars end. Any other compressed file in a folder or an archive is a manual page or a log.
_PACKED_TARS = (".tgz", ".tbz2", ".txz", ".tzst", ".crate")


def what_is(head: bytes, name: str) -> What:
    """What a file is that nobody named, of which these are the first ``archives.kinds.HEAD`` bytes: an ELF file that a
    loader loads (a truncated one may be), what may hold such files, or neither.
    """
    if head.startswith(_ELF):
        return "program" if len(head) < 18 or _elf_type(head) in (ET_EXEC, ET_DYN) else ""
    kind = kind_of(head)
    if kind == "packed tar":
        return "archive" if ".tar." in name or name.endswith(_PACKED_TARS) else ""
    return "archive" if kind else ""


def read_head(path: str, flags: int = 0) -> bytes:
    """The first bytes of a file, opened with more flags. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | flags)
    try:
        return os.read(descriptor, HEAD)
    finally:
        os.close(descriptor)


def is_archive(head: bytes) -> bool:
    """Whether what was named may hold programs."""
    return kind_of(head) != ""


def is_object(head: bytes) -> bool:
    """Whether they are those of an object that is yet to be linked."""
    return head.startswith(_ELF) and _elf_type(head) == _ET_REL


def _elf_type(head: bytes) -> int:
    order: Literal["big", "little"] = "big" if head[5:6] == b"\2" else "little"
    return int.from_bytes(head[16:18], order)
