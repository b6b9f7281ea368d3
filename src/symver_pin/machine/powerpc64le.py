"""The code of POWER, 64 bits, little-endian (ELF V2 ABI): instructions of four bytes.

``_start`` hands ``__libc_start_main`` main, init and fini in a structure: r8 points to it, and it is in the file, with
relocations if the program may be loaded anywhere. Addresses are offsets from the TOC pointer, r2, which the first two
instructions of a function compute. A linker may make of a load from the TOC (``addis`` and ``ld``) an address
(``addis`` and ``addi``), and a ``nop`` of an ``addis`` that adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from symver_pin.elf.dynamic_section import DynamicSection
from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.elf.relocations import relocations_within
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes, Spelling
from symver_pin.machine.code import (
    CodeReader,
    Start,
    WordStep,
    begins_with,
    calls_of_stubs,
    code_at,
    code_words,
    signed,
    step_of,
    words_at,
)

_START_SIZE = 64
_WHOLE, _D_FORM, _DS_FORM = 0xFFFFFFFF, 0xFFFF0000, 0xFFFF0003
"""Masks: an instruction without an operand, with an offset of 16 bits, with one of 14."""
_NOP = 0x60000000
_INIT = 16
"""Where the structure has init: behind a zero and main."""

_TOC_STEPS = (
    WordStep(_D_FORM, 0x3C4C0000, "ahead"),  # addis r2,r12,number; r12 is the address of the function
    WordStep(_D_FORM, 0x3C400000, "absolute"),  # lis r2,number
)
_START_STEPS = (
    WordStep(_WHOLE, _NOP, ""),
    WordStep(_WHOLE, 0x7C290B78, ""),  # mr r9,r1
    WordStep(_WHOLE, 0x782106E4, ""),  # clrrdi r1,r1,4
    WordStep(_WHOLE, 0x38000000, ""),  # li r0,0
    WordStep(_DS_FORM, 0xF8210001, ""),  # stdu r1,number(r1)
    WordStep(_WHOLE, 0x7C0803A6, ""),  # mtlr r0
    WordStep(_WHOLE, 0xF8010000, ""),  # std r0,0(r1)
    WordStep(_D_FORM, 0x3D020000, "high"),  # addis r8,r2,number
    WordStep(_D_FORM, 0x39080000, "address"),  # addi r8,r8,number
    WordStep(_D_FORM, 0x39020000, "address"),  # addi r8,r2,number
    WordStep(_DS_FORM, 0xE9080000, "load"),  # ld r8,number(r8)
    WordStep(_DS_FORM, 0xE9020000, "load"),  # ld r8,number(r2)
    WordStep(0xFC000003, 0x48000000, "call"),  # b
)
"""glibc's sysdeps/powerpc/powerpc64/start.S of all releases, as its assembler and the linkers write it."""

_STUB_HIGH = (
    WordStep(_D_FORM, 0x3D820000, ""),  # addis r12,r2,number
    WordStep(_D_FORM, 0x3D620000, ""),  # addis r11,r2,number
)
_STUB_LOAD = (
    WordStep(_DS_FORM, 0xE98C0000, ""),  # ld r12,number(r12)
    WordStep(_DS_FORM, 0xE98B0000, ""),  # ld r12,number(r11)
    WordStep(_DS_FORM, 0xE9820000, ""),  # ld r12,number(r2)
)
_STUB_FILLERS = (_NOP, 0xF8410018)
"""What may stand before these: std r2,24(r1), which saves the TOC pointer, and mold's nop behind it."""
_BCTR, _MTCTR_R12 = 0x4E800420, 0x7D8903A6
"""bctr, the end of every stub."""

_HALVE = (
    WordStep(0xFC00FFFE, 0x7C000E74, ""),  # sradi by 1, of any registers
)
_ROUND = (
    WordStep(0xFC00FFFE, 0x7C000194, ""),  # addze
    WordStep(0xFC00FFFE, 0x78000FE0, ""),  # srdi by 63, of older compilers
)

