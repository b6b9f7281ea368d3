"""`symver-pin run` and `env`, and the kit's files for build systems, as users call them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import Kits, check_fits, run
from symver_pin.kit.build_variables import variable_table

from .conftest import RunsBoth, Shell, copy_project

NESTED = """\
all: ; $(MAKE) -C inner && $(CC) -o outer main.c
"""
MAIN = """\
#include <pthread.h>
static void *work(void *x) { return x; }
int main(void) { pthread_t thread; return pthread_create(&thread, 0, work, 0) || pthread_join(thread, 0); }
"""


def test_a_build_inside_of_a_build_uses_the_kit_too_and_nothing_else_changes(
    tmp_path: Path, shell: Shell, runs_both: RunsBoth
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "Makefile").write_text(NESTED)
    (tmp_path / "inner/Makefile").write_text("all: ; ./build.sh\n")
    (tmp_path / "inner/build.sh").write_text(
        "#!/bin/sh\n${CC:-cc} -o inner ../main.c && symver-pin cc -o again ../main.c\n"
    )
    (tmp_path / "inner/build.sh").chmod(0o755)
    (tmp_path / "main.c").write_text(MAIN)
    done = shell("symver-pin run --glibc 2.17 --verify . -- make; echo CC=${CC-}")
    assert succeeded(done).endswith("CC=\n") and "Verified 3 files for glibc 2.17" in done.stderr
    for program in ("outer", "inner/inner", "inner/again"):
        assert runs_both(tmp_path / program) == ""


def test_the_status_is_that_of_the_command_or_1_for_a_file_that_does_not_load(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "main.c").write_text(MAIN)
    failing = "symver-pin run --glibc 2.17"
    assert shell(f"{failing} -- sh -c 'exit 7'").returncode == 7
    assert shell(f"{failing} --verify . -- sh -c 'exit 7'").returncode == 7
    assert shell(f"{failing} --verify . -- sh -c 'kill -TERM $$'").returncode == 128 + 15
    done = shell(f"{failing} --verify out -- sh -c 'mkdir out && gcc -o out/plain main.c'")
    assert done.returncode == 1 and "GLIBC_2.34" in done.stderr and "out/plain" in done.stderr
    thin = "mkdir -p fine && $CC -c main.c && ar rcT fine/libmain.a main.o && $CC -o fine/main fine/libmain.a"
    succeeded(shell(f"{failing} --verify fine -- sh -euc '{thin}'"))
    done = shell(f"{failing} --verify fine -- sh -c 'printf \"PK\\\\003\\\\004junk\" > fine/data'")
    assert "Verified 1 file for" in succeeded(done) + done.stderr
    assert "fine/data: begins like a zip archive and is none" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run --glibc 2.17", "no command to run"),
        ("run --glibc 2.17 -- no-such-program", "no program 'no-such-program'"),
        ("run --glibc 2.17 --verify gone -- true", "--verify gone: does not exist"),
        ("run --glibc 2.17 --verify . -- true", "holds no program"),
        ("run --glibc 9.9 -- true", "9.9"),
        ("env --format yaml", "--format yaml: unknown; known: sh, make, github, json"),
        ("env --format github --explain", "has no comments"),
    ],
)
def test_bad_input_is_one_line(words: str, said: str, shell: Shell, tmp_path: Path) -> None:
    done = shell(f"cd {tmp_path}; symver-pin {words}")
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_the_compiler_of_the_user_stays_the_compiler(tmp_path: Path, shell: Shell) -> None:
    need_tool("clang")
    (tmp_path / "main.c").write_text(MAIN)
    said = succeeded(
        shell("CC='ccache clang' symver-pin run --glibc 2.17 -- sh -c '$CC --version; $CC -o main main.c'")
    )
    assert "clang version" in said
    check_fits(tmp_path / "main")
    again = succeeded(
        shell("symver-pin run --glibc 2.17 --cc clang -- symver-pin run -- sh -c 'echo $CC; $CC --version'")
    )
    assert "clang version" in again and "-2.17-" in again


def test_all_formats_and_the_kits_file_give_one_environment(tmp_path: Path, shell: Shell, kits: Kits) -> None:
    kit = Path(succeeded(shell("symver-pin kit --glibc 2.17 --no-warn")).strip())
    expected = json.loads(succeeded(shell("symver-pin env --glibc 2.17 --format json")))
    assert expected["CC"] == str(kit / "bin/cc") and expected["CGO_ENABLED"] == "1"
    (tmp_path / "Makefile").write_text("include pinned.mk\nall: ; env -0\n")
    make = "symver-pin env --glibc 2.17 --format make > pinned.mk; make --no-print-directory -s"
    github = "symver-pin env --glibc 2.17 --format github > env\n"
    github += 'while IFS= read -r line; do export "$line"; done < env; env -0'
    for script in ('eval "$(symver-pin env --glibc 2.17)"; env -0', f". {kit}/env.sh; env -0", make, github):
        found = dict(line.split("=", 1) for line in succeeded(shell(script)).split("\0") if "=" in line)
        assert {name: found.get(name) for name in expected} == expected, script


def test_every_variable_of_the_table_is_explained_and_set(shell: Shell) -> None:
    explained = json.loads(succeeded(shell("symver-pin env --glibc 2.17 --format json --explain")))
    assert all(item["meaning"].endswith(".") for item in explained.values())
    native = {row.name for row in variable_table() if row.when != "cross" and "{" not in row.name}
    assert native <= explained.keys()
    text = succeeded(shell("symver-pin env --glibc 2.17 --explain"))
    assert text.count("\n# ") + 1 == text.count("\nexport ") + text.startswith("export ")


def test_the_environment_of_another_architecture_names_it_to_every_build_system(shell: Shell) -> None:
    need_tool("aarch64-linux-gnu-gcc")
    found = json.loads(succeeded(shell("symver-pin env --glibc 2.17 --arch aarch64 --format json")))
    assert (found["GOARCH"], found["npm_config_arch"], found["SYMVER_PIN_ARCH"]) == ("arm64", "arm64", "aarch64")
    assert found["CARGO_BUILD_TARGET"] == "aarch64-unknown-linux-gnu" and found["HOST_CC"] == "cc"
    assert found["PKG_CONFIG_LIBDIR"].startswith("/usr/lib/aarch64-linux-gnu/pkgconfig:")


def test_values_that_the_user_has_chosen_stay(shell: Shell) -> None:
    chosen = "CGO_ENABLED=0 PKG_CONFIG_LIBDIR=/opt CMAKE_TOOLCHAIN_FILE=/my/own.cmake"
    said = shell(f"{chosen} symver-pin run --glibc 2.17 -- env")
    assert set(chosen.split()) <= set(succeeded(said).splitlines())
    assert said.stderr.count("\n") == 1 and "CMAKE_TOOLCHAIN_FILE keeps your value" in said.stderr


@pytest.mark.parametrize("name", ["dash", "bash", "zsh", "busybox", "ksh"])
def test_the_kits_environment_file_finds_the_kit_in_any_shell_after_it_has_moved(
    name: str, tmp_path: Path, kits: Kits
) -> None:
    place = tmp_path / "a kit, moved"
    shutil.copytree(kits("gcc"), place, symlinks=True)
    words = [need_tool(name), *(["sh"] if name == "busybox" else [])]
    script = '. "./a kit, moved/env.sh"\ncd /\nprintf "%s\\n" "$CC" "$CMAKE_TOOLCHAIN_FILE"'
    for form in (script, f"({script})"):
        said = succeeded(run([*words, "-euc", form], cwd=tmp_path)).splitlines()
        assert said == [f"{place}/bin/cc", f"{place}/toolchain.cmake"]


def test_a_copy_of_the_environment_file_elsewhere_is_refused(tmp_path: Path, kits: Kits) -> None:
    shutil.copyfile(kits("gcc") / "env.sh", tmp_path / "env.sh")
    done = subprocess.run(
        ["sh", "-c", ". ./env.sh || echo refused; echo ${CC-none}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "refused\nnone\n" and done.stderr.count("\n") == 1


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_the_files_for_cmake_and_meson_move_with_the_kit(
    arch: str, tmp_path: Path, shell: Shell, runs_both: RunsBoth
) -> None:
    need_tool("cmake")
    place = tmp_path / "moved"
    succeeded(shell(f"cp -a $(symver-pin kit --glibc 2.17 --arch {arch}) {place}"))
    cmake, meson = copy_project("cmake", tmp_path / "cmake"), copy_project("meson", tmp_path / "meson")
    preset = {"name": "old", "binaryDir": "build", "toolchainFile": "../moved/toolchain.cmake"}
    (cmake / "CMakePresets.json").write_text(json.dumps({"version": 3, "configurePresets": [preset]}))
    succeeded(shell("cmake --preset old && cmake --build build", cmake))
    option = "--native-file" if arch == "x86_64" else "--cross-file"
    succeeded(shell(f"meson setup {option} {place}/meson.ini build && meson compile -C build", meson))
    programs = [cmake / "build/hello", cmake / "build/inner-prefix/src/inner-build/inner", meson / "build/hello"]
    for file in (*programs, cmake / "build/libgreet.so", meson / "build/libgreet.so"):
        check_fits(file)
        assert ("aarch64" in succeeded(run(["readelf", "-h", file])).lower()) == (arch == "aarch64")
    if arch == "x86_64":
        assert {runs_both(program) for program in programs} == {"hello 36\n"}
