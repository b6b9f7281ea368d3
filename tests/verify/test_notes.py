"""Notes: the processor's level, the kernel's release, references to older functions that behave differently."""

from __future__ import annotations

from pathlib import Path

import pytest

import rootrun
from conftest import need_root
from pinning import Kits
from symver_pin.elf.image import Image, load_image
from symver_pin.elf.notes import required_kernel_and_level
from symver_pin.verifier import verify

from .programs import compile_library, compile_program, verdict_on

NOTHING = "int program(void) { return 0; }\n"


def note(path: Path, target: str, kind: str) -> str | None:
    """The message of the note of that kind; None when there is none."""
    verdict = verdict_on(path, target)
    found = [finding for finding in verdict.findings if finding.kind == kind]
    assert all(not finding.fails for finding in found)
    return found[0].message if found else None


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_processor_level_is_a_note(level: int, tmp_path: Path) -> None:
    flags = ["-Wl,-z,x86-64-baseline"] if level == 1 else [f"-Wl,-z,x86-64-v{level}"]
    program = compile_program(tmp_path, "program", NOTHING, flags)
    assert required_kernel_and_level(load_image(program))[1] == level
    expected = f"needs a processor of the level x86-64-v{level}" if level > 1 else None
    assert note(program, "2.36", "x86-level") == expected


