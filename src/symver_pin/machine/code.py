"""Read machine code: a program's start-up code, procedure linkage stubs, and references of code to imports.

``_start`` (glibc's crt1.o, Scrt1.o) loads the arguments of ``__libc_start_main`` into registers and calls it. The
verifier needs two facts: is the ``init`` argument NULL, and is the called function the imported one or a local one?
Linkers rewrite these instructions in place (a load from the global offset table becomes an address computation, an
indirect call a direct one), so each step is matched by its encodings. Start-up code that does not match is *unknown*;
the verifier never reports it as a failure.

Each architecture's module makes one ``CodeReader`` with the helpers of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from symver_pin.elf.constants import PT_LOAD
from symver_pin.elf.image import Image, integers
from symver_pin.errors import ElfError

_PF_X = 1
_MOST_CODE = 1 << 25
"""A segment with more code than this is not searched: some 0.1 s a megabyte."""


class Start(NamedTuple):
    """The call that a program's entry point makes."""

    init_is_null: bool
    function: int | None
    """The address of the called function; None for a call through a slot."""
    slot: int | None
    """The address of the slot of the global offset table that holds the called function's address."""


class Step(NamedTuple):
    """One instruction of start-up code, or two: fixed bytes, an operand of ``operand`` bytes, more fixed bytes."""

    code: bytes
    operand: int
    effect: str
    behind: bytes = b""


class WordStep(NamedTuple):
    """One instruction of an architecture with instruction words: it matches where ``word & mask == code``."""

    mask: int
    code: int
    effect: str


class CodeReader(NamedTuple):
    """The functions that read one architecture's machine code."""

    read_start: Callable[[Image], Start | None]
    """The call that the entry point makes, or None when the entry point is not a known ``_start``."""
    jump_slot: Callable[[Image, int], int | None]
    """The address of the slot through which the procedure linkage stub at an address jumps; None for other code."""
    is_idle: Callable[[Image, int], bool]
    """True if the constructor at an address is one of the compiler's own that do nothing (``frame_dummy``)."""
    is_bare_init: Callable[[Image, int], bool]
    """True if DT_INIT's function comes from crti.o and crtn.o alone: it calls ``__gmon_start__`` if there is one. True
    too where no release of glibc calls a program's DT_INIT.
    """
    references: Callable[[Image, Mapping[int, int]], Iterator[tuple[int, int]]] | None = None
    """From (image, {slot address: symbol number}) to the (code address, symbol number) of each reference to an import:
    through a slot of the global offset table, or by a call of a procedure linkage stub. None where code is not
    searched.
    """


def code_at(image: Image, address: int, size: int) -> bytes:
    """Up to ``size`` bytes of code at a virtual address; b"" when the address is in no segment."""
    try:
        offset = image.offset_of(address, "code")
    except ElfError:
        return b""
    return bytes(image.data[offset : offset + size])


def words_at(image: Image, address: int, size: int) -> list[int]:
    """The instructions of four bytes in ``size`` bytes at a virtual address, fewer where the segment ends."""
    code = code_at(image, address, size)
    return integers(code[: len(code) // 4 * 4], "I", image.order).tolist()


def step_of(word: int, steps: Iterable[WordStep]) -> WordStep | None:
    """The first step that an instruction word matches, or None."""
    return next((step for step in steps if word & step.mask == step.code), None)


def begins_with(words: list[int], steps: tuple[WordStep, ...]) -> bool:
    """True if the first instructions match all the steps, one each, in order."""
    if len(words) < len(steps):
        return False
    return all(word & step.mask == step.code for word, step in zip(words, steps, strict=False))


def code_segments(image: Image) -> Iterator[tuple[int, bytes]]:
    """(address, bytes) of each executable segment up to 32 MiB; larger ones take too long to search."""
    for segment in image.segments:
        if segment.type == PT_LOAD and segment.flags & _PF_X and segment.file_size <= _MOST_CODE:
            yield segment.vaddr, image.take(segment.offset, segment.file_size, "code")


def code_words(image: Image) -> Iterator[tuple[int, Sequence[int]]]:
    """(address, instructions of four bytes) of each executable segment that is searched."""
    for start, code in code_segments(image):
        yield start, integers(code[: len(code) // 4 * 4], "I", image.order)


def distances(image: Image, targets: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(address, target) of every four bytes of code that hold the distance from their end to a target."""
    for start, code in code_segments(image) if targets else ():
        for shift in range(4):
            whole = (len(code) - shift) // 4 * 4
            base = start + shift + 4
            for index, distance in enumerate(integers(code[shift : shift + whole], "I", image.order)):
                target = (base + 4 * index + distance) & 0xFFFFFFFF
                if target in targets:
                    yield base + 4 * index - 4, target


def calls_of_stubs(
    slots: Mapping[int, int],
    branches: Iterable[tuple[int, int]],
    jump_slot: Callable[[int], int | None],
) -> Iterator[tuple[int, int]]:
    """(code address, symbol number) of every branch to a procedure linkage stub of one of the ``slots``.

    ``branches`` are the (address, target) of direct jumps and calls; ``jump_slot`` gives the slot of the stub at an
    address, as in ``CodeReader``.
    """
    known: dict[int, int | None] = {}
    for place, target in branches:
        if target not in known:
            slot = jump_slot(target)
            known[target] = None if slot is None else slots.get(slot)
        symbol = known[target]
        if symbol is not None:
            yield place, symbol


def read_steps(code: bytes, steps: tuple[Step, ...]) -> Iterator[tuple[Step, bytes, int]]:
    """(step, operand, offset of its end) of each instruction, up to the first that no step matches."""
    at = 0
    while True:
        for step in steps:
            start = at + len(step.code)
            end = start + step.operand
            if code.startswith(step.code, at) and code.startswith(step.behind, end) and end <= len(code):
                break
        else:
            return
        at = end + len(step.behind)
        yield step, code[start:end], at


def signed(value: int, bits: int) -> int:
    """The lowest ``bits`` bits of a value as a signed number."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def jump_target(code: bytes, address: int, endbr: bytes) -> int | None:
    """The target of x86 code that only jumps, after an optional ``endbr``; None for other code."""
    at = len(endbr) if code.startswith(endbr) else 0
    size = {0xEB: 1, 0xE9: 4}.get(code[at] if len(code) > at else 0)
    end = at + 1 + (size or 0)
    if size is None or len(code) < end:
        return None
    return address + end + int.from_bytes(code[at + 1 : end], "little", signed=True)
