"""The part of libgcc that a kit replaces: arithmetic that libgcc chooses by the processor, with the help of the loader.

An older loader does not give that help. So the kit has an archive with the functions that work on every processor, and
``-lgcc`` finds a script that lists it in front of the compiler's own libgcc.a.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symver_pin.compat.archive import SOURCES, Member, archive_bytes, compile_and_split
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch

_SOURCE = "libgcc_float128.c"
_FUNCTION = b"\0__addkf3_sw\0"
"""A name in the index of a libgcc.a that has IFUNCs."""


def float128_archive(
    cc: Sequence[str], arch: Arch, target: Release, libgcc: Path, work: Path, timeout: float | None
) -> bytes | None:
    """The archive that links before ``libgcc`` for a target; None if none is needed. ``work`` is a folder for
    the object file, which is removed.

    Raises CompatError if the compiler fails.
    """
    since = arch.float128_choice_since
    if since is None or target >= since or _FUNCTION not in libgcc.read_bytes():
        return None
    names, splitter = compile_and_split(cc, arch, SOURCES / _SOURCE, work, timeout)
    return archive_bytes([Member(tuple(names), splitter.bundle({name: [name] for name in names}))])
