"""A program gets the finding exactly when a real glibc 2.17 leaves its constructors out."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

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
from symver_pin.machine.code import CodeReader, code_at, words_at
from symver_pin.verifier.given_files import open_object

from .cross_start_code import CASES, CROSS, NEWER_MOLD, OLD_CASES, Cross
from .programs import compile_library, kinds, verdict_on

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
    if linker == "gold" and shutil.which(f"{cross.triplet}-ld.gold") is None:
        pytest.skip(
            f"this machine's binutils have no gold for {cross.triplet}: binutils 2.44 and later come without it"
        )
    # MIPS start files ask for an executable stack, which lld refuses since 19 without the option.
    extra = ["-Wl,-z,execstack"] if linker == "lld" and "mips" in cross.triplet else []
    return link_by_hand(folder, cross.compiler(linker), gcc, linker, position, source, libc, *extra, start=start)


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


def rewrite_code(program: Path, address: int, words: Sequence[int]) -> None:
    """Write little-endian instructions of four bytes over those at an address."""
    offset, data = load_image(program).offset_of(address, "code"), bytearray(program.read_bytes())
    for number, word in enumerate(words):
        data[offset + 4 * number : offset + 4 * number + 4] = word.to_bytes(4, "little")
    program.write_bytes(data)


def test_a_stub_of_an_unknown_kind_is_a_note_on_power(tmp_path: Path) -> None:
    program = link_cross(tmp_path, CROSS["powerpc64le"], "bfd", "-pie", WITH_CONSTRUCTOR)
    assert kinds(verdict_on(program, "2.17")) == {"constructors-not-run"}
    image = load_image(program)
    start = code_reader("powerpc64le").read_start(image)
    assert start is not None and start.function is not None
    assert code_reader("powerpc64le").jump_slot(image, start.function) is not None
    rewrite_code(program, start.function, [0x7C000378])  # or r0,r0,r0, in place of std r2,24(r1)
    assert [finding.kind for finding in verdict_on(program, "2.31").findings] == ["unjudged-start-up"]


@pytest.mark.parametrize("position", ["-pie", "-no-pie"])
def test_frame_dummy_may_jump_by_its_slot_on_mips(position: str, tmp_path: Path) -> None:
    program = link_cross(tmp_path, CROSS["mips64"], "bfd", position, WITHOUT_CONSTRUCTOR)
    (dummy,) = constructor_addresses(open_object(program))
    assert words_at(load_image(program), dummy + 20, 4)[0] >> 16 == 0x1000  # b, which the linker has made of jr
    rewrite_code(program, dummy + 20, [0x03200008])  # jr t9
    assert verdict_on(program, "2.17").findings == ()
    rewrite_code(program, dummy + 16, [0x67390000])  # daddiu t9,t9,0: to the begin of the page
    assert kinds(verdict_on(program, "2.17")) == {"constructors-not-run"}
