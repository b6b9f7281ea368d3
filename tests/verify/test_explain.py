"""`symver-pin explain`: files, kinds of findings and symbols in words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import symver_pin_command
from symver_pin.findings import KINDS
from symver_pin.report.demangle import demangled

PROGRAM = """
#include <cmath>
#include <new>
#include <pthread.h>
#include <sys/random.h>
struct Big { char bytes[64]; };
static void *nothing(void *argument) { return argument; }
int main(int count, char **) {
    pthread_t thread;
    char byte;
    pthread_create(&thread, 0, nothing, 0);
    getrandom(&byte, 1, 0);
    delete new Big;
    return (int)std::pow(count, 1.5);
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A C++ program that the build host's compiler links for the host."""
    folder = tmp_path_factory.mktemp("explained")
    (folder / "app.cc").write_text(PROGRAM)
    command = ["g++", "-O0", "-o", str(folder / "app"), str(folder / "app.cc"), "-lpthread"]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    return folder / "app"


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_explained_with_its_advice(kind: str) -> None:
    text = succeeded(symver_pin_command("explain", kind))
    assert text.startswith(f"{kind}: {KINDS[kind].title}\n")
    assert words_of(KINDS[kind].explanation) in words_of(text) and words_of(KINDS[kind].advice) in words_of(text)


def test_a_symbol_with_several_versions() -> None:
    text = words_of(succeeded(symver_pin_command("explain", "pow", "--glibc", "2.17", "--arch", "x86_64")))
    assert "GLIBC_2.29 in libm.so.6, glibc 2.29 to today: new links are bound to it" in text
    assert "GLIBC_2.2.5 in libm.so.6, glibc 2.29 to today: for programs that were linked earlier" in text
    assert "For your target, glibc 2.17: it is there as GLIBC_2.2.5 in libm.so.6" in text


def test_a_symbol_that_the_target_lacks_has_a_compat_object_with_limits() -> None:
    text = words_of(succeeded(symver_pin_command("explain", "getrandom", "--glibc", "2.17")))
    assert "it is not there. A kit links a compat object (random.c)" in text and "Its limits: below 2.25" in text
    text = words_of(succeeded(symver_pin_command("explain", "getrandom", "--glibc", "2.28")))
    assert "it is there as GLIBC_2.25 in libc.so.6, and no later release gave it another version" in text


def test_a_symbol_of_a_runtime_library() -> None:
    text = words_of(succeeded(symver_pin_command("explain", "_ZdlPvm", "--glibc", "rhel7")))
    assert "CXXABI_1.3.9 in libstdc++.so.6 since GCC 5" in text and "which lacks it" in text


def test_a_failing_file_is_explained_finding_by_finding(program: Path) -> None:
    done = symver_pin_command("explain", "--glibc", "2.17", str(program))
    text = words_of(done.stdout)
    assert done.returncode == 1 and text.startswith(f"{program} fails on glibc 2.17. When a program is linked")
    assert "The version came with glibc 2.29" in text and "pow: the target has GLIBC_2.2.5 in libm.so.6" in text
    assert "getrandom: the target lacks it; a compat object does its work" in text
    assert "operator delete(void*, unsigned long)" in text
    assert f"symver-pin repair --glibc 2.17 -o out {program}" in text


def test_the_commands_of_an_explanation_run(program: Path, tmp_path: Path) -> None:
    lines = symver_pin_command("explain", "--glibc", "2.17", str(program)).stdout.splitlines()
    commands = [line.split()[1:] for line in lines if line.startswith("    symver-pin ")]
    assert [words[0] for words in commands] == ["cc", "repair", "verify", "explain"]
    assert symver_pin_command(*commands[2]).returncode == 1
    repaired = [str(tmp_path / "out") if word == "out" else word for word in commands[1]]
    assert symver_pin_command(*repaired).returncode == 0


def test_repair_is_not_named_where_it_does_not_help(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return 0; }")
    command = ["gcc", "-Wl,--dynamic-linker=/lib/other.so", "-o", "main", "main.c"]
    succeeded(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True))
    done = symver_pin_command("explain", "--glibc", "2.43", str(tmp_path / "main"))
    assert done.returncode == 1 and "/lib/other.so" in done.stdout
    assert "symver-pin repair" not in done.stdout and "symver-pin verify --glibc 2.43" in done.stdout


def test_a_file_that_loads_is_said_to_load(program: Path) -> None:
    done = symver_pin_command("explain", "--glibc", "2.43", str(program))
    assert done.returncode == 0 and f"{program} loads on glibc 2.43." in done.stdout


def test_what_is_none_of_the_three_gets_a_near_name(tmp_path: Path) -> None:
    done = symver_pin_command("explain", "getrandon")
    assert done.returncode == 2 and "did you mean 'getrandom'?" in done.stderr
    done = symver_pin_command("explain", str(tmp_path / "absent"))
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("_ZNSt6thread4joinEv", "std::thread::join()"),
        ("_ZdlPvm", "operator delete(void*, unsigned long)"),
        ("memcpy", "memcpy"),
        ("_Zbroken", "_Zbroken"),
        ("_Z" + "N" * 5000, "_Z" + "N" * 5000),
        ("_Z\udcff", "_Z\udcff"),
    ],
)
def test_names_of_cplusplus_are_demangled(name: str, written: str) -> None:
    assert demangled(name) == written
