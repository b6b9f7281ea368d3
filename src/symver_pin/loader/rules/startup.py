"""Rule: a program's constructors must run. No loader reports this fault: the program starts without them.

Who runs a program's own DT_INIT and DT_INIT_ARRAY? Never the loader (it runs those of libraries, and DT_PREINIT_ARRAY).
Up to glibc 2.33, ``__libc_start_main`` calls the ``init`` function that ``_start`` gives it: ``__libc_csu_init``, part
of each program. From 2.34 on crt1.o gives NULL, and the new ``__libc_start_main@GLIBC_2.34`` walks the arrays itself.
The new function under its old version node accepts both kinds; the old function takes NULL for "nothing to run".

So a ``_start`` of 2.34 or later bound to the old node loads on an old system and silently skips every C++ static
constructor and every ``.init_array`` entry. Destructors are not affected: the loader's own exit handler runs them.

A program built with the link kit is sound: its ``_start`` calls a ``__libc_start_main`` inside of the program, which
gives the old one a real ``init``.
"""

from __future__ import annotations

from collections.abc import Iterator

from symver_pin.elf.constants import DT_INIT, DT_INIT_ARRAY, DT_INIT_ARRAYSZ
from symver_pin.elf.relocations import stored_addresses, symbols_in_slot
from symver_pin.errors import ElfError
from symver_pin.glibc.sonames import LIBC
from symver_pin.loader.facts import NEW_START_NODE
from symver_pin.loader.object import LoadedObject
from symver_pin.loader.problem import Problem
from symver_pin.loader.scope import Scope
from symver_pin.loader.target_system import START, TargetSystem
from symver_pin.machine.code import CodeReader


def check_startup(scope: Scope, system: TargetSystem) -> Iterator[Problem]:
    """Programs that import an old ``__libc_start_main``, hand it no ``init``, and have constructors."""
    for facts in scope.facts:
        if facts.imports_old_start:
            yield from _check_program(facts.file, system)


def _check_program(file: LoadedObject, system: TargetSystem) -> Iterator[Problem]:
    libc = system.glibc.library(LIBC)
    first = None if libc is None else system.axis.first(libc.exporting(START.encode(), NEW_START_NODE))
    if first is None:
        return  # an architecture that is younger than the change
    imported = next(found for found in file.imports() if found.name == START)
    code = file.arch.code
    if not has_constructors(file, code):
        return
    is_null = None if code is None else passes_null_init(file, code, imported.number)
    if is_null is None or is_null:
        kind = "unjudged-start-up" if is_null is None else "constructors-not-run"
        yield Problem(kind, file, system.axis.before(first), LIBC, imported.version, (imported,))


def passes_null_init(file: LoadedObject, code: CodeReader, imported: int) -> bool | None:
    """True if ``_start`` calls the imported function (a symbol number) with no ``init``; None for unknown code."""
    start = code.read_start(file.image)
    if start is None:
        return None
    if not start.init_is_null:
        return False
    slot = start.slot
    if start.function is not None:
        slot = code.jump_slot(file.image, start.function)
    if slot is None:
        return False  # a function of the program itself stands between
    return imported in symbols_in_slot(file.dynamic, slot)


def has_constructors(file: LoadedObject, code: CodeReader | None) -> bool:
    """True if the program has anything to run before main, besides what every compiler adds and does nothing."""
    address = file.dynamic.value(DT_INIT)
    if address is not None and code is not None and not code.is_bare_init(file.image, address):
        return True
    entries = constructor_addresses(file)
    if code is None:
        return len(entries) > 1
    return any(not code.is_idle(file.image, entry) for entry in entries)


def constructor_addresses(file: LoadedObject) -> list[int]:
    """The addresses in DT_INIT_ARRAY: the addend of a relocation there, else the value in the file."""
    address, size = file.dynamic.value(DT_INIT_ARRAY), file.dynamic.value(DT_INIT_ARRAYSZ)
    image = file.image
    word = image.bits // 8
    if address is None or not size:
        return []
    if size > len(image.data):
        raise ElfError(f"{image.name}: DT_INIT_ARRAYSZ {size:#x} is larger than the file: broken")
    return stored_addresses(file.dynamic, address, size // word, "DT_INIT_ARRAY")
