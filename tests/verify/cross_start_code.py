"""Start-up code of older glibcs (``crt1.o`` before 2.34) for cross compilers, and the linkers that link it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from conftest import need_tool

#: Besides the linkers of this machine: mold 2.37, which writes some code in another way.
NEWER_MOLD = "newer mold"


class Cross(NamedTuple):
    """Another architecture."""

    triplet: str
    debian: str | None
    """Debian 11's name for it; None where Debian 11 is not available any more: there programs are linked with a stub.
    They run on the cross compiler's own glibc, which runs constructors whatever ``_start`` gives it.
    """
    loader: str
    start: str
    """Its start-up code before glibc 2.34; ``{init}`` is where the code goes that loads the arguments."""
    starts: dict[str, tuple[str, str]]
    """Form of that code -> link position, text."""
    node: str = ""
    """The version of the stub's symbols; "" for the port's first node."""

    def compiler(self, linker: str) -> list[str]:
        """gcc finds the cross linkers of two kinds only."""
        if linker in ("bfd", "gold"):
            return [need_tool(f"{self.triplet}-gcc")]
        return [need_tool("clang"), f"--target={self.triplet}"]


def _for_each(form: str, registers: Sequence[int]) -> str:
    arguments = zip(registers, ("main", "__libc_csu_init", "__libc_csu_fini"), strict=True)
    return "\n".join(form.format(register=register, symbol=symbol) for register, symbol in arguments)


_BEGIN_ARM = """
    mov fp, #0
    mov lr, #0
    pop {r1}
    mov r2, sp
    push {r2}
    push {r0}"""
CROSS = {
    "aarch64": Cross("aarch64-linux-gnu", "arm64", "ld-linux-aarch64.so.1", """
.globl _start, __libc_csu_init, __libc_csu_fini
_start:
    mov x29, #0
    mov x30, #0
    mov x5, x0
    ldr x1, [sp]
    add x2, sp, #8
    mov x6, sp
    {init}
    bl __libc_start_main
    bl abort
__libc_csu_fini:
    ret