def test_a_kernel_that_the_target_may_not_have_is_a_note(tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", "int main(void) { return 0; }\n", own_start=False)
    assert required_kernel_and_level(load_image(program))[0] == (3, 2, 0)
    message = note(program, "2.12", "kernel-version")
    assert message == "needs Linux 3.2.0 or later; glibc 2.12 may run on Linux 2.6.32"
    assert note(program, "debian8", "kernel-version") is None


def test_a_segment_with_part_of_the_notes_hides_none(tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", "int main(void) { return 0; }\n", own_start=False)
    data = bytearray(program.read_bytes())
    start = int.from_bytes(data[32:40], "little")
    headers = [bytes(data[at : at + 56]) for at in range(start, start + 56 * data[56], 56)]
    notes = [header for header in headers if header[:4] == (4).to_bytes(4, "little")]
    # PT_GNU_PROPERTY at the place of each PT_NOTE, smaller and before it.
    parts = [(0x6474E553).to_bytes(4, "little") + note[4:32] + (12).to_bytes(8, "little") + note[40:] for note in notes]
    changed = [*parts, *notes]
    data[start : start + 56 * data[56]] = b"".join(changed) + bytes(56 * (data[56] - len(changed)))
    assert required_kernel_and_level(Image(bytes(data), "program"))[0] == (3, 2, 0)


@pytest.mark.parametrize(
    ("soname", "owner"), [("libc.musl-x86_64.so.1", "musl's"), ("libc.so", "musl's"), ("libc.so.0", "uClibc's")]
)
def test_a_library_of_another_c_library_fails(soname: str, owner: str, tmp_path: Path) -> None:
    other = compile_library(tmp_path, soname, "int own(void) { return 1; }\n", flags=["-nostdlib"])
    plug_in = compile_library(tmp_path, "plug-in.so", "int own(void); int f(void) { return own(); }\n", "",
                              ["-nostdlib", str(other)])  # fmt: skip
    verdict = verdict_on(plug_in, "2.17")
    assert [finding.kind for finding in verdict.findings if finding.fails] == ["other-libc"]
    assert f"its C library is {soname}, {owner}" in verdict.findings[0].message
    assert verdict.runs_on == ()


def test_a_cxx_runtime_beside_the_files_rules_no_platform_out(tmp_path: Path) -> None:
    """The platforms are those with the glibc; the libstdc++.so.6 that comes with the files is the one they use."""
    source = "int f() { return 1; }"
    own = compile_library(tmp_path, "libstdc++.so.6", source, "GLIBCXX_3.4.30 { f; };", ["-nostdlib"])
    user = compile_library(
        tmp_path, "libuser.so", "int f(); int g() { return f(); }", "", ["-nostdlib", str(own), "-Wl,-rpath,$ORIGIN"]
    )
    alone, together = verify([user], "2.17").files[0], verify([user, own], "2.17").files[0]
    assert {platform.id for platform in together.runs_on} >= {"rhel7", "debian8"}
    own.unlink()
    without = verify([user], "2.17").files[0]
    assert "rhel7" not in {platform.id for platform in without.runs_on} and alone.runs_on == together.runs_on


def test_a_library_that_platforms_do_not_install_is_a_note(tmp_path: Path) -> None:
    source = 'char *crypt(); int program(void) { return never && crypt("a", "b") == 0; }'
    program = compile_program(tmp_path, "program", source, ["-lcrypt"])
    message = note(program, "2.36", "not-installed")
    assert message is not None and message.startswith("libcrypt.so.1 is not in a standard installation of RHEL 9+")
    assert note(compile_program(tmp_path, "other", NOTHING), "2.36", "not-installed") is None


@pytest.mark.parametrize(("target", "verdict"), [("2.17", "fails"), ("2.28", "fails"), ("2.31", "ok"), ("2.36", "ok")])
def test_libxcrypts_nodes_are_there_beside_231(target: str, verdict: str, tmp_path: Path) -> None:
    library = compile_library(
        tmp_path, "libcrypt.so.1", "int crypt_ra(void) { return 0; }", "XCRYPT_2.0 { crypt_ra; };"
    )
    source = "int crypt_ra(void); int program(void) { return never && crypt_ra(); }"
    program = compile_program(tmp_path, "program", source, [str(library)])
    library.unlink()
    found = verdict_on(program, target)
    assert found.verdict == verdict
    assert {finding.kind for finding in found.findings if finding.fails} <= {"missing-version"}


def test_the_platforms_of_a_file_have_its_openssl(tmp_path: Path) -> None:
    compile_library(tmp_path, "libssl.so.1.1", "int SSL_new(void) { return 0; }")
    source = "int SSL_new(); int program(void) { return never && SSL_new(); }"
    program = compile_program(tmp_path, "program", source, ["-L", str(tmp_path), "-l:libssl.so.1.1"])
    ids = {platform.id for platform in verdict_on(program, "2.31").runs_on}
    assert {"debian11", "ubuntu20.04", "rhel8"} <= ids and not {"debian12", "rhel7", "rhel9"} & ids


OPEN = """
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **arguments) {
    (void)count;
    void *library = dlopen(arguments[1], RTLD_NOW);
    puts(library ? "opened" : dlerror());
    return !library;
}
"""


def opens_on(release: str, library: Path, kits: Kits) -> str:
    """What dlopen says to a library in a plain program on a real glibc: "opened", or the reason why not."""
    compiler = str(kits("gcc") / "bin/cc")
    program = compile_program(library.parent, "open", OPEN, ["-ldl"], cc=compiler, own_start=False)
    done = rootrun.run_in_root(need_root(release), program, [library.name], extra_files=[library])
    return done.stdout.strip()


@pytest.mark.parametrize(("target", "is_refused"), [("2.36", False), ("2.41", True), ("2.43", True)])
def test_dlopen_refuses_an_executable_stack_from_241_on(
    target: str, is_refused: bool, tmp_path: Path, kits: Kits
) -> None:
    library = compile_library(tmp_path, "libx.so", "int f(void) { return 7; }\n", flags=["-Wl,-z,execstack"])
    message = note(library, target, "executable-stack")
    assert (message is not None) == is_refused
    said = opens_on(target, library, kits)
    assert said == "opened" if not is_refused else "cannot enable executable stack" in said
    sound = compile_library(tmp_path, "liby.so", "int f(void) { return 7; }\n", flags=["-Wl,-z,noexecstack"])
    assert note(sound, target, "executable-stack") is None


@pytest.mark.parametrize(("size", "has_note", "opens"), [(512, False, True), (1600, True, True), (4096, True, False)])
def test_much_static_tls_is_a_note(size: int, has_note: bool, opens: bool, tmp_path: Path, kits: Kits) -> None:
    source = (
        f'__thread char big[{size}] __attribute__((tls_model("initial-exec"))); int f(int i) {{ return big[i]++; }}'
    )
    library = compile_library(tmp_path, "libx.so", source)
    assert (note(library, "2.36", "static-tls") is not None) == has_note
    said = opens_on("2.36", library, kits)
    assert said == "opened" if opens else "cannot allocate memory in static TLS block" in said
    dynamic = compile_library(tmp_path, "liby.so", f"__thread char big[{size}]; int f(int i) {{ return big[i]++; }}")
    assert note(dynamic, "2.36", "static-tls") is None


def test_text_relocations_are_a_note(tmp_path: Path) -> None:
    source = '__asm__(".text\\n.globl f\\nf: .quad f\\n");\n'
    library = compile_library(tmp_path, "libx.so", source, flags=["-Wl,-z,notext"])
    assert "SELinux refuses" in (note(library, "2.36", "text-relocations") or "")
    assert note(compile_library(tmp_path, "liby.so", "int f;"), "2.36", "text-relocations") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('#include <pwd.h>\nint main(void) { return !getpwnam("root"); }\n', "(NSS), which"),
        ('#include <iconv.h>\nint main(void) { return !iconv_open("UTF-8", "SHIFT_JIS"); }\n', "has iconv, which"),
        ('#include <stdio.h>\nint main(void) { return puts("text") < 0; }\n', None),
    ],
)
def test_a_static_program_that_loads_libraries_is_a_note(source: str, expected: str | None, tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", source, ["-static"], own_start=False)
    message = note(program, "2.17", "static-glibc")
    assert expected in message if expected and message else message is expected


@pytest.mark.parametrize(("version", "has_note"), [("GLIBC_2.2.5", True), ("GLIBC_2.27", False)])
def test_an_older_function_that_behaves_differently_is_a_note(version: str, has_note: bool, tmp_path: Path) -> None:
    source = f'int glob();\n__asm__(".symver glob, glob@{version}");\nint program(void) {{ return never && glob(); }}\n'
    program = compile_program(tmp_path, "program", source, ["-fno-builtin"])
    text = note(program, "2.36", "older-meaning")
    assert (text is not None and text.startswith("is bound to glob@GLIBC_2.2.5;")) == has_note


@pytest.mark.parametrize(("target", "has_note"), [("2.17", True), ("2.31", True), ("2.32", False)])
def test_a_function_that_changed_without_a_new_version_is_a_note_on_older_releases(
    target: str, has_note: bool, tmp_path: Path
) -> None:
    source = 'int lchmod(const char *, unsigned);\nint program(void) { return never && lchmod("", 0); }\n'
    program = compile_program(tmp_path, "program", source, ["-fno-builtin"])
    expected = "is bound to lchmod@GLIBC_2.3.2; if it was compiled for a newer glibc: always fails with ENOSYS"
    assert note(program, target, "older-meaning") == (expected if has_note else None)


def test_a_difference_of_some_uses_is_no_note(tmp_path: Path) -> None:
    source = "int printf(const char *, ...), system(const char *);\n"
    source += 'int program(void) { return never && printf("%b", 3) + system(""); }\n'
    program = compile_program(tmp_path, "program", source, ["-fno-builtin", "-w"])
    assert note(program, "2.17", "older-meaning") is None


def test_a_broken_elf_note_is_ignored(tmp_path: Path) -> None:
    program = compile_program(tmp_path, "program", "int main(void) { return 0; }\n", own_start=False)
    data = bytearray(program.read_bytes())
    at = data.index(b"GNU\0") - 12
    data[at + 4 : at + 8] = b"\xff" * 4
    program.write_bytes(data)
    assert verdict_on(program, "2.36").verdict == "ok"
