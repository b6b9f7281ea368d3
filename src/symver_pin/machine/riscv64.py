"""The code of RISC-V, 64 bits (lp64d): instructions of four bytes, or of two where their lowest bits are not both set.

An address is made by a pair, ``auipc`` and an instruction with twelve more bits. A linker that relaxes makes one
instruction of a pair where it can: ``jal`` of a call, an offset from gp or zero of an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes, Spelling
from symver_pin.machine.code import CodeReader, Start, WordStep, calls_of_stubs, code_at, code_segments, signed, step_of

_START_SIZE = 80
_WHOLE, _HALF = 0xFFFFFFFF, 0xFFFF
_UPPER, _LOWER = 0xFFF, 0xFFFFF
"""Masks: an instruction with a number of 20 bits, with one of 12."""
_INIT = 13
"""init's register, a3."""


def _argument(register: int) -> tuple[WordStep, ...]:
    """The ways to load main (a0), init (a3) or fini (a4)."""
    given = "given" if register == _INIT else ""
    zero = "zero" if register == _INIT else ""
    into, of = register << 7, register << 15
    return (
        WordStep(_WHOLE, 0x00000013 | into, zero),  # li reg,0
        WordStep(_HALF, 0x4001 | into, zero),  # c.li reg,0
        WordStep(_UPPER, 0x00000017 | into, given),  # auipc reg,number
        WordStep(_LOWER, 0x00000013 | into | of, given),  # addi reg,reg,number
        WordStep(_LOWER, 0x00003003 | into | of, given),  # ld reg,number(reg)
        WordStep(_LOWER, 0x00018013 | into, given),  # addi reg,gp,number
        WordStep(_LOWER, 0x00000013 | into, given),  # addi reg,zero,number
        WordStep(_UPPER, 0x00000037 | into, given),  # lui reg,number
        WordStep(0xEF83, 0x6001 | into, given),  # c.lui reg,number
        WordStep(0xEF83, 0x4001 | into, given),  # c.li reg,number
    )


_JUMP = WordStep(_UPPER, 0x0000006F, "jump")  # j
_SHORT_JUMP = WordStep(0xE003, 0xA001, "short jump")  # c.j
_JUMPS = (
    WordStep(_UPPER, 0x00000097, "high"),  # auipc ra,number
    WordStep(_LOWER, 0x000080E7, "low"),  # jalr ra,number(ra)
    WordStep(_UPPER, 0x000000EF, "jump"),  # jal ra
    WordStep(_UPPER, 0x00000317, "high"),  # auipc t1,number
    WordStep(_LOWER, 0x00030067, "low"),  # jr number(t1)
    _JUMP,
    _SHORT_JUMP,
)
"""The forms of ``call`` and ``tail``, which glibc's first releases of RISC-V had in place of the former."""
_LPAD = WordStep(_UPPER, 0x00000017, "")
"""lpad, the landing pad of an indirect jump; a processor without such takes it for auipc zero."""
_START_STEPS = (
    _LPAD,
    WordStep(_WHOLE, 0x00000013, ""),  # nop
    WordStep(_HALF, 0x0001, ""),  # c.nop
    WordStep(_WHOLE, 0x00050793, ""),  # mv a5,a0
    WordStep(_HALF, 0x87AA, ""),
    WordStep(_WHOLE, 0x00013583, ""),  # ld a1,0(sp)
    WordStep(_HALF, 0x6582, ""),
    WordStep(_WHOLE, 0x00810613, ""),  # addi a2,sp,8
    WordStep(_HALF, 0x0030, ""),
    WordStep(_WHOLE, 0xFF017113, ""),  # andi sp,sp,-16
    WordStep(_WHOLE, 0x00010813, ""),  # mv a6,sp
    WordStep(_HALF, 0x880A, ""),
    *(step for register in (10, _INIT, 14) for step in _argument(register)),
    *_JUMPS,
)
"""glibc's sysdeps/riscv/start.S of all releases, as its assembler and the linkers write it. The first call loads gp."""

_HALVE = (
    WordStep(0xFFF0707F, 0x40105013, ""),  # srai by 1, of any registers
    WordStep(0xFC7F, 0x8405, ""),
)
_ROUND = (
    WordStep(0xFFF0707F, 0x03F05013, ""),  # srli by 63
    WordStep(0xFC7F, 0x907D, ""),
)


def _read_start(image: Image) -> Start | None:
    init_is_null: bool | None = None
    high = 0
    for place, word in _instructions(image, image.entry, _START_SIZE):
        step = _step_of(word, _START_STEPS)
        if step is None:
            return None
        if step.effect == "zero":
            init_is_null = True
        elif step.effect == "given":
            init_is_null = False
        elif step.effect == "high":
            high = place + _high(word)
        elif step.effect and init_is_null is not None:
            return Start(init_is_null, _target(step, word, place, high), None)
    return None


def _instructions(image: Image, address: int, size: int) -> Iterator[tuple[int, int]]:
    """Address and bits of each instruction."""
    code = code_at(image, address, size)
    at = 0
    while at + 2 <= len(code):
        width = 4 if code[at] & 3 == 3 else 2
        if at + width > len(code):
            return
        yield address + at, int.from_bytes(code[at : at + width], "little")
        at += width


