"""Single facts of the loader's model, each beside what real loaders do: findings, spans of releases, notes."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import run
from symver_pin.verifier import FileVerdict, verify

from .draw.fields import DF_1_PIE, FLAGS_1, STRSZ, VERDEFNUM, Fields, changed
from .programs import compile_library, compile_program, kinds, starts_on, verdict_on

FOO = "int foo(void) { return 1; }\n"
USE = "extern int foo(void); int program(void) { return foo(); }\n"
MOVED = 'extern int pthread_create();\n__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");\n'
BESIDE = "-Wl,-rpath,$ORIGIN/lib"


def in_folder(folder: Path, name: str, target: str = "2.36") -> FileVerdict:
    """The verdict on a file that is verified with its folder."""
    return next(file for file in verify([folder], target).files if file.path == str(folder / name))


def change(path: Path, *changes: object) -> None:
    path.write_bytes(changed(path.read_bytes(), *changes))  # type: ignore[arg-type]


def test_a_library_is_judged_behind_a_program_that_names_libc_only(tmp_path: Path) -> None:
    source = MOVED + "int user(void) { return pthread_create(); }\n"
    first = ["-Wl,--no-as-needed", "-l:libpthread.so.0", "-l:libc.so.6"]
    library = compile_library(tmp_path, "libuser.so", source, flags=first)
    verdict = verdict_on(library, "2.17")
    assert kinds(verdict) == {"link-time-reference"}
    note = next(finding for finding in verdict.findings if finding.kind == "needs-program")
    assert "names libpthread.so.0 before libc.so.6" in note.message
    assert str(verdict.loads_on[0]) == "2.30"


@pytest.mark.parametrize(("release", "kind"), [("2.29", set()), ("2.30", {"program-as-library"})])
def test_a_program_is_refused_as_a_library_from_2_30_on(release: str, kind: set[str], tmp_path: Path) -> None:
    library = compile_library(tmp_path, "libown.so", FOO)
    program = compile_program(tmp_path, "program", USE, [str(library), "-Wl,-rpath,$ORIGIN"])
    change(library, lambda fields: fields.add(FLAGS_1, DF_1_PIE))
    assert kinds(verdict_on(program, release, library)) == kind


def test_a_page_size_below_the_machines_is_refused(tmp_path: Path, roots: dict[str, Path]) -> None:
    small = compile_library(tmp_path, "libown.so", FOO, flags=["-Wl,-z,max-page-size=1024"])
    assert kinds(verdict_on(small, "2.17")) == kinds(verdict_on(small, "2.41")) == {"program-headers"}
    program = compile_program(tmp_path, "program", USE, [str(small), "-Wl,-rpath,$ORIGIN"])
    assert not starts_on(roots["2.17"], program, [small])
    assert kinds(verdict_on(program, "2.17", small)) == {"program-headers"}


def test_an_alignment_that_is_no_whole_page_is_refused_up_to_2_34(tmp_path: Path) -> None:
    library = compile_library(tmp_path, "libown.so", FOO)

    def align(fields: Fields) -> None:
        for at in fields.headers(1):
            fields.put("Q", at + 48, 0x10)

    change(library, align)
    assert kinds(verdict_on(library, "2.34")) == {"program-headers"}
    assert verdict_on(library, "2.35").verdict == "ok"


def test_a_version_of_any_library_that_nothing_loads_stops_the_loader(tmp_path: Path, roots: dict[str, Path]) -> None:
    library = compile_library(tmp_path / "lib", "libown.so", FOO, "V1 { foo; };")
    program = compile_program(tmp_path, "program", USE, [str(library), BESIDE])
    assert in_folder(tmp_path, "program").verdict == "ok"
    subprocess.run(["patchelf", "--remove-needed", "libown.so", program], check=True)
    assert "library-not-loaded" in kinds(verdict_on(program, "2.36"))
    assert not starts_on(roots["2.36"], program, [library])


@pytest.mark.parametrize(("place", "found"), [("lib", True), ("other", False), ("lib/glibc-hwcaps/x86-64-v2", True)])
def test_a_library_of_the_folder_is_found_by_a_search_path_alone(place: str, found: bool, tmp_path: Path) -> None:
    library = compile_library(tmp_path / "build", "libown.so", FOO)
    compile_program(tmp_path, "program", USE, [str(library), BESIDE])
    (tmp_path / place).mkdir(parents=True)
    shutil.move(library, tmp_path / place / "libown.so")
    verdict = in_folder(tmp_path, "program")
    assert ("library-not-found" not in kinds(verdict)) == found
    assert "library-not-found" not in kinds(verdict_on(tmp_path / "program", "2.36", tmp_path / place / "libown.so"))
    if place.endswith("v2"):
        assert "library-not-found" in kinds(in_folder(tmp_path, "program", "2.31"))


def test_runpath_does_not_count_for_the_libraries_of_a_library(tmp_path: Path) -> None:
    second = compile_library(tmp_path / "lib", "libsecond.so", "int bar(void) { return 1; }\n")
    uses = "extern int bar(void); int foo(void) { return bar(); }\n"
    first = compile_library(tmp_path / "lib", "libfirst.so", uses, flags=[str(second)])
    for tags, expected in (("--enable-new-dtags", True), ("--disable-new-dtags", False)):
        compile_program(
            tmp_path, "program", USE, [str(first), BESIDE, f"-Wl,{tags}", f"-Wl,-rpath-link,{first.parent}"]
        )
        assert ("library-not-found" in kinds(in_folder(tmp_path, "program"))) == expected


def test_a_needed_library_with_a_slash_is_a_path(tmp_path: Path) -> None:
    library = compile_library(tmp_path, "libc-old.so", FOO, "GLIBC_2.2.5 { foo; };", ["-Wl,-soname,libc.so.6"])
    program = compile_program(tmp_path, "program", "int program(void) { return 0; }\n")
    subprocess.run(["patchelf", "--replace-needed", "libc.so.6", f"./{library.name}", program], check=True)
    verdict = in_folder(tmp_path, "program")
    assert "missing-version" in kinds(verdict) or "missing-symbol" in kinds(verdict)
    assert "found-conditionally" in {finding.kind for finding in verdict.findings}


def test_a_file_of_another_machine_on_the_path_is_passed_by_and_a_folder_ends_it(tmp_path: Path) -> None:
    library = compile_library(tmp_path / "good", "libown.so", FOO)
    path = "-Wl,-rpath,$ORIGIN/bad:$ORIGIN/good"
    compile_program(tmp_path, "program", USE, [str(library), path])
    bad = tmp_path / "bad/libown.so"
    bad.parent.mkdir()
    data = bytearray(library.read_bytes())
    struct.pack_into("<H", data, 18, 183)
    bad.write_bytes(data)
    assert not kinds(in_folder(tmp_path, "program")) & {"broken-library", "library-not-found"}
    bad.unlink()
    bad.mkdir()
    assert "library-not-found" in kinds(in_folder(tmp_path, "program"))


def test_a_filter_whose_library_has_the_symbol_is_fine_and_without_it_is_not(tmp_path: Path) -> None:
    whole = compile_library(tmp_path / "stub", "libown.so", FOO)
    compile_program(tmp_path, "program", USE, [str(whole), BESIDE])
    compile_library(tmp_path / "lib", "libreal.so", FOO)
    flags = ["-Wl,--filter=libreal.so", "-Wl,-rpath,$ORIGIN"]
    compile_library(tmp_path / "lib", "libown.so", "int bar(void) { return 1; }\n", flags=flags)
    whole.unlink()
    assert not kinds(in_folder(tmp_path, "program")) & {"missing-symbol", "library-not-found"}
    (tmp_path / "lib/libreal.so").rename(tmp_path / "libreal.so")
    assert "library-not-found" in kinds(in_folder(tmp_path, "program"))


def test_counts_and_sizes_that_the_loader_does_not_read_change_nothing(tmp_path: Path) -> None:
    library = compile_library(tmp_path / "lib", "libown.so", FOO, "V1 { foo; };")
    program = compile_program(tmp_path, "program", USE, [str(library), BESIDE])
    before = in_folder(tmp_path, "program")
    change(library, lambda fields: fields.set_value(VERDEFNUM, 0), lambda fields: fields.set_value(STRSZ, 0))
    change(program, lambda fields: fields.set_value(STRSZ, 0))
    assert kinds(in_folder(tmp_path, "program")) == kinds(before)


def test_an_edited_version_name_without_its_hash_is_another_node(tmp_path: Path, roots: dict[str, Path]) -> None:
    library = compile_library(tmp_path / "lib", "libown.so", FOO, "V1 { foo; };")
    program = compile_program(tmp_path, "program", USE, [str(library), BESIDE])
    compile_library(tmp_path / "lib", "libown.so", FOO, "W1 { foo; };")
    change(program, lambda fields: fields.rename("V1", "W1"))
    assert kinds(in_folder(tmp_path, "program")) == {"missing-version"}
    assert not starts_on(roots["2.36"], program, [library])


def test_relocations_that_came_with_2_18_are_unknown_before(tmp_path: Path) -> None:
    library = compile_library(tmp_path, "libown.so", "extern int far; int *volatile at = &far;\n" + FOO)

    def retype(fields: Fields) -> None:
        fields.put("I", fields.relocations()[-1] + 8, 33)

    change(library, retype)
    assert kinds(verdict_on(library, "2.17")) == {"relocation-type"}
    assert "relocation-type" not in kinds(verdict_on(library, "2.18"))


def test_the_loader_of_aarch64_applies_ifuncs_from_2_19_on(tmp_path: Path) -> None:
    """A real loader of 2.17 stops with "unexpected reloc type 0x408"."""
    (tmp_path / "unit.c").write_text(
        "static int own(void) { return 0; }\nstatic int (*choose(void))(void) { return own; }\n"
        'int chosen(void) __attribute__((ifunc("choose")));\nint main(void) { return chosen(); }\n'
    )
    program = tmp_path / "unit"
    compiler = need_tool("aarch64-linux-gnu-gcc")
    command: list[str | Path] = [compiler, "-nostartfiles", "-Wl,-e,main", tmp_path / "unit.c", "-o", program]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    assert kinds(verdict_on(program, "2.17")) == {"relocation-type"}
    assert kinds(verdict_on(program, "2.19")) == set()


def test_a_variable_that_a_program_copies_must_be_in_a_library(tmp_path: Path, roots: dict[str, Path]) -> None:
    source = "extern int thing; int program(void) { return thing; }\n"
    whole = compile_library(tmp_path / "whole", "libown.so", "int thing = 4;\n")
    program = compile_program(tmp_path, "program", source, [str(whole), "-no-pie", "-fno-pie"])
    assert verdict_on(program, "2.36", whole).verdict == "ok"
    lacking = compile_library(tmp_path / "lacking", "libown.so", FOO)
    assert kinds(verdict_on(program, "2.36", lacking)) == {"missing-symbol"}
    assert not starts_on(roots["2.36"], program, [lacking])


def test_other_spellings_of_the_interpreters_path_are_the_same(tmp_path: Path) -> None:
    flags = ["-Wl,--dynamic-linker=//lib64/../lib64/ld-linux-x86-64.so.2"]
    program = compile_program(tmp_path, "program", "int program(void) { return 0; }\n", flags)
    assert "interpreter" not in kinds(verdict_on(program, "2.36"))


@pytest.mark.parametrize(("binding", "fails"), [("now", True), ("lazy", False)])
def test_relocations_of_the_plt_in_front_of_the_others_stop_old_loaders_that_bind_at_once(
    binding: str, fails: bool, tmp_path: Path, roots: dict[str, Path]
) -> None:
    default = succeeded(run(["ld", "--verbose"])).split("=" * 50)[1]
    before, others = default.split("  .rela.dyn       :", 1)
    body, rest = others.split("  .rela.plt       :", 1)
    plt, rest = rest.split("    }\n", 1)
    script = tmp_path / "order.ld"
    script.write_text(f"{before}  .rela.plt       :{plt}    }}\n  .rela.dyn       :{body}{rest}")
    source = "extern int puts(const char *); void *self = &self; int program(void) { return never && puts(self); }"
    program = compile_program(tmp_path, "app", source, [f"-Wl,-z,{binding}", f"-Wl,-T,{script}", "-fPIE", "-pie"])
    verdict = verdict_on(program, "2.17")
    assert ("dynamic-section" in kinds(verdict)) is fails
    assert verdict_on(program, "2.23").verdict == "ok"
    if fails:
        assert not starts_on(roots["2.17"], program) and starts_on(roots["2.36"], program)
