"""A program gets the finding exactly when a real glibc 2.17 leaves its constructors out."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

import newer_tools
import rootrun
from c_flags import LENIENT_C
from conftest import need_tool
from cross import EMULATORS, libraries_of_231
from cross import start as starter
from served import TOOLS, served
from symver_pin.elf.image import load_image
from symver_pin.elf.stub import StubSymbol, build_stub
from symver_pin.loader.rules.startup import constructor_addresses
from symver_pin.machine.architectures import find_arch
from symver_pin.machine.code import CodeReader, code_at
from symver_pin.verifier.given_files import open_object

from .programs import compile_library, kinds, verdict_on

#: Besides the linkers of this machine: mold 2.37, which writes some code in another way.
NEWER_MOLD = "newer mold"
BUILDS = list(itertools.product(("gcc", "clang"), ("bfd", "gold", "lld", "mold", NEWER_MOLD), ("-pie", "-no-pie")))

#: The constructor stores what the compiler cannot know, else clang runs it at compile time and leaves none.
WITH_CONSTRUCTOR = """
#include <stdio.h>
#include <unistd.h>
static int seen;
__attribute__((constructor)) static void early(void) { seen = getpid(); }
int main(void) { puts(seen ? "ran" : "left out"); return 0; }
"""
WITHOUT_CONSTRUCTOR = """
#include <stdio.h>
int main(void) { puts("ran"); return 0; }
"""
IN_DT_INIT = """
#include <stdio.h>
int seen;
void early(void) { seen = 1; }
__asm__(".section .init,\\"ax\\"\\n call early\\n .text");
int main(void) { puts(seen ? "ran" : "left out"); return 0; }
"""

#: What a link kit adds: a ``__libc_start_main`` in the program that runs the constructors.
WRAPPER = """
typedef void (*function)(int, char **, char **);
extern function __init_array_start[], __init_array_end[];
static void run(int argc, char **argv, char **envp) {
    for (function *each = __init_array_start; each != __init_array_end; each++) (*each)(argc, argv, envp);
}
int old_start(int (*)(), int, char **, function, void (*)(), void (*)(), void *);
__asm__(".symver old_start, __libc_start_main@GLIBC_2.2.5");
__attribute__((visibility("hidden")))
int __libc_start_main(int (*main)(), int argc, char **argv, function init, void (*fini)(), void (*rtld)(), void *end) {
    return old_start(main, argc, argv, init ? init : run, fini, rtld, end);
}
"""

STUB = """
void puts(void) {}
void getpid(void) {}
void start(void) {}
__asm__(".symver start, __libc_start_main@GLIBC_2.2.5");
"""

#: The start-up code of glibc before 2.34 (crt1.o, Scrt1.o), with the init function that was linked into each program.
OLD_START = """
.globl _start
_start:
    xor %ebp, %ebp
    mov %rdx, %r9
    pop %rsi
    mov %rsp, %rdx
    and $-16, %rsp
    push %rax
    push %rsp
    {init}
    call {function}
    hlt
__libc_csu_fini:
    ret
__libc_csu_init:
    push %rbx
    lea __init_array_start(%rip), %rbx
1:  lea __init_array_end(%rip), %rax
    cmp %rax, %rbx
    je 2f
    call *(%rbx)
    add $8, %rbx
    jmp 1b
2:  pop %rbx
    ret