def _step_of(word: int, steps: tuple[WordStep, ...]) -> WordStep | None:
    """The first step of the instruction's width that it matches, or None."""
    narrow = word & 3 != 3
    return step_of(word, (step for step in steps if (step.mask <= _HALF and step.code & 3 != 3) == narrow))


def _target(step: WordStep, word: int, place: int, high: int) -> int:
    """Where one of ``_JUMPS`` goes; ``high`` is what the auipc before it gives."""
    if step.effect == "low":
        return high + signed(word >> 20, 12)
    if step.effect == "jump":
        distance = word >> 31 << 20 | (word >> 12 & 0xFF) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1
        return place + signed(distance, 21)
    # The bits of the distance from bit 12 of the instruction down.
    order = (11, 4, 9, 8, 10, 6, 7, 3, 2, 1, 5)
    distance = sum((word >> 12 - index & 1) << bit for index, bit in enumerate(order))
    return place + signed(distance, 12)


def _jump_slot(image: Image, address: int) -> int | None:
    """The slot of ``auipc t3; ld t3``, the begin of a stub."""
    code = [(place, word) for place, word in _instructions(image, address, 12) if word & _LPAD.mask != _LPAD.code]
    if len(code) < 2 or code[0][1] & _UPPER != 0xE17 or code[1][1] & _LOWER != 0xE3E03:
        return None
    (place, high), (_, low) = code[:2]
    return place + _high(high) + signed(low >> 20, 12)


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    jumps = ((place, target) for place, target, is_load in _targets(image) if not is_load)
    yield from calls_of_stubs(slots, jumps, lambda target: _jump_slot(image, target))
    for place, target, is_load in _targets(image):
        if is_load and target in slots:
            yield place, slots[target]


def _targets(image: Image) -> Iterator[tuple[int, int, bool]]:
    """(address, target, True for a load) of each jump, call and load whose target the code names, whatever register
    gets the address behind a call.
    """
    for start, code in code_segments(image):
        highs: dict[int, int] = {}  # register -> what the last auipc gave
        for place, word in _instructions(image, start, len(code)):
            opcode, into, of = word & 0x7F, word >> 7 & 31, word >> 15 & 31
            if word & 0xE003 == 0xA001:
                yield place, _target(_SHORT_JUMP, word, place, 0), False
            elif opcode == 0x17:  # auipc
                highs[into] = place + _high(word)
            elif opcode == 0x6F:  # jal
                yield place, _target(_JUMP, word, place, 0), False
            elif word & 0x707F == 0x67 and of in highs:  # jalr: a later one, such as ret, has another address in it
                yield place, highs.pop(of) + signed(word >> 20, 12), False
            elif word & 0x707F == 0x3003 and of in highs:  # ld
                yield place, highs[of] + signed(word >> 20, 12), True


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    high = 0
    for place, word in _instructions(image, address, 12):
        step = _step_of(word, (_LPAD, *_JUMPS))
        if step is None:
            return False
        if step.effect == "high":
            high = place + _high(word)
        elif step.effect:
            clones = [word for _, word in _instructions(image, _target(step, word, place, high), 64)]
            return all(any(_step_of(word, steps) for word in clones) for steps in (_HALVE, _ROUND))
    return False


def _is_bare_init(_image: Image, _address: int) -> bool:
    """crti.o has no ``_init`` here, and no release runs a program's DT_INIT: neither ``__libc_csu_init``
    (sysdeps/init_array/elf-init.c defines NO_INITFINI) nor ``__libc_start_main`` since 2.34 (ELF_INITFINI is 0).
    """
    return True


def _high(word: int) -> int:
    """The number that an auipc adds."""
    return signed(word & ~0xFFF, 32)


ARCH = Arch(
    name="riscv64",
    format=ElfFormat(bits=64, order="<", machine=243, flags=5, page=0x1000),
    loader="ld-linux-riscv64-lp64d.so.1",
    interpreter="/lib/ld-linux-riscv64-lp64d.so.1",
    triplet="riscv64-linux-gnu",
    first_node="GLIBC_2.27",
    macro="defined(__riscv) && __riscv_xlen == 64 && defined(__riscv_float_abi_double)",
    rust_target="riscv64gc-unknown-linux-gnu",
    spelling=Spelling(uname="riscv64", meson="riscv64", go="riscv64", node="riscv64"),
    long_double="binary128",
    stat_layout=0,
    mknod_layout=0,
    other_names=("riscv64gc",),
    cpu_pattern="riscv64(gc)?",
    gnu_abi_releases=(EVER, Release(2, 28), Release(2, 33)),
    relocations=RelocationTypes(
        relative=(3,),
        copy=4,
        offset_in_thread=(11,),
        others=frozenset((0, 2, 5, 7, 9)),  # NONE 64 JUMP_SLOT TLS_DTPMOD64 TLS_DTPREL64
        since=((58, Release(2, 33)),),  # IRELATIVE
    ),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
