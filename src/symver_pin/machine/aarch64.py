"""The code of aarch64: instructions of four bytes, little-endian.

A slot is read by a pair, ``adrp x, page`` and soon ``ldr y, [x, offset]``, and a stub is called by ``bl``. A linker may
make of the pair an address (``adrp`` and ``add``, or ``nop`` and ``adr``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.image import Image, integers
from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import Arch, RelocationTypes, Spelling
from symver_pin.machine.code import CodeReader, Start, WordStep, code_segments, signed, step_of, words_at

_START_SIZE = 96
_NOP, _BTI_C, _PACIASP, _AUTIASP, _RET = 0xD503201F, 0xD503245F, 0xD503233F, 0xD50323BF, 0xD65F03C0
_WHOLE = 0xFFFFFFFF
_INIT = 3
"""init's register."""
_IP0, _IP1 = 16, 17
"""Stubs use these two registers (AAPCS64, IP0 and IP1)."""
_NEAR = 24
"""Compilers put a pair's second instruction no further behind the first, but for a few."""


def _argument(register: int) -> tuple[WordStep, ...]:
    """The ways to load main, init or fini."""
    given = "given" if register == _INIT else ""
    return (
        WordStep(0xFFE0001F, 0xD2800000 | register, "zero" if register == _INIT else ""),  # movz x, #number
        WordStep(0xFF80001F, 0xF2800000 | register, "bits" if register == _INIT else ""),  # movk x, #number, lsl #place
        WordStep(0x9F00001F, 0x90000000 | register, given),  # adrp x, page
        WordStep(0x9F00001F, 0x10000000 | register, given),  # adr x, place
        WordStep(0xFFC003FF, 0xF9400000 | register << 5 | register, given),  # ldr x, [x, offset]
        WordStep(0xFFC003FF, 0x91000000 | register << 5 | register, given),  # add x, x, offset
        WordStep(0xFF00001F, 0x58000000 | register, given),  # ldr x, =address
    )


_START_STEPS = (
    WordStep(_WHOLE, _NOP, ""),
    WordStep(_WHOLE, _BTI_C, ""),
    WordStep(_WHOLE, 0xD280001D, ""),  # mov x29, #0
    WordStep(_WHOLE, 0xD280001E, ""),  # mov x30, #0
    WordStep(_WHOLE, 0x910003FD, ""),  # mov x29, sp
    WordStep(_WHOLE, 0xAA0003E5, ""),  # mov x5, x0
    WordStep(_WHOLE, 0xF94003E1, ""),  # ldr x1, [sp]
    WordStep(_WHOLE, 0x910023E2, ""),  # add x2, sp, #8
    WordStep(_WHOLE, 0x910003E6, ""),  # mov x6, sp
    *(step for register in (0, _INIT, 4) for step in _argument(register)),
    WordStep(0xFC000000, 0x94000000, "call"),  # bl
)
"""glibc's sysdeps/aarch64/start.S of all releases, as its assembler and the linkers write it."""


def _read_start(image: Image) -> Start | None:
    init_is_null: bool | None = None
    for place, word in enumerate(words_at(image, image.entry, _START_SIZE)):
        step = step_of(word, _START_STEPS)
        if step is None:
            return None
        if step.effect == "zero":
            init_is_null = not _number(word)
        elif step.effect == "bits":
            init_is_null = init_is_null is True and not _number(word)
        elif step.effect == "given":
            init_is_null = False
        elif step.effect == "call":
            return None if init_is_null is None else Start(init_is_null, _target(word, image.entry + 4 * place), None)
    return None


def _jump_slot(image: Image, address: int) -> int | None:
    code = words_at(image, address, 12)
    at = int(code[:1] == [_BTI_C])
    if len(code) < at + 2 or code[at] & 0x9F00001F != 0x90000000 | _IP0:
        return None
    if code[at + 1] & 0xFFC003FF != 0xF9400000 | _IP0 << 5 | _IP1:
        return None
    return _page(code[at], address + 4 * at) + _offset(code[at + 1])


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    code = words_at(image, address, 12)
    at = next((place for place, word in enumerate(code) if word not in (_NOP, _BTI_C, _PACIASP)), len(code))
    if at == len(code) or code[at] & 0xFC000000 != 0x14000000:
        return False
    clones = words_at(image, _target(code[at], address + 4 * at), 64)
    shifts = [word for word in clones if word & 0xFFFFFC00 in (0xD37FFC00, 0x9341FC00)]  # lsr #63, asr #1
    signs = [word for word in clones if word & 0xFFE0FC00 == 0x8B40FC00]  # add with lsr #63
    return len(shifts) + len(signs) == 2


