"""The code of x86-64.

References to imports are not disassembled: both kinds (``call *slot(%rip)`` or a load of it, ``call stub``) end in a
32-bit distance from the next instruction, so every four bytes of code that would be the distance to a slot or a stub
are taken for a reference. So are those that would be the distance with one byte of a constant behind them
(``cmpq $0,slot(%rip)``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symver_pin.elf.image import Image
from symver_pin.elf.records import ElfFormat
from symver_pin.glibc.release import Release
from symver_pin.machine.arch import EVER, Arch, RelocationTypes, Spelling
from symver_pin.machine.code import CodeReader, Start, Step, code_at, distances, jump_target, read_steps

_START_SIZE = 96
_STUB_HEADS = (2, 3, 6, 7, 8, 12)
"""How many bytes of a stub come before the distance in it: endbr64, a move of six, bnd, the jump's code."""
_ENDBR64 = b"\xf3\x0f\x1e\xfa"

_START_STEPS = (
    Step(_ENDBR64, 0, ""),
    Step(b"\x31\xed", 0, ""),  # xor %ebp,%ebp
    Step(b"\x49\x89\xd1", 0, ""),  # mov %rdx,%r9
    Step(b"\x5e", 0, ""),  # pop %rsi
    Step(b"\x48\x89\xe2", 0, ""),  # mov %rsp,%rdx
    Step(b"\x48\x83\xe4\xf0", 0, ""),  # and $-16,%rsp
    Step(b"\x50", 0, ""),  # push %rax
    Step(b"\x54", 0, ""),  # push %rsp
    Step(b"\x45\x31\xc0", 0, ""),  # xor %r8d,%r8d: fini
    Step(b"\x49\xc7\xc0", 4, ""),  # mov $fini,%r8
    Step(b"\x4c\x8d\x05", 4, ""),  # lea fini(%rip),%r8
    Step(b"\x4c\x8b\x05", 4, ""),  # mov fini@GOT(%rip),%r8
    Step(b"\x31\xc9", 0, "init is null"),  # xor %ecx,%ecx
    Step(b"\x48\xc7\xc1", 4, "init is given"),  # mov $init,%rcx
    Step(b"\x48\x8d\x0d", 4, "init is given"),  # lea init(%rip),%rcx
    Step(b"\x48\x8b\x0d", 4, "init is given"),  # mov init@GOT(%rip),%rcx
    Step(b"\x48\xc7\xc7", 4, ""),  # mov $main,%rdi
    Step(b"\x48\x8d\x3d", 4, ""),  # lea main(%rip),%rdi
    Step(b"\x48\x8b\x3d", 4, ""),  # mov main@GOT(%rip),%rdi
    Step(b"\x90", 0, ""),  # nop: what mold puts before an indirect call that it made direct
    Step(b"\xe8", 4, "call"),
    Step(b"\x40\xe8", 4, "call"),  # the same by mold since 2.37
    Step(b"\x67\xe8", 4, "call"),  # the same by the other linkers
    Step(b"\xff\x15", 4, "call through slot"),
)
"""glibc's sysdeps/x86_64/start.S of all releases, as its assembler and the linkers write it."""


def _read_start(image: Image) -> Start | None:
    init_is_null = None
    for step, operand, end in read_steps(code_at(image, image.entry, _START_SIZE), _START_STEPS):
        if step.effect == "init is null" or step.effect == "init is given":
            # A linker writes zero for an init that is weak and nowhere.
            init_is_null = step.effect == "init is null" or (step.code[1] == 0xC7 and not any(operand))
        elif step.effect:
            if init_is_null is None:
                return None
            target = image.entry + end + int.from_bytes(operand, "little", signed=True)
            through = step.effect == "call through slot"
            return Start(init_is_null, None if through else target, target if through else None)
    return None


def _jump_slot(image: Image, address: int) -> int | None:
    code = code_at(image, address, 24)
    at = len(_ENDBR64) if code.startswith(_ENDBR64) else 0
    at += 6 * code.startswith(b"\x41\xbb", at)  # mov $number,%r11d: mold's lazy stub
    at += code.startswith((b"\xf2", b"\x3e"), at)  # bnd, notrack
    if not code.startswith(b"\xff\x25", at) or len(code) < at + 6:
        return None
    return address + at + 6 + int.from_bytes(code[at + 2 : at + 6], "little", signed=True)


