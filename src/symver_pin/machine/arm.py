"""The code of 32-bit Arm, little-endian: A32 instructions of four bytes, T32 of two or four.

An odd address of code means T32. Start-up files come in either kind (Debian's armhf has T32), stubs in A32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from symver_pin.elf.image import Image, integers
from symver_pin.elf.records import ElfFormat
from symver_pin.machine.arch import Arch, RelocationTypes, Spelling
from symver_pin.machine.code import (
    CodeReader,
    Start,
    WordStep,
    calls_of_stubs,
    code_at,
    code_segments,
    code_words,
    signed,
    words_at,
)

_START_SIZE = 80
_WHOLE, _HALF = 0xFFFFFFFF, 0xFFFF

_START_A32 = (
    WordStep(_WHOLE, 0xE320F000, ""),  # nop
    WordStep(_WHOLE, 0xE1A00000, ""),  # mov r0, r0
    WordStep(_WHOLE, 0xE3A0B000, ""),  # mov fp, #0
    WordStep(_WHOLE, 0xE3A0E000, ""),  # mov lr, #0
    WordStep(_WHOLE, 0xE49D1004, ""),  # pop {r1}
    WordStep(_WHOLE, 0xE1A0200D, ""),  # mov r2, sp
    WordStep(_WHOLE, 0xE52D2004, ""),  # push {r2}
    WordStep(_WHOLE, 0xE52D0004, ""),  # push {r0}
    WordStep(_WHOLE, 0xE52D3004, ""),  # push {r3}
    WordStep(_WHOLE, 0xE52DC004, ""),  # push {ip}
    WordStep(0xFF7FF000, 0xE51FA000, ""),  # ldr sl, [pc, offset]
    WordStep(0xFFFFF000, 0xE28F3000, ""),  # adr r3, place
    WordStep(_WHOLE, 0xE08AA003, ""),  # add sl, sl, r3
    WordStep(0xFF7FF000, 0xE51F0000, ""),  # ldr r0, [pc, offset]
    WordStep(_WHOLE, 0xE79A0000, ""),  # ldr r0, [sl, r0]
    WordStep(0xFF7FF000, 0xE51FC000, ""),  # ldr ip, [pc, offset]
    WordStep(_WHOLE, 0xE79AC00C, ""),  # ldr ip, [sl, ip]
    WordStep(_WHOLE, 0xE3A03000, "zero"),  # mov r3, #0
    WordStep(0xFF7FF000, 0xE51F3000, "given"),  # ldr r3, [pc, offset]
    WordStep(_WHOLE, 0xE79A3003, "given"),  # ldr r3, [sl, r3]
    WordStep(0xFF000000, 0xEB000000, "call"),  # bl
    WordStep(0xFE000000, 0xFA000000, "call"),  # blx
)
"""glibc's sysdeps/arm/start.S of all releases in A32. r3 (a4) is init, or helps to find the global offset table
(sl)."""
_START_T32 = (
    WordStep(_HALF, 0xBF00, ""),
    WordStep(_HALF, 0xBC02, ""),
    WordStep(_HALF, 0x466A, ""),
    WordStep(_HALF, 0xB404, ""),
    WordStep(_HALF, 0xB401, ""),
    WordStep(_HALF, 0xB408, ""),
    WordStep(0xFF00, 0xA300, ""),  # adr r3
    WordStep(_HALF, 0x449A, ""),  # add sl, r3
    WordStep(0xFF00, 0x4800, ""),  # ldr r0, [pc, offset]
    WordStep(_HALF, 0x2300, "zero"),
    WordStep(0xFF00, 0x4B00, "given"),  # ldr r3, [pc, offset]
    WordStep(_WHOLE, 0xF3AF8000, ""),
    WordStep(_WHOLE, 0xF04F0B00, ""),
    WordStep(_WHOLE, 0xF04F0E00, ""),
    WordStep(0xFF7FF000, 0xF85FA000, ""),
    WordStep(0xFF7FF000, 0xF85F0000, ""),
    WordStep(_WHOLE, 0xF85A0000, ""),
    WordStep(0xFF7FF000, 0xF85FC000, ""),
    WordStep(_WHOLE, 0xF85AC00C, ""),
    WordStep(_WHOLE, 0xF84DCD04, ""),
    WordStep(_WHOLE, 0xF04F0300, "zero"),
    WordStep(0xFF7FF000, 0xF85F3000, "given"),
    WordStep(_WHOLE, 0xF85A3003, "given"),
    WordStep(0xF800C000, 0xF000C000, "call"),  # bl, blx
)
"""The same in T32; instructions of four bytes with their first half in front."""


def _read_start(image: Image) -> Start | None:
    is_t32 = image.entry & 1
    init_is_null: bool | None = None
    for place, word in _instructions(image, image.entry, _START_SIZE):
        steps = _START_T32 if is_t32 else _START_A32
        narrow = word <= _HALF and is_t32
        step = next((s for s in steps if (s.mask <= _HALF) == narrow and word & s.mask == s.code), None)
        if step is None:
            return None
        if step.effect == "zero":
            init_is_null = True
        elif step.effect == "given":
            init_is_null = False
        elif step.effect == "call":
            target = _call_t32(word, place) if is_t32 else _call_a32(word, place)
            return None if init_is_null is None else Start(init_is_null, target, None)
    return None


def _instructions(image: Image, address: int, size: int) -> Iterator[tuple[int, int]]:
    """Address and bits of each instruction from ``address`` on. Bit 0 of the address is set for T32 code."""
    start = address & ~1
    code = code_at(image, start, size)
    at = 0
    while at + 4 <= len(code):
        word = int.from_bytes(code[at : at + 4], "little")
        if not address & 1:
            yield start + at, word
            at += 4
        elif word >> 11 & 31 < 0x1D:
            yield start + at, word & _HALF
            at += 2
        else:
            yield start + at, (word & _HALF) << 16 | word >> 16
            at += 4


def _call_a32(word: int, place: int) -> int:
    """The target of a bl or blx, with bit 0 set for T32 code; b has the same form."""
    target = place + 8 + 4 * signed(word, 24)
    return target + 2 * (word >> 24 & 1) + 1 if word >> 28 == 0xF else target


def _call_t32(word: int, place: int) -> int:
    """The target of a bl or blx, with bit 0 set for T32 code."""
    sign = word >> 26 & 1
    first, second = (1 ^ sign ^ (word >> bit & 1) for bit in (13, 11))
    distance = sign << 24 | first << 23 | second << 22 | (word >> 16 & 0x3FF) << 12 | (word & 0x7FF) << 1
    if word & 0x1000:
        return place + 4 + signed(distance, 25) + 1
    return (place + 4 & ~3) + signed(distance, 25)


def _jump_slot(image: Image, address: int) -> int | None:
    """Follows what a stub makes of ip, up to ``ldr pc, [ip, offset]``."""
    if address & 1:
        if code_at(image, address & ~1, 2) != b"\x78\x47":  # bx pc
            return None
        address = (address & ~1) + 4
        code = words_at(image, address, 12)
        if code[:2] == [0xE59FC000, 0xE08CF00F]:  # ldr ip, [pc]; add pc, ip, pc: gold's way to a stub of A32
            address = (address + 12 + code[2]) & 0xFFFFFFFF
    ip = 0
    for place, word in _instructions(image, address, 16):
        if word & 0xFFFFF000 == 0xE28FC000:  # add ip, pc, number
            ip = place + 8 + _immediate(word)
        elif word & 0xFFFFF000 == 0xE28CC000:  # add ip, ip, number
            ip += _immediate(word)
        elif word & 0xFFFFF000 == 0xE59FC000:  # ldr ip, [pc, offset]
            ip = int.from_bytes(code_at(image, place + 8 + (word & 0xFFF), 4), "little")
        elif word in (0xE08CC00F, 0xE08FC00C):  # add ip, ip, pc
            ip += place + 8
        elif word & 0xFFDFF000 == 0xE59CF000 or word & 0xFFFFF000 == 0xE5BCF000:  # ldr pc, [ip, offset], with !
            return (ip + (word & 0xFFF)) & 0xFFFFFFFF
        else:
            return None
    return None


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Calls of stubs. Loads from slots go through two numbers between the functions, and are not searched."""
    return calls_of_stubs(slots, _branches(image), lambda target: _jump_slot(image, target))