"""
OLD_STARTS = {
    "addresses": "mov $__libc_csu_fini, %r8\n mov $__libc_csu_init, %rcx\n mov $main, %rdi",
    "relative": "lea __libc_csu_fini(%rip), %r8\n lea __libc_csu_init(%rip), %rcx\n lea main(%rip), %rdi",
    "slots": "mov __libc_csu_fini@GOTPCREL(%rip), %r8\n mov __libc_csu_init@GOTPCREL(%rip), %rcx\n"
    " mov main@GOTPCREL(%rip), %rdi",
}


def run_command(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done.stdout.strip()


def linker_options(linker: str) -> list[str]:
    """The options of gcc and clang that choose a linker."""
    if linker == NEWER_MOLD:
        return [f"-B{served(TOOLS, 'mold', lambda: newer_tools.get_tool('mold')).parent}", "-fuse-ld=mold"]
    return [f"-fuse-ld={linker}"]


def link_by_hand(
    folder: Path,
    compiler: list[str],
    driver: list[str],
    linker: str,
    position: str,
    source: str,
    libc: Path,
    *extra: str,
    start: str | None = None,
    compiler_files: tuple[str, str] | None = None,
) -> Path:
    """Link a program against ``libc`` without the compiler's own link line.

    ``driver`` is the compiler that knows where the start files are; ``start`` and ``compiler_files`` are
    others that take the place of crt1.o, and of crtbegin.o and crtend.o.
    """
    pie = position == "-pie"

    def file(name: str) -> str:
        return name if "/" in name else run_command([*driver, f"-print-file-name={name}"])

    text, output = folder / "program.c", folder / "program"
    text.write_text(source)
    begin, end = compiler_files or (("crtbeginS.o", "crtendS.o") if pie else ("crtbegin.o", "crtend.o"))
    run_command(
        [
            *compiler,
            "-O1",
            *LENIENT_C,
            "-fPIE" if pie else "-fno-pie",
            position,
            *linker_options(linker),
            "-nostdlib",
            start or file("Scrt1.o" if pie else "crt1.o"),
            file("crti.o"),
            file(begin),
            str(text),
            *extra,
            str(libc),
            file(end),
            file("crtn.o"),
            "-Wl,--allow-shlib-undefined",
            "-o",
            str(output),
        ]
    )
    return output


def link_on_217(
    root: Path,
    folder: Path,
    build: tuple[str, str, str],
    source: str,
    *extra: str,
    start: str | None = None,
    compiler_files: tuple[str, str] | None = None,
    libc: Path | None = None,
) -> Path:
    """Link by hand against the real libc of 2.17, with the host's start files, or others as named."""
    compiler, linker, position = build
    libc = libc or next(path for path in root.rglob("libc.so.6"))
    return link_by_hand(
        folder,
        [compiler],
        ["gcc"],
        linker,
        position,
        source,
        libc,
        *extra,
        start=start,
        compiler_files=compiler_files,
    )


def output_of(root: Path, program: Path) -> str:
    """The output of a program that runs in a root."""
    return rootrun.run_in_root(root, program).stdout.strip()


def code_reader(arch: str) -> CodeReader:
    """The reader of an architecture's code."""
    code = find_arch(arch).code
    assert code is not None
    return code


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_constructors_that_do_not_run_are_a_finding(build: tuple[str, str, str], tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR)
    assert output_of(root217, program) == "left out"
    verdict = verdict_on(program, "2.17")
    assert kinds(verdict) == {"constructors-not-run"}
    assert str(verdict.lowest_glibc) == "2.34"
    assert verdict_on(program, "2.34").verdict == "ok"


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_a_program_without_constructors_is_sound(build: tuple[str, str, str], tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, build, WITHOUT_CONSTRUCTOR)
    assert output_of(root217, program) == "ran"
    assert verdict_on(program, "2.17").findings == ()


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_a_program_with_a_start_function_of_its_own_is_sound(
    build: tuple[str, str, str], tmp_path: Path, root217: Path
) -> None:
    wrapper = tmp_path / "wrapper.c"
    wrapper.write_text(WRAPPER)
    # Some linkers confuse a hidden function with the library's default one of that name; so in a kit's libc that one is
    # a compat version.
    stub = compile_library(tmp_path / "stub", "libc.so.6", STUB, "GLIBC_2.2.5 { global: *; };", ["-nostdlib"])
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR, str(wrapper), libc=stub)
    assert output_of(root217, program) == "ran"
    assert verdict_on(program, "2.17").findings == ()


@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
def test_the_direct_call_of_newer_molds_is_known(position: str, tmp_path: Path, root217: Path) -> None:
    (tmp_path / "wrapper.c").write_text(WRAPPER)
    stub = compile_library(tmp_path / "stub", "libc.so.6", STUB, "GLIBC_2.2.5 { global: *; };", ["-nostdlib"])
    build = ("gcc", NEWER_MOLD, position)
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR, str(tmp_path / "wrapper.c"), libc=stub)
    image = load_image(program)
    assert b"\x40\xe8" in code_at(image, image.entry, 40)
    start = code_reader("x86_64").read_start(image)
    assert start is not None and start.init_is_null and start.slot is None


