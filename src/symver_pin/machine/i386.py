"""The code of i386.

There is no addressing relative to the instruction: position-independent code has the address of the global offset table
in %ebx and reaches all from there, slots too. What linkers take for that address differs (mold's is not DT_PLTGOT), so
it is read off ``_start``, which makes it as all code does: ``call`` a place that copies the return address, ``add``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.constants import DT_PLTGOT
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes, Spelling
from symver_pin.machine.code import CodeReader, Start, Step, code_at, code_segments, distances, jump_target, read_steps

_START_SIZE = 96
_ENDBR32 = b"\xf3\x0f\x1e\xfb"
_BEGIN = b"\x31\xed\x5e\x89\xe1\x83\xe4\xf0\x50\x54\x52"
"""xor %ebp,%ebp; pop %esi; mov %esp,%ecx; and $-16,%esp; push %eax, %esp, %edx"""
_OWN_ADDRESS = b"\x8b\x1c\x24\xc3"
"""mov (%esp),%ebx; ret: what _start calls for its own address."""
_PUSHED, _INIT = 5, 1
"""fini, init, argv, argc and main are pushed, in this order."""

_START_STEPS = (
    Step(b"\x81\xc3", 4, "base"),  # add $distance,%ebx
    Step(b"\x6a", 1, "push number"),
    Step(b"\x68", 4, "push number"),
    Step(b"\x51", 0, "push other"),  # push %ecx: argv
    Step(b"\x56", 0, "push other"),  # push %esi: argc
    Step(b"\xff\xb3", 4, "push other"),  # push slot(%ebx)
    Step(b"\xff\x35", 4, "push other"),  # push slot
    Step(b"\x8d\x83", 4, "push other", b"\x50"),  # lea place(%ebx),%eax; push %eax
    Step(b"\x8b\x83", 4, "push other", b"\x50"),  # mov slot(%ebx),%eax; push %eax
    Step(b"\xc7\xc0", 4, "push number", b"\x50"),  # mov $main,%eax; push %eax
    Step(b"\xb8", 4, "push number", b"\x50"),
    Step(b"\x90", 0, ""),  # nop
    Step(b"\xe8", 4, "call"),
    Step(b"\x67\xe8", 4, "call"),  # a call through a slot, made direct
    Step(b"\xff\x93", 4, "call through slot"),
    Step(b"\xff\x15", 4, "call through slot"),
)
"""The rest of glibc's sysdeps/i386/start.S of all releases, as its assembler and the linkers write it."""


def _read_start(image: Image) -> Start | None:
    start, _base = _decode(image)
    return start


def _decode(image: Image) -> tuple[Start | None, int]:
    """The entry point, and the address that %ebx has in it; 0 when it has none."""
    code, base = code_at(image, image.entry, _START_SIZE), 0
    begin = len(_BEGIN) + (len(_ENDBR32) if code.startswith(_ENDBR32) else 0)
    if not code[:begin].endswith(_BEGIN):
        return None, 0
    pushed: list[bool] = []
    for step, operand, end in read_steps(code[begin:], _START_STEPS):
        value, behind = int.from_bytes(operand, "little", signed=True), image.entry + begin + end
        if step.effect == "base":
            base = (base + value) & 0xFFFFFFFF
        elif step.effect.startswith("push"):
            pushed.append(step.effect == "push number" and value == 0)
        elif step.effect == "call" and code_at(image, behind + value, 4) == _OWN_ADDRESS:
            base = behind
        elif step.effect and len(pushed) != _PUSHED:
            break
        elif step.effect == "call":
            function = (behind + value) & 0xFFFFFFFF
            slot = _slot_of(image, function, (base,))
            return Start(pushed[_INIT], None if slot is not None else function, slot), base
        elif step.effect == "call through slot":
            slot = value + base if step.code == b"\xff\x93" else value
            return Start(pushed[_INIT], None, slot & 0xFFFFFFFF), base
    return None, base


