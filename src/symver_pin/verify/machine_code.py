"""How one architecture's code is read: a program's start-up code, stubs, and where code refers to imports.

``_start`` (glibc's crt1.o, Scrt1.o) loads the arguments of ``__libc_start_main`` into registers and calls it. What is
asked of it: is the ``init`` argument NULL, and is the imported function called or a local one? Linkers rewrite these
instructions in place (a load from the global offset table becomes an address, an indirect call a direct one), so each
step is matched by its encodings. A start-up code that does not match is *unknown*, never guilty.

One architecture is one ``Machine``, in a module of its own; ``machines`` is the table of them.
"""

from __future__ import annotations

from symver_pin.elf.constants import PT_LOAD
from symver_pin.elf.words import words
from symver_pin.errors import ElfError
from symver_pin.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from symver_pin.elf.image import Image

_PF_X = 1
#: A segment with more code than this is not searched: some 0.1 s a megabyte.
_MOST_CODE = 1 << 25


class Start(NamedTuple):
    """What the entry point does."""

    init_is_null: bool
    function: int | None
    """The address that it calls; None when it calls through a slot."""
    slot: int | None
    """The address of the slot of the global offset table that it calls through."""


class Step(NamedTuple):
    """One instruction of a start-up code (or two): fixed bytes, an operand of so many, more bytes; what it does."""

    code: bytes
    operand: int
    effect: str
    behind: bytes = b""


class WordStep(NamedTuple):
    """The same where instructions are words: the bits that are looked at, what they are, what it does."""

    mask: int
    code: int
    effect: str


class Machine(NamedTuple):
    """How one architecture's code is read."""

    read_start: Callable[[Image], Start | None]
    """The entry point, or None when it is not a known ``_start``."""
    jump_slot: Callable[[Image, int], int | None]
    """The slot through which a stub of the procedure linkage table at an address jumps, or None for other code."""
    is_idle: Callable[[Image, int], bool]
    """Whether the constructor at an address is one of the compiler's own that do nothing (``frame_dummy``)."""
    is_bare_init: Callable[[Image, int], bool]
    """Whether DT_INIT's function is crti.o's and crtn.o's alone: it calls ``__gmon_start__`` if there is one."""
    references: Callable[[Image, Mapping[int, int]], Iterator[tuple[int, int]]] | None = None
    """(address of the code, symbol) of each reference to an import: through a slot of the global offset table, or by a
    call of a stub of the procedure linkage table that jumps through one. Given the slots' addresses with their symbols.
    None where code is not searched.
    """


def code_at(image: Image, address: int, size: int) -> bytes:
    """Up to ``size`` bytes of code at a virtual address; empty when the address is in no segment."""
    try:
        offset = image.offset_of(address, "code")
    except ElfError:
        return b""
    return bytes(image.data[offset : offset + size])


def code_segments(image: Image) -> Iterator[tuple[int, bytes]]:
    """Address and bytes of each segment with code that is not too large to be searched."""
    for segment in image.segments:
        if segment.type == PT_LOAD and segment.flags & _PF_X and segment.file_size <= _MOST_CODE:
            yield segment.vaddr, image.take(segment.offset, segment.file_size, "code")


def distances(image: Image, targets: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(address, target) of every four bytes of code that are the distance to a target, counted from behind them."""
    for start, code in code_segments(image) if targets else ():
        for shift in range(4):
            whole = (len(code) - shift) // 4 * 4
            base = start + shift + 4
            for index, distance in enumerate(words(code[shift : shift + whole], "I", image)):
                target = (base + 4 * index + distance) & 0xFFFFFFFF
                if target in targets:
                    yield base + 4 * index - 4, target


def read_steps(code: bytes, steps: tuple[Step, ...]) -> Iterator[tuple[Step, bytes, int]]:
    """Each step of a start-up code with its operand and where it ends, up to the first instruction that is none."""
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
    """The lowest bits as a number with a sign."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
