"""Programs whose constructors a real glibc 2.17 leaves out are named, and no others."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

import runtimes
from symver_pin.verify.machine_code import MACHINES
from symver_pin.verify.objects import Object
from symver_pin.verify.startup import constructor_addresses

from .programs import compile_library, judge, kinds

BUILDS = list(itertools.product(("gcc", "clang"), ("bfd", "gold", "lld", "mold"), ("-pie", "-no-pie")))

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

#: What a link kit puts in front of libc: a start of the program's own that runs the constructors.
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

#: The start of glibc before 2.34, as its crt1.o and Scrt1.o had it, with the init that was linked into each program.
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


def link_on_217(
    root: Path, folder: Path, build: tuple[str, str, str], source: str, *extra: str, start: str | None = None,
    compiler_files: tuple[str, str] | None = None, libc: Path | None = None,
) -> Path:  # fmt: skip
    """Link by hand against the real libc of 2.17, with the host's start files, or others as named."""
    compiler, linker, position = build
    pie = position == "-pie"

    def host(name: str) -> str:
        return name if "/" in name else run_command(["gcc", f"-print-file-name={name}"])

    text = folder / "program.c"
    text.write_text(source)
    begin, end = compiler_files or (("crtbeginS.o", "crtendS.o") if pie else ("crtbegin.o", "crtend.o"))
    libc = libc or next(path for path in root.rglob("libc.so.6"))
    output = folder / "program"
    run_command([
        compiler, "-O1", "-w", "-fPIE" if pie else "-fno-pie", position, f"-fuse-ld={linker}", "-nostdlib",
        start or host("Scrt1.o" if pie else "crt1.o"), host("crti.o"), host(begin), str(text), *extra, str(libc),
        host(end), host("crtn.o"), "-Wl,--allow-shlib-undefined", "-o", str(output),
    ])  # fmt: skip
    return output


def says(root: Path, program: Path) -> str:
    return runtimes.run_in_root(root, program).stdout.strip()


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_constructors_that_do_not_run_are_a_finding(build: tuple[str, str, str], tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR)
    assert says(root217, program) == "left out"
    verdict = judge(program, "2.17")
    assert kinds(verdict) == {"constructors-not-run"}
    assert str(verdict.lowest_glibc) == "2.34"
    assert judge(program, "2.34").verdict == "ok"


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_a_program_without_constructors_is_sound(build: tuple[str, str, str], tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, build, WITHOUT_CONSTRUCTOR)
    assert says(root217, program) == "ran"
    assert judge(program, "2.17").findings == ()


@pytest.mark.parametrize("build", BUILDS, ids="-".join)
def test_a_start_of_the_programs_own_is_sound(build: tuple[str, str, str], tmp_path: Path, root217: Path) -> None:
    wrapper = tmp_path / "wrapper.c"
    wrapper.write_text(WRAPPER)
    # Some linkers cannot tell a hidden function from the library's default one of that name, so a kit's libc has it
    # as a compat version.
    stub = compile_library(tmp_path / "stub", "libc.so.6", STUB, "GLIBC_2.2.5 { global: *; };", ["-nostdlib"])
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR, str(wrapper), libc=stub)
    assert says(root217, program) == "ran"
    assert judge(program, "2.17").findings == ()


def test_code_in_dt_init_counts_as_a_constructor(tmp_path: Path, root217: Path) -> None:
    program = link_on_217(root217, tmp_path, ("gcc", "bfd", "-no-pie"), IN_DT_INIT)
    assert says(root217, program) == "left out"
    assert kinds(judge(program, "2.17")) == {"constructors-not-run"}


@pytest.mark.parametrize("packed", [False, True], ids=["rela", "relr"])
def test_constructors_are_found_however_their_addresses_are_stored(packed: bool, tmp_path: Path, root217: Path) -> None:
    flags = ["-Wl,--pack-dyn-relocs=relr"] if packed else []
    program = link_on_217(root217, tmp_path, ("gcc", "lld", "-pie"), WITH_CONSTRUCTOR, *flags)
    file = Object(program)
    symbols = run_command(["nm", str(program)])
    named = {line.split()[2]: int(line.split()[0], 16) for line in symbols.splitlines() if len(line.split()) == 3}
    assert constructor_addresses(file) == [named["frame_dummy"], named["early"]]
    assert [MACHINES["x86_64"].is_idle(file.image, at) for at in constructor_addresses(file)] == [True, False]


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold"])
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
    assert says(root217, program) == "ran"
    assert judge(program, "2.17").findings == ()


def test_a_start_that_is_not_known_is_a_note(tmp_path: Path, root217: Path) -> None:
    assembler, start = tmp_path / "start.s", tmp_path / "start.o"
    assembler.write_text(OLD_START.format(init="cld\n" + OLD_STARTS["relative"], function="__libc_start_main@PLT"))
    run_command(["gcc", "-c", str(assembler), "-o", str(start)])
    program = link_on_217(root217, tmp_path, ("gcc", "bfd", "-pie"), WITH_CONSTRUCTOR, start=str(start))
    verdict = judge(program, "2.17")
    assert verdict.verdict == "ok"
    assert [finding.kind for finding in verdict.findings] == ["unjudged-start-up"]
    assert judge(program, "2.34").findings == ()


def test_a_constructor_of_llvms_own_start_files_is_idle(tmp_path: Path, root217: Path) -> None:
    files = Path(run_command(["clang", "--print-resource-dir"])) / "lib/linux"
    begin, end = files / "clang_rt.crtbegin-x86_64.o", files / "clang_rt.crtend-x86_64.o"
    if not begin.is_file():
        pytest.fail(f"{begin} is missing; install clang's compiler-rt (libclang-rt-dev)", pytrace=False)
    build, compiler_files = ("clang", "lld", "-pie"), (str(begin), str(end))
    program = link_on_217(root217, tmp_path, build, WITHOUT_CONSTRUCTOR, compiler_files=compiler_files)
    assert len(constructor_addresses(Object(program))) == 1
    assert judge(program, "2.17").findings == ()
    program = link_on_217(root217, tmp_path, build, WITH_CONSTRUCTOR, compiler_files=compiler_files)
    assert says(root217, program) == "left out"
    assert kinds(judge(program, "2.17")) == {"constructors-not-run"}