_INIT_FILLERS = (
    WordStep(_WHOLE, _NOP, ""),
    WordStep(_WHOLE, 0xE8410018, ""),  # ld r2,24(r1): behind a call of another file's function
    WordStep(_D_FORM, 0x3D220000, ""),  # addis r9,r2,number
    WordStep(_DS_FORM, 0xE8090000, ""),  # ld r0,number(r9)
    WordStep(_DS_FORM, 0xE8020000, ""),  # ld r0,number(r2)
    WordStep(_D_FORM, 0x38090000, ""),  # addi r0,r9,number
    WordStep(_D_FORM, 0x38020000, ""),  # addi r0,r2,number
    WordStep(0xFC0007FE, 0x7C0005A4, ""),  # hashst
    WordStep(0xFC0007FE, 0x7C0005E4, ""),  # hashchk
)
"""What stands between the instructions of ``_init`` in some programs only; most get the address of
``__gmon_start__``."""
_INIT_STEPS = (
    WordStep(_WHOLE, 0x7C0802A6, ""),  # mflr r0
    WordStep(_WHOLE, 0xF8010010, ""),  # std r0,16(r1)
    WordStep(_DS_FORM, 0xF8210001, ""),  # stdu r1,number(r1)
    WordStep(_WHOLE, 0x2FA00000, ""),  # cmpdi cr7,r0,0
    WordStep(0xFFFF0003, 0x41FE0000, ""),  # beq+ cr7
    WordStep(0xFC000003, 0x48000001, ""),  # bl
    WordStep(_D_FORM, 0x38210000, ""),  # addi r1,r1,number
    WordStep(_WHOLE, 0xE8010010, ""),  # ld r0,16(r1)
    WordStep(_WHOLE, 0x7C0803A6, ""),  # mtlr r0
    WordStep(_WHOLE, 0x4E800020, ""),  # blr
)


def _toc(image: Image) -> int | None:
    """The TOC pointer that ``_start`` computes; None when it does not begin so."""
    code = words_at(image, image.entry, 8)
    step = step_of(code[0], _TOC_STEPS) if len(code) > 1 and code[1] & _D_FORM == 0x38420000 else None
    if step is None:
        return None
    return _high(code[0]) + _low(code[1]) + (image.entry if step.effect == "ahead" else 0)


def _read_start(image: Image) -> Start | None:
    structure = toc = _toc(image)
    if toc is None or structure is None:
        return None
    dynamic = DynamicSection(image)
    for place, word in enumerate(words_at(image, image.entry, _START_SIZE)[2:], 2):
        step = step_of(word, _START_STEPS)
        if step is None or structure is None:
            return None
        if step.effect == "high":
            structure = toc + _high(word)
        elif step.effect == "address":
            structure += _low(word)
        elif step.effect == "load":
            structure = _stored(dynamic, structure + _low(word, 3))
        elif step.effect == "call":
            init, target = _stored(dynamic, structure + _INIT), _target(word, image.entry + 4 * place)
            is_known = _jump_slot(image, target) is not None or _BCTR not in words_at(image, target, 32)
            return Start(init == 0, target, None) if init is not None and is_known else None
    return None


def _stored(dynamic: DynamicSection, address: int) -> int | None:
    """The address that is stored at an address: of a relocation or in the file. None for one that is not in the file or
    that only the loader knows.
    """
    stored = code_at(dynamic.image, address, 8)
    found = next(relocations_within(dynamic, address, address + 1), None)
    if len(stored) < 8 or (found is not None and found.symbol):
        return None
    return found.addend if found is not None else int.from_bytes(stored, "little")


def _jump_slot(image: Image, address: int, toc: int | None = None) -> int | None:
    """The slot of ``[std]; [nop]; [addis]; ld``, a stub; by default one that ``_start`` calls."""
    code = [word for word in words_at(image, address, 16) if word not in _STUB_FILLERS]
    slot = _toc(image) if toc is None else toc
    if slot is None or len(code) < 2:
        return None
    if step_of(code[0], _STUB_HIGH):
        slot += _high(code.pop(0))
    return slot + _low(code[0], 3) if step_of(code[0], _STUB_LOAD) else None


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    code = words_at(image, address, 12)
    if len(code) < 3 or step_of(code[0], _TOC_STEPS) is None or code[2] & 0xFC000003 != 0x48000000:
        return False
    clones = words_at(image, _target(code[2], address + 8), 64)
    return all(any(step_of(word, steps) for word in clones) for steps in (_HALVE, _ROUND))


