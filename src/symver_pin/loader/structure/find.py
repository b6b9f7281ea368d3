"""Find the faults in the structure of a file: the table of all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from symver_pin.elf.dynamic import Dynamic
from symver_pin.loader.structure.fault import Fault
from symver_pin.loader.structure.segments import check_segments
from symver_pin.loader.structure.tables import check_tables
from symver_pin.loader.structure.version_tables import check_version_tables
from symver_pin.loader.target_system import TargetSystem

CHECKS: tuple[Callable[[Dynamic, TargetSystem], Iterator[Fault]], ...] = (
    check_segments,
    check_tables,
    check_version_tables,
)


def find_faults(dynamic: Dynamic, system: TargetSystem) -> tuple[Fault, ...]:
    """The faults of a file. Raises ElfError when its tables cannot be read at all."""
    return tuple(fault for check in CHECKS for fault in check(dynamic, system))
