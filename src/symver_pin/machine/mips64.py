"""The code of MIPS, 64 bits, little-endian (n64 ABI): instructions of four bytes.

Functions of all kinds are called through slots of the global offset table, which are read at an offset from gp. A
function computes gp from its own address. Linkers leave such loads as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.constants import DT_PLTGOT
from symver_pin.elf.dynamic_section import DynamicSection
from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, Spelling
from symver_pin.machine.code import (
    CodeReader,
    Start,
    WordStep,
    begins_with,
    code_at,
    code_words,
    signed,
    step_of,
    words_at,
)

_START_SIZE = 96
_WHOLE, _MOVE, _OFFSET = 0xFFFFFFFF, 0xFFFFFFF7, 0xFFFF0000
"""Masks: an instruction without an operand, move (or, or daddu of older assemblers), one with a number of 16 bits."""
_NOP = 0
_GP = 0x7FF0
"""The distance from DT_PLTGOT to gp."""

_START_STEPS = (
    WordStep(_WHOLE, _NOP, ""),
    WordStep(_MOVE, 0x03E00025, ""),  # move zero,ra
    WordStep(_WHOLE, 0x04110001, "here"),  # bal to the instruction after the next
    WordStep(_MOVE, 0x0380C825, ""),  # move t9,gp
    WordStep(_OFFSET, 0x3C1C0000, "high"),  # lui gp,number
    WordStep(_OFFSET, 0x279C0000, "low"),  # addiu gp,gp,number
    WordStep(_OFFSET, 0x679C0000, "low"),  # daddiu gp,gp,number
    WordStep(_WHOLE, 0x039FE02D, ""),  # daddu gp,gp,ra
    WordStep(_MOVE, 0x0000F825, ""),  # move ra,zero
    WordStep(_OFFSET, 0xDF840000, ""),  # ld a0,main's slot(gp)
    WordStep(_OFFSET, 0x64840000, ""),  # daddiu a0,a0,number
    WordStep(_WHOLE, 0xDFA50000, ""),  # ld a1,0(sp)
    WordStep(_WHOLE, 0x67A60008, ""),  # daddiu a2,sp,8
    WordStep(_WHOLE, 0x2401FFF0, ""),  # li at,-16
    WordStep(_WHOLE, 0x6401FFF0, ""),
    WordStep(_WHOLE, 0x03A1E824, ""),  # and sp,sp,at
    WordStep(_MOVE, 0x00003825, "zero"),  # move a3,zero
    WordStep(_OFFSET, 0xDF870000, "given"),  # ld a3,init's slot(gp)
    WordStep(_OFFSET, 0x64E70000, "given"),  # daddiu a3,a3,number
    WordStep(_MOVE, 0x00004025, ""),  # move a4,zero
    WordStep(_OFFSET, 0xDF880000, ""),  # ld a4,fini's slot(gp)
    WordStep(_OFFSET, 0x65080000, ""),  # daddiu a4,a4,number
    WordStep(_MOVE, 0x00404825, ""),  # move a5,v0
    WordStep(_MOVE, 0x03A05025, ""),  # move a6,sp
    WordStep(_OFFSET, 0xDF990000, "slot"),  # ld t9,slot(gp)
    WordStep(_WHOLE, 0x0320F809, "call through slot"),  # jalr t9
    WordStep(_OFFSET, 0x04110000, "call"),  # bal: what a linker makes of jalr t9 if the function is the program's own
)
"""glibc's sysdeps/mips/start.S of all releases, as its assembler and the linkers write it."""

_DUMMY_STEPS = (
    WordStep(0xFFE00000, 0x3C000000, ""),  # lui reg,number
    WordStep(0xFC1F07FF, 0x0019002D, ""),  # daddu reg,reg,t9
    WordStep(0xFC000000, 0x64000000, ""),  # daddiu reg,reg,number: gp
    WordStep(0xFC1F0000, 0xDC190000, ""),  # ld t9,slot(reg)
    WordStep(_OFFSET, 0x67390000, ""),  # daddiu t9,t9,number
)
"""frame_dummy, up to its jump."""
_JR_T9, _B = 0x03200008, 0x10000000
_HALVE = WordStep(0xFFE007FF, 0x0000007B, "")
"""dsra by 1, of any registers."""
_ROUND = WordStep(0xFFE007FF, 0x000007FE, "")
"""dsrl32 by 31."""