_TM_CLONES = b"\x48\xc1\xee\x3f\x48\xc1\xf8\x03"
"""The middle of crtbegin.o's register_tm_clones: half the distance of two symbols, rounded towards zero."""
_DO_INIT = (b"\x55\x48\x89\xe5\xf6\x05", b"\x80\x3d")
"""crtbegin.o of LLVM's compiler-rt, __do_init: tests a byte of its own, then calls __register_frame_info if that is
defined. clang up to 17 tests its address by `test %rax,%rax`, later ones by `cmp $0,%rax`."""
_IS_DEFINED = (b"\x48\x85\xc0", b"\x48\x83\xf8\x00")

_BARE_INIT = (b"\x48\x83\xec\x08\x48\x8b\x05", b"\x48\x83\xec\x08\x48\x8d\x05")
"""_init of crti.o: sub $8,%rsp; mov __gmon_start__@GOT(%rip),%rax, a lea if mold 3.0 or later linked."""


def _is_idle(image: Image, address: int) -> bool:
    code = code_at(image, address, 48)
    target = jump_target(code, address, _ENDBR64)
    if target is None:
        body = code.removeprefix(_ENDBR64)
        return body.startswith(_DO_INIT) and any(test in body for test in _IS_DEFINED)
    return _TM_CLONES in code_at(image, target, 64)


def _is_bare_init(image: Image, address: int) -> bool:
    code = code_at(image, address, 40)
    body = code[len(_ENDBR64) :] if code.startswith(_ENDBR64) else code
    if not body.startswith(_BARE_INIT) or body[11:14] != b"\x48\x85\xc0":
        return False
    # je over the call; the call is direct, through a slot, or through %rax.
    skip = body[15] if len(body) > 15 and body[14] == 0x74 else 0
    return body[16 + skip : 21 + skip] == b"\x48\x83\xc4\x08\xc3" and skip in (2, 5, 6)


def _references(image: Image, slots: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    stubs: dict[int, int] = {}
    # a comparison of a slot with a constant: one byte stands between the distance and the next instruction
    before = {slot - 1: symbol for slot, symbol in slots.items()}
    for place, end in distances(image, before):
        yield place, before[end]
    for place, slot in distances(image, slots):
        yield place, slots[slot]
        for head in _STUB_HEADS:
            if _jump_slot(image, place - head) == slot:
                stubs[place - head] = slots[slot]
    for place, stub in distances(image, stubs):
        yield place, stubs[stub]


ARCH = Arch(
    name="x86_64",
    format=ElfFormat(bits=64, order="<", machine=62, flags=0, page=0x1000),
    loader="ld-linux-x86-64.so.2",
    interpreter="/lib64/ld-linux-x86-64.so.2",
    triplet="x86_64-linux-gnu",
    first_node="GLIBC_2.2.5",
    macro="defined(__x86_64__) && !defined(__ILP32__)",
    rust_target="x86_64-unknown-linux-gnu",
    spelling=Spelling(uname="x86_64", meson="x86_64", go="amd64", node="x64"),
    long_double="x87",
    has_marked_plt=True,
    has_executable_stack=True,
    stat_layout=1,
    mknod_layout=0,
    other_names=("amd64", "x86-64", "x64"),
    other_abi_flags=("-m32", "-mx32"),
    gnu_abi_releases=(EVER, EVER, Release(2, 28)),
    relocations=RelocationTypes(
        relative=(8, 38),  # RELATIVE64 too
        copy=5,
        offset_in_thread=(18, 36),
        pointers=(1, 6, 7),  # 64 GLOB_DAT JUMP_SLOT
        # NONE 64 PC32 GLOB_DAT JUMP_SLOT 32 DTPMOD64 DTPOFF64 IRELATIVE
        others=frozenset((0, 1, 2, 6, 7, 10, 16, 17, 37)),
        since=((32, Release(2, 18)), (33, Release(2, 18))),  # SIZE32 SIZE64
    ),
    platform="x86_64",
    hwcaps=("x86-64-v4", "x86-64-v3", "x86-64-v2"),
    code=CodeReader(_read_start, _jump_slot, _is_idle, _is_bare_init, _references),
)