def _is_bare_init(image: Image, address: int) -> bool:
    code = [word for word in words_at(image, address, 32) if word not in (_NOP, _BTI_C, _PACIASP, _AUTIASP)]
    # stp x29, x30, [sp, #-16]!; mov x29, sp; bl; ldp x29, x30, [sp], #16; ret
    is_call = len(code) > 2 and code[2] & 0xFC000000 == 0x94000000
    return is_call and [*code[:2], *code[3:5]] == [0xA9BF7BFD, 0x910003FD, 0xA8C17BFD, _RET]


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    stubs: dict[int, int] = {}
    for place, slot, is_stub in _loads(image, slots):
        yield place, slots[slot]
        if is_stub:
            stubs[place] = stubs[place - 4] = slots[slot]  # bti c may stand before it
    for start, code in code_segments(image) if stubs else ():
        read = integers(code[: len(code) // 4 * 4], "I", image.order)
        for index, top in enumerate(code[3::4]):
            if top & 0x7C == 0x14:  # b, bl
                place = start + 4 * index
                target = _target(read[index], place)
                if target in stubs:
                    yield place, stubs[target]


def _loads(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int, bool]]:
    """(address of the adrp, slot, whether it is in a stub) of each load from a slot."""
    pages = {slot & ~0xFFF for slot in slots}
    for start, code in code_segments(image):
        read = integers(code[: len(code) // 4 * 4], "I", image.order)
        for index, top in enumerate(code[3::4]):
            if top & 0x9F != 0x90:  # adrp
                continue
            word, place = read[index], start + 4 * index
            page = _page(word, place)
            if page not in pages:
                continue
            for load in read[index + 1 : index + _NEAR].tolist():
                if load & 0x9F00001F == 0x90000000 | word & 31 or load & 0xFF9FFC1F == 0xD61F0000:
                    break  # another adrp into the register; br, ret
                if load & 0xFFC00000 == 0xF9400000 and load >> 5 & 31 == word & 31:  # ldr x, [x, offset]
                    slot = page + _offset(load)
                    if slot in slots:
                        yield place, slot, (word & 31, load & 31) == (_IP0, _IP1)


def _number(word: int) -> int:
    """The number that a movz or movk has."""
    return word >> 5 & 0xFFFF


def _page(word: int, place: int) -> int:
    """The page that an adrp at a place gives."""
    return (place & ~0xFFF) + (signed(word >> 5 << 2 | word >> 29 & 3, 21) << 12)


def _offset(word: int) -> int:
    """The offset of an ldr of eight bytes."""
    return (word >> 10 & 0xFFF) << 3


def _target(word: int, place: int) -> int:
    """Where a b or bl at a place goes."""
    return place + 4 * signed(word, 26)


ARCH = Arch(
    name="aarch64",
    format=ElfFormat(bits=64, order="<", machine=183, flags=0, page=0x10000),
    loader="ld-linux-aarch64.so.1",
    interpreter="/lib/ld-linux-aarch64.so.1",
    triplet="aarch64-linux-gnu",
    first_node="GLIBC_2.17",
    macro="defined(__aarch64__) && !defined(__ILP32__) && defined(__AARCH64EL__)",
    rust_target="aarch64-unknown-linux-gnu",
    spelling=Spelling(uname="aarch64", meson="aarch64", go="arm64", node="arm64"),
    long_double="binary128",
    stat_layout=0,
    mknod_layout=0,
    other_names=("arm64",),
    relocations=RelocationTypes(
        relative=(1027,),
        copy=1024,
        offset_in_thread=(1030, 1031),
        pointers=(257, 1025, 1026),  # ABS64 GLOB_DAT JUMP_SLOT
        # NONE ABS64 ABS32 GLOB_DAT JUMP_SLOT TLS_DTPMOD TLS_DTPREL
        others=frozenset((0, 257, 258, 1025, 1026, 1028, 1029)),
        since=((1032, Release(2, 19)),),  # IRELATIVE
    ),
    # no call of libgcc's atomic functions, which a linker has passed by then; no signed frames, which old
    # unwinders do not get through; the BTI mark, without which a linker gives none to the program
    newer_object_options=("-mno-outline-atomics", "-mbranch-protection=bti"),
    platform="aarch64",
    atomic_choice_since=Release(2, 19),  # as IRELATIVE above
    signs_returns_since=Release(7, 0),  # -msign-return-address, gcc-7/changes.html
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
