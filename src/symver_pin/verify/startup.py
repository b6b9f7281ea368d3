"""The fault that no loader reports: a program that starts on the old system with its constructors left out.

Who runs a program's own DT_INIT and DT_INIT_ARRAY? Never the loader (it runs those of libraries, and DT_PREINIT_ARRAY).
Up to glibc 2.33, ``__libc_start_main`` calls the ``init`` function that ``_start`` gives it: ``__libc_csu_init``, part
of each program. From 2.34 on crt1.o gives NULL, and the new ``__libc_start_main@GLIBC_2.34`` walks the arrays itself.
The new function under its old version node accepts both kinds; the old function takes NULL for "nothing to run".

So a ``_start`` of 2.34 or later bound to the old node loads on an old system and silently skips every C++ static
constructor and every ``.init_array`` entry. Destructors are not touched: the loader's own exit handler runs them.

A program built with the link kit is sound: its ``_start`` calls a ``__libc_start_main`` inside of the program, which
gives the old one a real ``init``.
"""

from __future__ import annotations

from symver_pin.elf.constants import DT_INIT, DT_INIT_ARRAY, DT_INIT_ARRAYSZ
from symver_pin.elf.relocations import relocations_within
from symver_pin.errors import ElfError
from symver_pin.verify.knowledge import START
from symver_pin.verify.machines import MACHINES
from symver_pin.verify.problems import Problem
from symver_pin.verify.scope import LIBC
from symver_pin.verify.versions import NEW_START_NODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from symver_pin.verify.knowledge import Knowledge
    from symver_pin.verify.machine_code import Machine
    from symver_pin.verify.objects import Object


def check_start(file: Object, knowledge: Knowledge) -> Iterator[Problem]:
    """The start-up fault of an executable that imports an old ``__libc_start_main``, before the new one's release."""
    imported = next(found for found in file.imports() if found.name == START)
    axis = knowledge.glibc.axis
    first = axis.first(knowledge.glibc.has_symbol(LIBC, START.encode(), NEW_START_NODE))
    if first is None:
        return  # An architecture that is younger than the change.
    machine = MACHINES.get(file.arch.name)
    if not has_constructors(file, machine):
        return
    known = None if machine is None else passes_null_init(file, machine, imported.number)
    if known is None:
        yield Problem("unjudged-start-up", file, axis.before(first), LIBC, imported.version, (imported,))
    elif known:
        yield Problem("constructors-not-run", file, axis.before(first), LIBC, imported.version, (imported,))


def passes_null_init(file: Object, machine: Machine, imported: int) -> bool | None:
    """Whether ``_start`` calls the imported function (a symbol number) with no ``init``; None for unknown code."""
    start = machine.read_start(file.image)
    if start is None:
        return None
    if not start.init_is_null:
        return False
    slot = start.slot
    if start.function is not None:
        slot = machine.jump_slot(file.image, start.function)
    if slot is None:
        return False  # A function of the program itself stands between.
    return any(relocation.symbol == imported for relocation in relocations_within(file.dynamic, slot, slot + 1))


def has_constructors(file: Object, machine: Machine | None) -> bool:
    """Whether the program has anything to run before main, beyond what every compiler puts there and does nothing."""
    address = file.dynamic.value(DT_INIT)
    if address is not None and machine is not None and not machine.is_bare_init(file.image, address):
        return True
    entries = constructor_addresses(file)
    if machine is None:
        return len(entries) > 1
    return any(not machine.is_idle(file.image, entry) for entry in entries)


def constructor_addresses(file: Object) -> list[int]:
    """The addresses in DT_INIT_ARRAY: what a relocation with an addend writes there, else what the file has there."""
    address, size = file.dynamic.value(DT_INIT_ARRAY), file.dynamic.value(DT_INIT_ARRAYSZ)
    image = file.image
    word = image.bits // 8
    if address is None or not size:
        return []
    if size > len(image.data):
        raise ElfError(f"{image.name}: DT_INIT_ARRAYSZ {size:#x} is larger than the file: broken")
    stored = image.unpack(f"{size // word}{image.word}", image.offset_of(address, "DT_INIT_ARRAY"), "DT_INIT_ARRAY")
    written = {
        relocation.address: relocation.addend
        for relocation in relocations_within(file.dynamic, address, address + size)
        if relocation.addend
    }
    return [written.get(address + position * word, value) for position, value in enumerate(stored)]