_INIT_STEPS = (
    WordStep(_WHOLE, 0x67BDFFF0, ""),  # daddiu sp,sp,-16
    WordStep(_WHOLE, 0xFFBC0000, ""),  # sd gp,0(sp)
    WordStep(_OFFSET, 0x3C1C0000, ""),  # lui gp,number
    WordStep(_WHOLE, 0x0399E02D, ""),  # daddu gp,gp,t9
    WordStep(_WHOLE, 0xFFBF0008, ""),  # sd ra,8(sp)
    WordStep(_OFFSET, 0x679C0000, ""),  # daddiu gp,gp,number
    WordStep(_OFFSET, 0xDF820000, ""),  # ld v0,slot of __gmon_start__(gp)
    WordStep(_OFFSET, 0x10400000, ""),  # beqz v0
    WordStep(_OFFSET, 0xDF990000, ""),  # ld t9,slot(gp)
    WordStep(_WHOLE, 0x0320F809, ""),  # jalr t9
    WordStep(_WHOLE, 0xDFBF0008, ""),  # ld ra,8(sp)
    WordStep(_WHOLE, 0xDFBC0000, ""),  # ld gp,0(sp)
    WordStep(_WHOLE, 0x03E00008, ""),  # jr ra
    WordStep(_WHOLE, 0x67BD0010, ""),  # daddiu sp,sp,16
)
"""crti.o's and crtn.o's _init, without nops."""


def _read_start(image: Image) -> Start | None:
    init_is_null: bool | None = None
    gp = slot = 0
    for number, word in enumerate(words_at(image, image.entry, _START_SIZE)):
        place = image.entry + 4 * number
        step = step_of(word, _START_STEPS)
        if step is None:
            return None
        if step.effect == "here":
            gp = place + 8
        elif step.effect == "high":
            gp += _number(word) << 16
        elif step.effect == "low":
            gp += _number(word)
        elif step.effect == "slot":
            slot = gp + _number(word)
        elif step.effect in ("zero", "given"):
            init_is_null = step.effect == "zero"
        elif step.effect and init_is_null is not None:
            is_direct = step.effect == "call"
            return Start(init_is_null, _target(word, place) if is_direct else None, None if is_direct else slot)
    return None


def _jump_slot(_image: Image, _address: int) -> None:
    """``_start`` calls no stub: it reads the slot itself."""
    return


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Loads from slots by gp. It points behind the begin of the global offset table, as far as offsets reach back."""
    table = DynamicSection(image).value(DT_PLTGOT)
    if table is None:
        return
    for start, words in code_words(image):
        for index, word in enumerate(words):
            if word & 0xFFE00000 == 0xDF800000:  # ld reg,number(gp)
                symbol = slots.get(table + _GP + _number(word))
                if symbol is not None:
                    yield start + 4 * index, symbol


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    code = words_at(image, address, 24)
    if len(code) < 6 or not begins_with(code, _DUMMY_STEPS):
        return False
    if code[5] & _OFFSET == _B:
        target = _target(code[5], address + 20)
    elif code[5] == _JR_T9:
        slot = address + (_number(code[0]) << 16) + _number(code[2]) + _number(code[3])
        target = int.from_bytes(code_at(image, slot, 8), "little") + _number(code[4])
    else:
        return False
    clones = words_at(image, target, 64)
    return all(any(step_of(word, (step,)) for word in clones) for step in (_HALVE, _ROUND))


def _is_bare_init(image: Image, address: int) -> bool:
    return begins_with([word for word in words_at(image, address, 64) if word != _NOP], _INIT_STEPS)


def _number(word: int) -> int:
    """The number of 16 bits that an instruction has."""
    return signed(word, 16)


def _target(word: int, place: int) -> int:
    """Where a b or bal at a place goes."""
    return place + 4 + 4 * _number(word)


ARCH = Arch(
    name="mips64",
    format=ElfFormat(bits=64, order="<", machine=8, flags=0x80000007, page=0x10000),
    loader="ld.so.1",
    interpreter="/lib64/ld.so.1",
    triplet="mips64el-linux-gnuabi64",
    first_node="GLIBC_2.0",
    macro="defined(__mips64) && _MIPS_SIM == 3 && defined(__MIPSEL__)",
    rust_target="mips64el-unknown-linux-gnuabi64",
    spelling=Spelling(uname="mips64", meson="mips64", go="mips64le", node="mips64el"),
    long_double="binary128",
    stat_layout=3,
    mknod_layout=1,
    has_own_gnu_hash=True,
    has_executable_stack=True,
    other_names=("mips64el",),
    cpu_pattern="mips64el",
    gnu_abi_releases=(EVER, EVER, Release(2, 21), Release(2, 28), Release(2, 31)),
    system_v_abi_releases=(EVER, Release(2, 21), Release(2, 21), Release(2, 31), Release(2, 31)),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