@pytest.mark.parametrize(("init", "output", "found"), [
    ("xor %ecx, %ecx\n xor %r8d, %r8d\n lea main(%rip), %rdi", "left out", {"constructors-not-run"}),
    (OLD_STARTS["relative"], "ran", set()),
], ids=["null", "given"])  # fmt: skip
@pytest.mark.parametrize("prefix", ["0x40", "0x67", "0x90"])
def test_a_direct_call_of_a_stub_is_known_by_every_prefix(
    prefix: str, init: str, output: str, found: set[str], tmp_path: Path, root217: Path
) -> None:
    assembler, start = tmp_path / "start.s", tmp_path / "start.o"
    assembler.write_text(OLD_START.format(init=f"{init}\n .byte {prefix}", function="__libc_start_main@PLT"))
    run_command(["gcc", "-c", str(assembler), "-o", str(start)])
    program = link_on_217(root217, tmp_path, ("gcc", "bfd", "-pie"), WITH_CONSTRUCTOR, start=str(start))
    assert output_of(root217, program) == output
    assert kinds(verdict_on(program, "2.17")) == found


def test_code_in_dt_init_counts_as_a_constructor(tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, ("gcc", "bfd", "-no-pie"), IN_DT_INIT)
    assert output_of(root217, program) == "left out"
    assert kinds(verdict_on(program, "2.17")) == {"constructors-not-run"}


@pytest.mark.parametrize("packed", [False, True], ids=["rela", "relr"])
def test_constructors_are_found_however_their_addresses_are_stored(packed: bool, tmp_path: Path, root217: Path) -> None:
    flags = ["-Wl,--pack-dyn-relocs=relr"] if packed else []
    program = link_on_217(root217, tmp_path, ("gcc", "lld", "-pie"), WITH_CONSTRUCTOR, *flags)
    file = open_object(program)
    symbols = run_command(["nm", str(program)])
    named = {line.split()[2]: int(line.split()[0], 16) for line in symbols.splitlines() if len(line.split()) == 3}
    assert constructor_addresses(file) == [named["frame_dummy"], named["early"]]
    assert [code_reader("x86_64").is_idle(file.image, at) for at in constructor_addresses(file)] == [True, False]


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold", NEWER_MOLD])
@pytest.mark.parametrize("form", OLD_STARTS)
@pytest.mark.parametrize("function", ["__libc_start_main@PLT", "*__libc_start_main@GOTPCREL(%rip)"], ids=["plt", "got"])
def test_the_start_of_older_releases_is_sound(
    function: str, form: str, linker: str, tmp_path: Path, root217: Path
) -> None:
    assembler, start = tmp_path / "start.s", tmp_path / "start.o"
    assembler.write_text(OLD_START.format(init=OLD_STARTS[form], function=function))
    run_command(["gcc", "-c", str(assembler), "-o", str(start)])
    position = "-no-pie" if form == "addresses" else "-pie"
    program = link_on_217(root217, tmp_path, ("gcc", linker, position), WITH_CONSTRUCTOR, start=str(start))
    assert output_of(root217, program) == "ran"
    assert verdict_on(program, "2.17").findings == ()


def test_unknown_start_up_code_is_a_note(tmp_path: Path, root217: Path) -> None:
    assembler, start = tmp_path / "start.s", tmp_path / "start.o"
    assembler.write_text(OLD_START.format(init="cld\n" + OLD_STARTS["relative"], function="__libc_start_main@PLT"))
    run_command(["gcc", "-c", str(assembler), "-o", str(start)])
    program = link_on_217(root217, tmp_path, ("gcc", "bfd", "-pie"), WITH_CONSTRUCTOR, start=str(start))
    verdict = verdict_on(program, "2.17")
    assert verdict.verdict == "ok"
    assert [finding.kind for finding in verdict.findings] == ["unjudged-start-up"]
    assert verdict_on(program, "2.34").findings == ()


def test_a_constructor_of_llvms_own_start_files_is_idle(tmp_path: Path, root217: Path) -> None:
    files = Path(run_command(["clang", "--print-resource-dir"])) / "lib/linux"
    begin, end = files / "clang_rt.crtbegin-x86_64.o", files / "clang_rt.crtend-x86_64.o"
    if not begin.is_file():
        pytest.fail(f"{begin} is missing; install clang's compiler-rt (libclang-rt-dev)", pytrace=False)
    build, compiler_files = ("clang", "lld", "-pie"), (str(begin), str(end))
    program = link_on_217(root217, tmp_path, build, WITHOUT_CONSTRUCTOR, compiler_files=compiler_files)
    assert len(constructor_addresses(open_object(program))) == 1
    assert verdict_on(program, "2.17").findings == ()
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR, compiler_files=compiler_files)
    assert output_of(root217, program) == "left out"
    assert kinds(verdict_on(program, "2.17")) == {"constructors-not-run"}