def _is_bare_init(image: Image, address: int) -> bool:
    code = [word for word in words_at(image, address, 80) if step_of(word, _INIT_FILLERS) is None]
    return len(code) > 1 and step_of(code[0], _TOC_STEPS) is not None and begins_with(code[2:], _INIT_STEPS)


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    toc = _toc_of_a_function(image)
    if toc is None:
        return
    yield from calls_of_stubs(slots, _branches(image), lambda target: _jump_slot(image, target, toc))
    for start, words in code_words(image):
        highs: dict[int, int] = {}  # register -> what the last addis of r2 gave
        for index, word in enumerate(words):
            into, of = word >> 21 & 31, word >> 16 & 31
            if word & 0xFC1F0000 == 0x3C020000:  # addis reg,r2,number
                highs[into] = toc + _high(word)
            elif word & 0xFC000003 == 0xE8000000:  # ld reg,number(reg)
                base = toc if of == 2 else highs.get(of)
                symbol = None if base is None else slots.get(base + _low(word, 3))
                if symbol is not None and [*words[index + 1 : index + 3]] != [_MTCTR_R12, _BCTR]:
                    yield start + 4 * index, symbol  # (the load of a stub is none of a function)


def _toc_of_a_function(image: Image) -> int | None:
    """The TOC pointer that the first function computes that computes one: a library has no ``_start``."""
    for start, words in code_words(image):
        for index, (word, following) in enumerate(pairwise(words)):
            if word & _D_FORM == 0x3C4C0000 and following & _D_FORM == 0x38420000:
                return start + 4 * index + _high(word) + _low(following)
    return _toc(image)


def _branches(image: Image) -> Iterator[tuple[int, int]]:
    """(address, target) of each b and bl."""
    for start, words in code_words(image):
        for index, word in enumerate(words):
            if word & 0xFC000002 == 0x48000000:
                place = start + 4 * index
                yield place, _target(word & ~1, place)


def _high(word: int) -> int:
    """The number that an addis or lis adds."""
    return signed(word, 16) << 16


def _low(word: int, flags: int = 0) -> int:
    """The offset of an instruction, whose lowest bits may be ``flags``."""
    return signed(word & ~flags, 16)


def _target(word: int, place: int) -> int:
    """Where a b or bl at a place goes."""
    return place + signed(word & ~3, 26)


ARCH = Arch(
    name="powerpc64le",
    format=ElfFormat(bits=64, order="<", machine=21, flags=2, page=0x10000),
    loader="ld64.so.2",
    interpreter="/lib64/ld64.so.2",
    triplet="powerpc64le-linux-gnu",
    first_node="GLIBC_2.17",
    macro="defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)",
    rust_target="powerpc64le-unknown-linux-gnu",
    spelling=Spelling(uname="ppc64le", meson="ppc64", go="ppc64le", node="ppc64"),
    long_double="ibm",
    stat_layout=1,
    mknod_layout=1,
    object_options=("-mabi=ibmlongdouble", "-Wno-psabi"),
    has_long_double_attribute=True,
    float128_choice_since=Release(2, 23),
    shares_toc=True,
    other_names=("ppc64le", "ppc64el"),
    gnu_abi_releases=(EVER, EVER, Release(2, 28)),
    hwcaps=("power10", "power9"),
    relocations=RelocationTypes(
        relative=(22,),
        copy=19,
        offset_in_thread=(69, 70, 71, 72, 73, 95, 96, 97, 98, 99, 100, 112, 113),  # TPREL16 to TPREL16_HIGHA
        # NONE, ADDR32 to ADDR14_BRNTAKEN, GLOB_DAT JMP_SLOT, UADDR32 UADDR16 REL32, ADDR30 to REL64, ADDR16_DS
        # ADDR16_LO_DS, DTPMOD64 DTPREL64, ADDR16_HIGH ADDR16_HIGHA, JMP_IREL IRELATIVE
        others=frozenset((*range(10), 20, 21, 24, 25, 26, *range(37, 45), 56, 57, 68, 78, 110, 111, 247, 248)),
    ),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
