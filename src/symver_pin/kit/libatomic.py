"""The part of libatomic that a kit replaces: functions that the static libatomic of aarch64 chooses by IFUNC.

An older loader does not apply it. So the kit has an archive with functions that work on every processor, which
``-latomic`` lists in front of the compiler's own libatomic.a.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from symver_pin.compat.archive import SOURCES, Member, archive_bytes, compile_and_split, known_options
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch

_SOURCE = "libatomic_aarch64.c"


def atomic_archive(cc: Sequence[str], arch: Arch, target: Release, work: Path, timeout: float | None) -> bytes | None:
    """The archive that links before libatomic.a for a target; None if none is needed. ``work`` is a folder for the
    object file, which is removed.

    Raises CompatError if the compiler fails.
    """
    since = arch.atomic_choice_since
    if since is None or target >= since:
        return None
    command = [*cc, *known_options(cc, arch, timeout)]
    names, splitter = compile_and_split(command, arch, SOURCES / _SOURCE, work, timeout)
    return archive_bytes([Member((name,), splitter.member(name, name)) for name in names])