@pytest.mark.parametrize(
    ("arch", "code"),
    [
        ("x86_64", "sub $8,%rsp; {load} 0x1000(%rip),%rax; test %rax,%rax; je 1f; call *%rax; 1: add $8,%rsp; ret"),
        ("i386", "push %ebx; sub $8,%esp; call .+5; add $0x1000,%ebx; {load} 0x2000(%ebx),%eax; test %eax,%eax; je 1f; "
                 "call *%eax; 1: add $8,%esp; pop %ebx; ret"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("load", ["mov", "lea"])  # as crti.o has it, and as mold 3.0 writes it
def test_an_init_that_only_calls_a_profiler_is_bare(arch: str, code: str, load: str, tmp_path: Path) -> None:
    (tmp_path / "init.s").write_text(f".globl _start\n_start: {code.format(load=load)}\n")
    width = "-m64" if arch == "x86_64" else "-m32"
    run_command(["gcc", width, "-nostdlib", "-static", str(tmp_path / "init.s"), "-o", str(tmp_path / "init")])
    image = load_image(tmp_path / "init")
    assert code_reader(arch).is_bare_init(image, image.entry)


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


def link_cross(folder: Path, cross: Cross, linker: str, position: str, source: str, start: str | None = None) -> Path:
    """Link by hand against Debian 11's libc, glibc 2.31, with the start files of the cross compiler or another one."""
    if cross.debian is not None:
        libc = libraries_of_231(cross.debian) / "libc.so.6"
    else:
        libc, arch = folder / "libc.so.6", find_arch(cross.triplet.partition("-")[0])
        node, names = cross.node or arch.first_node, ("__libc_start_main", "puts", "getpid")
        symbols = [StubSymbol(name, node, True, "F", 0, "") for name in names]
        libc.write_bytes(build_stub(arch.format, libc.name, [node], symbols))
    gcc = [need_tool(f"{cross.triplet}-gcc")]
    return link_by_hand(folder, cross.compiler(linker), gcc, linker, position, source, libc, start=start)


def check_on_231(cross: Cross, program: Path, expected: str) -> None:
    """Run a program on glibc 2.31 and compare its output. Where its libraries are not available: on a newer glibc."""
    if cross.debian is None:
        assert run_command([*starter(cross.triplet), str(program)]) == "ran"
        return
    libraries = libraries_of_231(cross.debian)
    emulator = EMULATORS[cross.triplet]
    loader = [*([need_tool(emulator)] if emulator else []), str(libraries / cross.loader)]
    assert run_command([*loader, "--library-path", str(libraries), str(program)]) == expected


@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
@pytest.mark.parametrize(("arch", "linker"), CASES)
def test_constructors_that_do_not_run_are_found_on_other_architectures(
    arch: str, linker: str, position: str, tmp_path: Path
) -> None:
    for source, output, found in (
        (WITH_CONSTRUCTOR, "left out", {"constructors-not-run"}),
        (WITHOUT_CONSTRUCTOR, "ran", set()),
    ):
        program = link_cross(tmp_path, CROSS[arch], linker, position, source)
        check_on_231(CROSS[arch], program, output)
        assert kinds(verdict_on(program, "2.31")) == found
        assert verdict_on(program, "2.34").verdict == "ok"


@pytest.mark.parametrize(("arch", "linker", "form"), OLD_CASES)
def test_the_start_of_older_releases_is_sound_on_other_architectures(
    arch: str, linker: str, form: str, tmp_path: Path
) -> None:
    cross = CROSS[arch]
    position, text = cross.starts[form]
    assembler, start = tmp_path / "start.s", tmp_path / "start.o"
    assembler.write_text(cross.start.format(init=text, ahead=4 if "thumb" in form else 8))
    run_command([need_tool(f"{cross.triplet}-gcc"), "-c", str(assembler), "-o", str(start)])
    program = link_cross(tmp_path, cross, linker, position, WITH_CONSTRUCTOR, str(start))
    check_on_231(cross, program, "ran")
    assert verdict_on(program, "2.31").findings == ()
