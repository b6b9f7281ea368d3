"""The code of s390x: instructions of two, four or six bytes, big-endian; addresses count in half-words from their own
instruction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.machine.arch import Arch, RelocationTypes, Spelling
from symver_pin.machine.code import CodeReader, Start, Step, calls_of_stubs, code_at, code_segments, read_steps

_START_SIZE = 96
_START_STEPS = (
    Step(b"\x41\x40\xf0\x08", 0, ""),  # la %r4,8(%r15)
    Step(b"\xe3\x30\xf0\x00\x00\x04", 0, ""),  # lg %r3,0(%r15)
    Step(b"\xa7\x09\xff\xf0", 0, ""),  # lghi %r0,-16
    Step(b"\xb9\x80\x00\xf0", 0, ""),  # ngr %r15,%r0
    Step(b"\xa7\xfb\xff\x50", 0, ""),  # aghi %r15,-176
    Step(b"\xd7\x07\xf0\x00\xf0\x00", 0, ""),  # xc 0(8,%r15),0(%r15)
    Step(b"\xeb\xef\xf0\xa0\x00\x24", 0, ""),  # stmg %r14,%r15,160(%r15)
    Step(b"\x41\x70\xf0\xa0", 0, ""),  # la %r7,160(%r15)
    Step(b"\xc0\x20", 4, ""),  # larl %r2,main
    Step(b"\xe3\x20\x20\x00\x00\x04", 0, ""),  # lg %r2,0(%r2)
    Step(b"\xc4\x28", 4, ""),  # lgrl %r2,slot
    Step(b"\xa7\x69\x00\x00", 0, ""),  # lghi %r6,0: fini
    Step(b"\xc0\x60", 4, ""),  # larl %r6,fini
    Step(b"\xa7\x59\x00\x00", 0, "init is null"),  # lghi %r5,0
    Step(b"\xc0\x50", 4, "init is given"),  # larl %r5,init
    Step(b"\xc0\xe5", 4, "call"),  # brasl %r14,function
)
"""glibc's sysdeps/s390/s390-64/start.S of all releases, as its assembler and the linkers write it."""
_SHIFTS = ((b"\x00\x3f\x00\x0c", 0xEB), (b"\x00\x01\x00\x0a", 0xEB))
"""srlg by 63, srag by 1, of any registers: opcode, register and register, two bytes of the number, more of the
opcode."""

_BRASL, _BRCL, _LARL, _LGRL = (0xC0, 5), (0xC0, 4), (0xC0, 0), (0xC4, 8)
"""First byte and low half of the second byte of instructions with a distance of four bytes."""


def _read_start(image: Image) -> Start | None:
    init_is_null = None
    for step, operand, end in read_steps(code_at(image, image.entry, _START_SIZE), _START_STEPS):
        if step.effect == "call":
            place = image.entry + end - len(step.code) - len(operand)
            return None if init_is_null is None else Start(init_is_null, place + _ahead(operand), None)
        if step.effect:
            init_is_null = step.effect == "init is null"
    return None


def _ahead(operand: bytes) -> int:
    """The distance that an operand of four bytes gives."""
    return 2 * int.from_bytes(operand, "big", signed=True)


def _jump_slot(image: Image, address: int) -> int | None:
    code = code_at(image, address, 12)
    # larl %r1,slot; lg %r1,0(%r1)
    if not code.startswith(b"\xc0\x10") or not code.startswith(b"\xe3\x10\x10\x00\x00\x04", 6):
        return None
    return address + _ahead(code[2:6])


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    yield from calls_of_stubs(slots, _distances(image, (_BRASL, _BRCL)), lambda target: _jump_slot(image, target))
    for place, target in _distances(image, (_LARL, _LGRL)):
        if target in slots:
            yield place, slots[target]


def _distances(image: Image, opcodes: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """(address, target) of each instruction with one of the ``opcodes``."""
    for start, code in code_segments(image):
        for first, second in opcodes:
            at = code.find(first)
            while at >= 0:
                if at % 2 == 0 and at + 6 <= len(code) and code[at + 1] & 15 == second:
                    yield start + at, start + at + _ahead(code[at + 2 : at + 6])
                at = code.find(first, at + 1)


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    code = code_at(image, address, 6)
    if code.startswith(b"\xc0\xf4"):  # jg
        target = address + _ahead(code[2:6])
    elif code.startswith(b"\xa7\xf4"):  # j
        target = address + 2 * int.from_bytes(code[2:4], "big", signed=True)
    else:
        return False
    clones = code_at(image, target, 64)
    places = [(clones.find(number), opcode) for number, opcode in _SHIFTS]
    return all(place >= 2 and clones[place - 2] == opcode for place, opcode in places)


def _is_bare_init(image: Image, address: int) -> bool:
    code = code_at(image, address, 64)
    # stmg, lgr, aghi, stg: the frame; larl %r12; larl, lg: the slot of __gmon_start__; ltgr, je; basr or brasl; back
    begin = (b"\xeb\x6f\xf0\x30\x00\x24\xb9\x04\x00\x1f\xa7\xfb\xff\x60\xe3\x10\xf0\x00\x00\x24\xc0\xc0", b"\xc0\x10")
    rest = b"\xe3\x10\x10\x00\x00\x04\xb9\x02\x00\x11\xa7\x84"
    if not (code.startswith(begin[0]) and code.startswith(begin[1], 26) and code.startswith(rest, 32)):
        return False
    skip = 2 * int.from_bytes(code[44:46], "big")
    return skip in (6, 10) and code.startswith(b"\xe3\x40\xf1\x10\x00\x04\xeb\x6f\xf0\xd0\x00\x04\x07\xf4", 42 + skip)


ARCH = Arch(
    name="s390x",
    format=ElfFormat(bits=64, order=">", machine=22, flags=0, page=0x1000),
    loader="ld64.so.1",
    interpreter="/lib/ld64.so.1",
    triplet="s390x-linux-gnu",
    first_node="GLIBC_2.2",
    macro="defined(__s390x__)",
    rust_target="s390x-unknown-linux-gnu",
    spelling=Spelling(uname="s390x", meson="s390x", go="s390x", node="s390x"),
    long_double="binary128",
    has_executable_stack=True,
    stat_layout=1,
    mknod_layout=0,
    hwcaps=("z17", "z16", "z15", "z14", "z13"),
    relocations=RelocationTypes(
        relative=(12,),
        copy=9,
        offset_in_thread=(56,),
        # NONE 8 16 32 PC32 GLOB_DAT JMP_SLOT PC16 PC16DBL PC32DBL 64 PC64 TLS_DTPMOD TLS_DTPOFF IRELATIVE
        others=frozenset((0, 1, 3, 4, 5, 10, 11, 16, 17, 19, 22, 23, 54, 55, 61)),
    ),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