__libc_csu_init:
    stp x29, x30, [sp, #-32]!
    str x19, [sp, #16]
    adrp x19, __init_array_start
    add x19, x19, :lo12:__init_array_start
1:  adrp x0, __init_array_end
    add x0, x0, :lo12:__init_array_end
    cmp x0, x19
    b.eq 2f
    ldr x1, [x19], #8
    blr x1
    b 1b
2:  ldr x19, [sp, #16]
    ldp x29, x30, [sp], #32
    ret
""", {
        "slots": ("-pie", _for_each(
            "adrp x{register}, :got:{symbol}\n ldr x{register}, [x{register}, :got_lo12:{symbol}]", (0, 3, 4))),
        "relative": ("-pie", _for_each(
            "adrp x{register}, {symbol}\n add x{register}, x{register}, :lo12:{symbol}", (0, 3, 4))),
        "addresses": ("-no-pie", _for_each(
            "movz x{register}, :abs_g0_nc:{symbol}\n movk x{register}, :abs_g1_nc:{symbol}\n "
            "movk x{register}, :abs_g2:{symbol}", (0, 3, 4))),
        "literals": ("-no-pie", _for_each("ldr x{register}, ={symbol}", (0, 3, 4))),
    }),
    "arm": Cross("arm-linux-gnueabihf", "armhf", "ld-linux-armhf.so.3", """
.syntax unified
.globl _start, __libc_csu_init, __libc_csu_fini
.type _start, %function
.type __libc_csu_init, %function
.type __libc_csu_fini, %function
{init}
    b .
    .align 2
7:  .word _GLOBAL_OFFSET_TABLE_ - 7b
    .word __libc_csu_fini(GOT)
    .word __libc_csu_init(GOT)
    .word main(GOT)
    .pool
__libc_csu_fini:
    bx lr
__libc_csu_init:
    push {{r4, r5, r6, lr}}
    ldr r4, 8f
5:  add r4, pc, r4
    ldr r5, 9f
6:  add r5, pc, r5
1:  cmp r4, r5
    beq 2f
    ldr r3, [r4], #4
    blx r3
    b 1b
2:  pop {{r4, r5, r6, pc}}
    .align 2
8:  .word __init_array_start - (5b + {ahead})
9:  .word __init_array_end - (6b + {ahead})
""", {
        f"{name} in {mode}": (position, f".{mode}\n.thumb_func\n_start:{_BEGIN_ARM}{text}" if mode == "thumb"
                              else f".{mode}\n_start:{_BEGIN_ARM}{text}")
        for mode in ("thumb", "arm")
        for name, position, text in (
            ("slots", "-pie", """
    ldr sl, 7f
    adr r3, 7f
    add sl, sl, r3
    ldr ip, 7f+4
    ldr ip, [sl, ip]
    push {ip}
    ldr r3, 7f+8
    ldr r3, [sl, r3]
    ldr r0, 7f+12
    ldr r0, [sl, r0]
    bl __libc_start_main"""),
            ("literals", "-no-pie", """
    ldr ip, =__libc_csu_fini
    push {ip}
    ldr r0, =main
    ldr r3, =__libc_csu_init
    bl __libc_start_main"""),
        )
    }),
    "i386": Cross("i686-linux-gnu", "i386", "ld-linux.so.2", """
.globl _start, __libc_csu_init, __libc_csu_fini
_start:
    xor %ebp, %ebp
    pop %esi
    mov %esp, %ecx
    and $-16, %esp
    push %eax
    push %esp
    push %edx
    {init}
    hlt
7:  mov (%esp), %ebx
    ret
__libc_csu_fini:
    ret
__libc_csu_init:
    push %ebx
    push %esi
    push %edi
    call 7b
8:  add $_GLOBAL_OFFSET_TABLE_ + (. - 8b), %ebx
    lea __init_array_start@GOTOFF(%ebx), %esi
    lea __init_array_end@GOTOFF(%ebx), %edi
1:  cmp %esi, %edi
    je 2f
    call *(%esi)
    add $4, %esi
    jmp 1b
2:  pop %edi
    pop %esi
    pop %ebx
    ret
""", {
        "relative": ("-pie", """
    call 7f
8:  add $_GLOBAL_OFFSET_TABLE_ + (. - 8b), %ebx
    lea __libc_csu_fini@GOTOFF(%ebx), %eax
    push %eax
    lea __libc_csu_init@GOTOFF(%ebx), %eax
    push %eax
    push %ecx
    push %esi
    push main@GOT(%ebx)
    call __libc_start_main@PLT"""),
        "addresses": ("-no-pie", """
    push $__libc_csu_fini
    push $__libc_csu_init
    push %ecx
    push %esi
    push $main
    call __libc_start_main"""),
    }),
    "s390x": Cross("s390x-linux-gnu", None, "ld64.so.1", """
.globl _start
_start:
    la %r4, 8(%r15)
    lg %r3, 0(%r15)
    lghi %r0, -16
    ngr %r15, %r0
    aghi %r15, -176
    xc 0(8, %r15), 0(%r15)
    stmg %r14, %r15, 160(%r15)
    la %r7, 160(%r15)
    larl %r6, __libc_csu_fini
    larl %r5, __libc_csu_init
    {init}
    .word 0
    .align 8
__libc_csu_fini:
    br %r14
    .align 8
__libc_csu_init:
    stmg %r6, %r15, 48(%r15)
    aghi %r15, -160
    larl %r8, __init_array_start
    larl %r9, __init_array_end
1:  cgrje %r8, %r9, 2f
    lg %r1, 0(%r8)
    basr %r14, %r1
    aghi %r8, 8
    j 1b
2:  lmg %r6, %r15, 208(%r15)
    br %r14
""", {
        "slots": ("-pie", "larl %r2, main@GOTENT\n lg %r2, 0(%r2)\n brasl %r14, __libc_start_main@plt"),
        "addresses": ("-no-pie", "larl %r2, main\n brasl %r14, __libc_start_main"),
    }),
    "powerpc64le": Cross("powerpc64le-linux-gnu", None, "ld64.so.2", """
.abiversion 2
.section .data.rel.ro.local, "aw"
.align 3
start_addresses:
    .quad 0, main, __libc_csu_init, __libc_csu_fini
.section .toc, "aw"
start_in_toc:
    .tc start_addresses[TC], start_addresses
.text
.globl _start
.type _start, @function
.type __libc_csu_init, @function
_start:
0:  addis 2, 12, .TOC.-0b@ha
    addi 2, 2, .TOC.-0b@l
    .localentry _start, .-_start
    mr 9, 1
    clrrdi 1, 1, 4
    li 0, 0
    stdu 1, -128(1)
    mtlr 0
    std 0, 0(1)
    {init}
    b __libc_start_main
    nop
__libc_csu_fini:
    blr
__libc_csu_init:
0:  addis 2, 12, .TOC.-0b@ha
    addi 2, 2, .TOC.-0b@l
    .localentry __libc_csu_init, .-__libc_csu_init
    mflr 0
    std 0, 16(1)
    stdu 1, -64(1)
    std 30, 48(1)
    std 31, 56(1)
    addis 30, 2, __init_array_start@toc@ha
    addi 30, 30, __init_array_start@toc@l
    addis 31, 2, __init_array_end@toc@ha
    addi 31, 31, __init_array_end@toc@l
1:  cmpld 30, 31
    beq 2f
    ld 12, 0(30)
    addi 30, 30, 8
    mtctr 12
    std 2, 24(1)
    bctrl
    ld 2, 24(1)
    b 1b
2:  ld 30, 48(1)
    ld 31, 56(1)
    addi 1, 1, 64
    ld 0, 16(1)
    mtlr 0
    blr
""", {
        f"{model} {position[1:]}": (position, text)
        for position in ("-pie", "-no-pie")
        for model, text in (
            ("small", "ld 8, start_in_toc@toc(2)"),
            ("medium", "addis 8, 2, start_in_toc@toc@ha\n ld 8, start_in_toc@toc@l(8)"),
        )
    }),
    "riscv64": Cross("riscv64-linux-gnu", None, "ld-linux-riscv64-lp64d.so.1", """
.globl _start
_start:
    call load_gp
    mv a5, a0
    la a0, main
    ld a1, 0(sp)
    addi a2, sp, 8
    andi sp, sp, -16
    {init}
    ebreak
load_gp:
    .option push
    .option norelax
    lla gp, __global_pointer$
    .option pop
    ret
__libc_csu_fini:
    ret
__libc_csu_init:
    addi sp, sp, -32
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    lla s0, __init_array_start
    lla s1, __init_array_end
1:  beq s0, s1, 2f
    ld a5, 0(s0)
    addi s0, s0, 8
    jalr a5
    j 1b
2:  ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    addi sp, sp, 32
    ret
""", {
        f"{name} {position[1:]}": (position, text)
        for position in ("-pie", "-no-pie")
        for name, text in (
            ("call", "lla a3, __libc_csu_init\n lla a4, __libc_csu_fini\n mv a6, sp\n call __libc_start_main@plt"),
            ("tail", "lla a3, __libc_csu_init\n lla a4, __libc_csu_fini\n mv a6, sp\n tail __libc_start_main@plt"),
            ("slots", ".option pic\n la a3, __libc_csu_init\n la a4, __libc_csu_fini\n mv a6, sp\n"
                      "call __libc_start_main@plt"),
            ("wide", ".option norvc\n .option norelax\n lla a3, __libc_csu_init\n lla a4, __libc_csu_fini\n"
                     "mv a6, sp\n call __libc_start_main@plt"),
        )
    }),
    "mips64": Cross("mips64el-linux-gnuabi64", None, "ld.so.1", """
.abicalls
.globl __start
.ent __start
.type __start, @function
__start:
    .set noreorder
    move $0, $31
    bal 7f
    nop
7:  .set reorder
    .cpsetup $31, $25, 7b
    move $31, $0
    dla $4, main
    ld $5, 0($29)
    daddiu $6, $29, 8
    and $29, -16
    {init}
    move $9, $2
    move $10, $29
    dla $25, __libc_start_main
    jalr $25
    .end __start
.globl __libc_csu_fini, __libc_csu_init
__libc_csu_fini:
    jr $31
.ent __libc_csu_init
__libc_csu_init:
    daddiu $29, $29, -32
    sd $31, 0($29)
    sd $16, 8($29)
    sd $17, 16($29)
    .cpsetup $25, 24, __libc_csu_init
    dla $16, __init_array_start
    dla $17, __init_array_end
1:  beq $16, $17, 2f
    ld $25, 0($16)
    daddiu $16, $16, 8
    jalr $25
    b 1b
2:  .cpreturn
    ld $31, 0($29)
    ld $16, 8($29)
    ld $17, 16($29)
    daddiu $29, $29, 32
    jr $31
    .end __libc_csu_init
""", {
        "slots": ("-pie", "dla $7, __libc_csu_init\n dla $8, __libc_csu_fini"),
        "addresses": ("-no-pie", "dla $7, __libc_csu_init\n dla $8, __libc_csu_fini"),
    }, "GLIBC_2.0"),
}  # fmt: skip
#: What does not link: lld of LLVM 14 for s390x, nor what may be relaxed for RISC-V; gold and mold for some.
NO_LINKER = {("s390x", "lld"), ("riscv64", "gold"), ("riscv64", "lld"), ("mips64", "mold"), ("mips64", NEWER_MOLD)}
CASES = [pair for pair in itertools.product(CROSS, ("bfd", "gold", "lld", "mold", NEWER_MOLD)) if pair not in NO_LINKER]
OLD_CASES = [(arch, linker, form) for arch, linker in CASES for form in CROSS[arch].starts]