def _slot_of(image: Image, address: int, bases: tuple[int, ...]) -> int | None:
    """The slot through which a stub jumps, by what %ebx may be: the first that is in the file. None for other code."""
    code = code_at(image, address, 24)
    at = len(_ENDBR32) if code.startswith(_ENDBR32) else 0
    at += 5 * code.startswith(b"\xb9", at)  # mov $number,%ecx: mold's lazy stub
    if len(code) < at + 6 or code[at : at + 2] not in (b"\xff\x25", b"\xff\xa3"):
        return None
    value = int.from_bytes(code[at + 2 : at + 6], "little", signed=True)
    places = [value] if code[at + 1] == 0x25 else [base + value for base in bases]
    return next((place & 0xFFFFFFFF for place in places if code_at(image, place & 0xFFFFFFFF, 4)), None)


def _jump_slot(_image: Image, _address: int) -> None:
    """Stubs need what %ebx is: ``_read_start`` has looked through them."""
    return


def _is_idle(image: Image, address: int) -> bool:
    """Whether it only goes on to crtbegin.o's register_tm_clones, which halves the distance of two symbols."""
    target = jump_target(code_at(image, address, 16), address, _ENDBR32)
    if target is None:
        return False
    clones = code_at(image, target & 0xFFFFFFFF, 64)
    # shr $31, sar $2, sar, each of some register
    return all(
        any(bytes([code, form | register, *by]) in clones for register in range(8))
        for code, form, by in ((0xC1, 0xE8, (31,)), (0xC1, 0xF8, (2,)), (0xD1, 0xF8, ()))
    )


def _is_bare_init(image: Image, address: int) -> bool:
    code = code_at(image, address, 48)
    body = code[len(_ENDBR32) :] if code.startswith(_ENDBR32) else code
    # push %ebx; sub $8,%esp; call; add $distance,%ebx; mov slot(%ebx),%eax (a lea if mold 3.0 or later linked);
    # test %eax,%eax; je over the call
    load = b"\x8d\x83" if body.startswith(b"\x8d", 15) else b"\x8b\x83"
    fixed = {0: b"\x53\x83\xec\x08\xe8", 9: b"\x81\xc3", 15: load, 21: b"\x85\xc0\x74"}
    if len(body) < 25 or any(not body.startswith(part, at) for at, part in fixed.items()):
        return False
    skip = body[24]
    return skip in (2, 5, 6) and body.startswith(b"\x83\xc4\x08\x5b\xc3", 25 + skip)


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Calls of stubs alone: code that loads from a slot has no more than a distance from %ebx, or whatever it uses."""
    bases = tuple({_decode(image)[1], Dynamic(image).value(DT_PLTGOT) or 0} - {0})
    stubs: dict[int, int] = {}
    for start, code in code_segments(image):
        for kind in (b"\xff\xa3", b"\xff\x25"):
            at = code.find(kind)
            while at >= 0:
                for head in (0, 4, 5, 9):  # endbr32, mov $number,%ecx
                    slot = _slot_of(image, start + at - head, bases)
                    if slot is not None and slot in slots:
                        stubs[start + at - head] = slots[slot]
                at = code.find(kind, at + 1)
    for place, stub in distances(image, stubs):
        yield place, stubs[stub]


ARCH = Arch(
    name="i386",
    format=ElfFormat(bits=32, order="<", machine=3, flags=0, page=0x1000),
    loader="ld-linux.so.2",
    interpreter="/lib/ld-linux.so.2",
    triplet="i386-linux-gnu",
    first_node="GLIBC_2.0",
    macro="defined(__i386__)",
    rust_target="i686-unknown-linux-gnu",
    spelling=Spelling(uname="i686", meson="x86", go="386", node="ia32"),
    long_double="x87",
    has_executable_stack=True,
    stat_layout=3,
    mknod_layout=1,
    other_names=("i486", "i586", "i686", "x86"),
    other_abi_flags=("-m64", "-mx32"),
    cpu_pattern="i[3-6]86",
    cross_prefix="i686-linux-gnu",
    gnu_abi_releases=(EVER, EVER, Release(2, 28)),
    relocations=RelocationTypes(
        relative=(8,),
        copy=5,
        offset_in_thread=(14, 37, 41),
        # NONE 32 PC32 GLOB_DAT JMP_SLOT TLS_DTPMOD32 TLS_DTPOFF32 IRELATIVE
        others=frozenset((0, 1, 2, 6, 7, 35, 36, 42)),
        since=((38, Release(2, 18)),),  # SIZE32
    ),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
