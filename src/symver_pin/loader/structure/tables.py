"""Faults of the dynamic section: sizes that a loader asserts, relocations that it does not know, no hash table.

Sources: ``elf_get_dynamic_info`` (elf/get-dynamic-info.h), ``elf_dynamic_do_Rela`` (elf/do-rel.h), the
``elf_machine_rela`` of each architecture, ``do_lookup_x`` (elf/dl-lookup.c) of glibc.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.constants import (
    DT_BIND_NOW,
    DT_FLAGS,
    DT_FLAGS_1,
    DT_GNU_HASH,
    DT_HASH,
    DT_JMPREL,
    DT_PLTREL,
    DT_PLTRELSZ,
    DT_REL,
    DT_RELA,
    DT_RELAENT,
    DT_RELASZ,
    DT_RELSZ,
    DT_STRTAB,
    DT_SYMTAB,
    EM_MIPS,
)
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.relocations import counted_relative_types
from symver_pin.glibc.release import Release
from symver_pin.loader.structure.fault import Fault
from symver_pin.loader.structure.version_tables import looked_up
from symver_pin.loader.target_system import TargetSystem

_RELA_SIZE = 24
_DF_BIND_NOW, _DF_1_NOW = 8, 1
_JOINS_SINCE, _JOINS_UNTIL = Release(2, 16), Release(2, 23)
"""The first release that takes the relocations of the PLT from behind the others, and the first one that does not."""
_KIND = "dynamic-section"
_REQUIRED = (
    (DT_STRTAB, "DT_STRTAB", None),
    (DT_SYMTAB, "DT_SYMTAB", None),
    (DT_RELASZ, "DT_RELASZ", DT_RELA),
    (DT_RELA, "DT_RELA", DT_RELASZ),
    (DT_PLTRELSZ, "DT_PLTRELSZ", DT_JMPREL),
    (DT_JMPREL, "DT_JMPREL", DT_PLTRELSZ),
    (DT_PLTREL, "DT_PLTREL", DT_JMPREL),
)
"""(tag, its name, the tag that makes the loader read it; None for every file)."""


def check_tables(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    """The faults of a file's dynamic section and relocations."""
    tags, everything = dynamic.tags, system.everything
    if not tags:
        yield Fault(_KIND, "has no dynamic section", everything)
        return
    absent = [
        name for tag, name, needed_by in _REQUIRED if tag not in tags and (needed_by is None or needed_by in tags)
    ]
    if absent:
        yield Fault(_KIND, f"has no {absent[0]}", everything)
        return
    if dynamic.image.bits == 64 and dynamic.image.machine != EM_MIPS:
        if DT_RELA in tags and tags.get(DT_RELAENT) != _RELA_SIZE:
            yield Fault(_KIND, f"has a DT_RELAENT that is not {_RELA_SIZE}", everything)
            return
        if tags.get(DT_PLTREL, DT_RELA) != DT_RELA:
            yield Fault(_KIND, "has a DT_PLTREL that is not DT_RELA", everything)
            return
    yield from _check_relocations(dynamic, system)
    yield from _check_plt(dynamic, system)
    yield from _check_lookups(dynamic, system)


def _check_relocations(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    known = system.arch.relocations
    if known is None:
        return
    types, applied = dynamic.relocation_types, known.applied()
    for kind in sorted(types - applied):
        yield Fault("relocation-type", f"{kind:#x}", system.everything)
    for kind, since in known.since:
        if kind in types:
            yield Fault("relocation-type", f"{kind:#x}", system.axis.before(since))
    if counted_relative_types(dynamic) - set(known.relative):
        yield Fault(_KIND, "has a DT_RELACOUNT that counts other relocations than relative ones", system.everything)


def _check_plt(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    """A file that binds at once, whose relocations of the PLT do not follow the others. Loaders of some releases read
    them from there, wherever DT_JMPREL is (``_ELF_DYNAMIC_DO_RELOC``, elf/dynamic-link.h).
    """
    tags = dynamic.tags
    binds_at_once = DT_BIND_NOW in tags or tags.get(DT_FLAGS, 0) & _DF_BIND_NOW or tags.get(DT_FLAGS_1, 0) & _DF_1_NOW
    place, size = (DT_RELA, DT_RELASZ) if tags.get(DT_PLTREL) == DT_RELA else (DT_REL, DT_RELSZ)
    end, length = tags.get(place, 0) + tags.get(size, 0), tags.get(DT_PLTRELSZ, 0)
    if not binds_at_once or not length or not tags.get(size) or tags[DT_JMPREL] in (end, end - length):
        return
    releases = system.axis.before(_JOINS_UNTIL) & ~system.axis.before(_JOINS_SINCE)
    yield Fault(_KIND, "binds at once, and its DT_JMPREL does not follow its other relocations", releases)


def _check_lookups(dynamic: Dynamic, system: TargetSystem) -> Iterator[Fault]:
    """A file without a hash table whose relocations name symbols that it defines: no look-up finds them."""
    tags = dynamic.tags
    if DT_HASH not in tags and DT_GNU_HASH not in tags:
        low, high = dynamic.sections
        own = [number for number in looked_up(dynamic) if low[number] or high[number]]
        if own:
            yield Fault(_KIND, "has no hash table, so that its own symbols are not found", system.everything)
