"""Faults of version tables: records of another format, version indexes without tables or beyond them.

The loader makes a table of nodes as long as the highest index of VERNEED and VERDEF (``_dl_check_map_versions`` of
glibc's elf/dl-version.c). ``.gnu.version`` leads into it unchecked: without DT_VERSYM, and without the table, the
look-up of a symbol reads from a null pointer; an index far beyond the table reads what happens to be there.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.constants import DT_VERSYM, STB_LOCAL, VERSYM_HIDDEN
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.relocations import symbol_numbers
from symver_pin.elf.version_records import CURRENT
from symver_pin.loader.structure.fault import Fault
from symver_pin.loader.target_system import TargetSystem

_KIND = "dynamic-section"
_FAR = 1000
"""An index that lies so far behind the table leads out of the memory that the loader has cleared."""


def check_version_tables(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    """The faults of a file's VERNEED, VERDEF and DT_VERSYM."""
    everything = system.everything
    if dynamic.need_record_version != CURRENT:
        detail = f"has a VERNEED record of version {dynamic.need_record_version}"
        yield Fault("version-record", detail, everything)
    indexes = [*(need.version_index for need in dynamic.needs), *(each.version_index for each in dynamic.definitions)]
    if indexes and DT_VERSYM not in dynamic.tags:
        yield Fault(_KIND, "has version records, and no DT_VERSYM", everything)
    elif DT_VERSYM in dynamic.tags:
        last = max(indexes, default=0) + _FAR if indexes else 0
        if max(dynamic.versions, default=0) <= last:
            return  # nearly all files
        used = [dynamic.versions[number] & ~VERSYM_HIDDEN for number in looked_up(dynamic)]
        if used and not indexes:
            yield Fault(_KIND, "has DT_VERSYM, and no version records", everything)
        elif max(used, default=0) > last:
            yield Fault(_KIND, f"has a symbol with the version index {max(used)}, which no record has", everything)


def looked_up(dynamic: Dynamic) -> list[int]:
    """The symbols that a relocation names and that are looked up: those that are neither local nor hidden."""
    infos, others = dynamic.infos, dynamic.others
    numbers = {number for number in symbol_numbers(dynamic) if 0 < number < len(infos)}
    return [number for number in numbers if infos[number] >> 4 != STB_LOCAL and others[number] & 3 == 0]