def _branches(image: Image) -> Iterator[tuple[int, int]]:
    """(address, target) of all that is a b, bl or blx as A32 or as T32: which of them code is, only symbols say."""
    for start, words in code_words(image):
        for index, word in enumerate(words):
            if word & 0x0E000000 == 0x0A000000:
                yield start + 4 * index, _call_a32(word, start + 4 * index)
    for start, code in code_segments(image):
        for index, (first, second) in enumerate(pairwise(integers(code[: len(code) // 2 * 2], "H", image.order))):
            if first & 0xF800 == 0xF000 and (second & 0x9000 == 0x9000 or second & 0xD001 == 0xC000):
                yield start + 2 * index, _call_t32(first << 16 | second, start + 2 * index)


def _immediate(word: int) -> int:
    """The number of an A32 add: eight bits, turned right by twice four more."""
    number, turn = word & 0xFF, 2 * (word >> 8 & 15)
    return (number >> turn | number << (32 - turn)) & 0xFFFFFFFF


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    place, word = next(_instructions(image, address, 4), (0, 0))
    if address & 1 and word >> 11 == 0x1C:  # b
        target = place + 4 + 2 * signed(word, 11) + 1
    elif address & 1 and word & 0xF800D000 == 0xF0009000:  # b.w
        target = _call_t32(word, place)
    elif not address & 1 and word >> 24 == 0xEA:  # b
        target = _call_a32(word, place)
    else:
        return False
    clones = [word for _, word in _instructions(image, target, 64)]
    # Some shift by lsr #31, another by asr #1.
    if target & 1:
        return {0x0FC0, 0x1040} <= {word & ~0x3F for word in clones}
    return {0xFA0, 0x0C0} <= {word & 0xFF0 for word in clones if word >> 26 & 3 == 0}


def _is_bare_init(image: Image, address: int) -> bool:
    code = [word for _, word in _instructions(image, address, 16)]
    if address & 1:  # push {r3, lr}; bl; pop {r3, pc}
        return [*code[:1], *code[2:3]] == [0xB508, 0xBD08] and code[1] & 0xF800C000 == 0xF000C000
    return [*code[:1], *code[2:3]] == [0xE92D4008, 0xE8BD8008] and code[1] >> 24 == 0xEB


_ELFOSABI_ARM_AEABI = 64
_EF_ARM_EABIMASK, _EF_ARM_EABI_VER5, _EF_ARM_ABI_FLOAT_SOFT = 0xFF000000, 0x05000000, 0x200


def _refuses_flags(flags: int) -> str:
    """Why the loader of the hard-float ABI refuses a file by its e_flags; "" when it does not."""
    if flags & (_EF_ARM_EABIMASK | _EF_ARM_ABI_FLOAT_SOFT) == _EF_ARM_EABI_VER5 | _EF_ARM_ABI_FLOAT_SOFT:
        return "it passes floating point outside of registers"
    return ""


ARCH = Arch(
    name="arm",
    format=ElfFormat(bits=32, order="<", machine=40, flags=0x05000400, page=0x10000),
    loader="ld-linux-armhf.so.3",
    interpreter="/lib/ld-linux-armhf.so.3",
    triplet="arm-linux-gnueabihf",
    first_node="GLIBC_2.4",
    macro="defined(__arm__) && defined(__ARM_PCS_VFP)",
    rust_target="armv7-unknown-linux-gnueabihf",
    spelling=Spelling(uname="armv7l", meson="arm", go="arm", node="arm"),
    long_double="binary64",
    has_executable_stack=True,
    stat_layout=3,
    mknod_layout=1,
    other_names=("armhf", "armv7", "armv7l", "armv7a", "armv8l"),
    cpu_pattern="arm.*",
    system_pattern=".*hf",
    extra_os_abis=(_ELFOSABI_ARM_AEABI,),
    refuses_flags=_refuses_flags,
    relocations=RelocationTypes(
        relative=(23,),
        copy=20,
        offset_in_thread=(13, 19),
        # NONE PC24 ABS32 TLS_DTPMOD32 TLS_DTPOFF32 GLOB_DAT JUMP_SLOT IRELATIVE
        others=frozenset((0, 1, 2, 17, 18, 21, 22, 160)),
    ),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
