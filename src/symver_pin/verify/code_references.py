"""Where code refers to imports: through a slot of the global offset table, or by a stub of the procedure linkage table
that jumps through one.

Nothing is disassembled. On x86_64 both kinds of reference (``call *slot(%rip)`` or a load of it, ``call stub``) end in
a 32-bit distance from the next instruction, so every four bytes of code that would be the distance to a slot or a stub
are taken for a reference. On aarch64 a slot is read by a pair, ``adrp x, page`` and soon ``ldr y, [x, offset]``, and a
stub is called by ``bl``. Other architectures are not read.
"""

from __future__ import annotations

from symver_pin.elf.image import PT_LOAD
from symver_pin.elf.words import words
from symver_pin.verify.machine_code import MACHINES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from symver_pin.elf.image import Image

_PF_X = 1
#: More code than this is not searched: some 0.1 s a megabyte.
_MOST_CODE = 1 << 25
#: How many bytes of a stub come before the distance in it: endbr64, a move of six, bnd, the jump's code.
_STUB_HEADS = (2, 3, 6, 7, 8, 12)
#: Compilers put a pair's second instruction no further behind the first, but for a few.
_NEAR = 24
#: Stubs use these two registers (AAPCS64, IP0 and IP1).
_IP0, _IP1 = 16, 17


def code_references(image: Image, arch: str, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(address of the code, symbol) of each reference; ``slots`` are the addresses of slots with their symbols."""
    search = _SEARCHES.get(arch)
    if search is not None and slots:
        yield from search(image, slots)


def _code(image: Image) -> Iterator[tuple[int, bytes]]:
    """Address and bytes of each segment with code."""
    for segment in image.segments:
        if segment.type == PT_LOAD and segment.flags & _PF_X and segment.file_size <= _MOST_CODE:
            yield segment.vaddr, image.take(segment.offset, segment.file_size, "code")


def _on_x86_64(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    stubs: dict[int, int] = {}
    jump_slot = MACHINES["x86_64"].jump_slot
    for place, slot in _distances(image, slots):
        yield place, slots[slot]
        for head in _STUB_HEADS:
            if jump_slot(image, place - head) == slot:
                stubs[place - head] = slots[slot]
    for place, stub in _distances(image, stubs):
        yield place, stubs[stub]


def _distances(image: Image, targets: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(address, target) of every four bytes of code that are the distance to a target."""
    for start, code in _code(image) if targets else ():
        for shift in range(4):
            whole = (len(code) - shift) // 4 * 4
            base = start + shift + 4
            for index, distance in enumerate(words(code[shift : shift + whole], "I", image)):
                target = (base + 4 * index + distance) & 0xFFFFFFFF
                if target in targets:
                    yield base + 4 * index - 4, target


def _on_aarch64(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    stubs: dict[int, int] = {}
    for place, slot, is_stub in _loads(image, slots):
        yield place, slots[slot]
        if is_stub:
            stubs[place] = stubs[place - 4] = slots[slot]  # bti c may stand before it
    for start, code in _code(image) if stubs else ():
        read = words(code[: len(code) // 4 * 4], "I", image)
        for index, top in enumerate(code[3::4]):
            if top & 0x7C == 0x14:  # b, bl
                place = start + 4 * index
                target = place + 4 * _signed(read[index], 26)
                if target in stubs:
                    yield place, stubs[target]


def _loads(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int, bool]]:
    """(address of the adrp, slot, whether it is in a stub) of each load from a slot."""
    pages = {slot & ~0xFFF for slot in slots}
    for start, code in _code(image):
        read = words(code[: len(code) // 4 * 4], "I", image)
        for index, top in enumerate(code[3::4]):
            if top & 0x9F != 0x90:  # adrp
                continue
            word, place = read[index], start + 4 * index
            page = (place & ~0xFFF) + (_signed(word >> 5 << 2 | word >> 29 & 3, 21) << 12)
            if page not in pages:
                continue
            for load in read[index + 1 : index + _NEAR].tolist():
                if load & 0x9F00001F == 0x90000000 | word & 31 or load & 0xFF9FFC1F == 0xD61F0000:
                    break  # another adrp into the register; br, ret
                if load & 0xFFC00000 == 0xF9400000 and load >> 5 & 31 == word & 31:  # ldr x, [x, offset]
                    slot = page + ((load >> 10 & 0xFFF) << 3)
                    if slot in slots:
                        yield place, slot, (word & 31, load & 31) == (_IP0, _IP1)


def _signed(value: int, bits: int) -> int:
    """The lowest bits as a number with a sign."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


_SEARCHES: dict[str, Callable[[Image, Mapping[int, int]], Iterator[tuple[int, int]]]] = {
    "x86_64": _on_x86_64,
    "aarch64": _on_aarch64,
}
