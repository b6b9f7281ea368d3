"""The pin header alone: what it pins, what it refuses, and that it leaves alone what it must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Completed, RunOn217, need_tool, succeeded
from pinning import LINKERS, dynamic_of, run, symver_pin_command

SHARED = """
#include <math.h>
#include <string.h>
#include <stdio.h>
__attribute__((noinline)) double half(double x) { return exp(log(x) - log(2.0)) + 0 * pow(x, 0.5); }
__attribute__((noinline)) void *copy(void *to, const void *from, unsigned long n) { return memcpy(to, from, n); }
"""
YOUNGER = "#include <sys/random.h>\nint main(void) { char b[4]; return getrandom(b, 4, 0) != 4; }\n"


def header(folder: Path, *options: str) -> Path:
    """`symver-pin gen` with these options, as a file."""
    path = folder / "pin.h"
    succeeded(symver_pin_command("gen", "--glibc", "2.17", *options, "-o", path))
    return path


def compile_with(folder: Path, text: str, *flags: str, cc: str = "gcc", suffix: str = ".c") -> Completed:
    """Compile (and link, unless flags say otherwise) a text with the header in front."""
    need_tool(cc)
    source = folder / f"unit{suffix}"
    source.write_text(text)
    libraries = [] if "-c" in flags else ["-lm"]
    return run([cc, "-include", folder / "pin.h", *flags, source, "-o", folder / "out", *libraries])


def versions_of(binary: Path) -> dict[str, str | None]:
    """Undefined symbol -> the version that it needs."""
    return {symbol.name: symbol.version for symbol in dynamic_of(binary).symbols if not symbol.defined}


@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])
def test_a_shared_library_wants_only_what_the_target_has(tmp_path: Path, cc: str, linker: str) -> None:
    header(tmp_path)
    flags = ("-O1", "-fno-builtin", "-fPIC", "-shared", f"-fuse-ld={linker}")
    succeeded(compile_with(tmp_path, SHARED, *flags, cc=cc))
    versions = versions_of(tmp_path / "out")
    assert versions["exp"] == versions["log"] == versions["pow"] == "GLIBC_2.2.5"
    assert versions["memcpy"] == "GLIBC_2.14"


def test_without_the_header_the_same_library_wants_newer_ones(tmp_path: Path) -> None:
    (tmp_path / "pin.h").write_text("")
    succeeded(compile_with(tmp_path, SHARED, "-fno-builtin", "-fPIC", "-shared"))
    assert versions_of(tmp_path / "out")["exp"] == "GLIBC_2.29"


def test_a_pinned_shared_library_runs_on_2_17(tmp_path: Path, run_on_217: RunOn217, root217: Path) -> None:
    header(tmp_path)
    succeeded(compile_with(tmp_path, SHARED, "-fno-builtin", "-fPIC", "-shared", "-Wl,-soname,libpinned.so"))
    library = (tmp_path / "out").rename(tmp_path / "libpinned.so")
    main = tmp_path / "main.c"
    main.write_text("double half(double); int main(void) { return half(8.0) < 3.99 || half(8.0) > 4.01; }\n")
    # The program itself must be one that 2.17 can start: linked with the kit.
    command = symver_pin_command("cc", "--glibc", "2.17", main, library, "-Wl,-rpath,$ORIGIN", "-o", tmp_path / "main")
    succeeded(command)
    succeeded(run_on_217(tmp_path / "main", extra_files=[library]))


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])
def test_a_younger_function_fails_the_link_with_its_name_and_release(tmp_path: Path, linker: str) -> None:
    header(tmp_path)
    done = compile_with(tmp_path, YOUNGER, f"-fuse-ld={linker}")
    assert done.returncode != 0
    # gold splits the name from the version.
    assert re.search(r"getrandom('?, version '|@)NEEDS_GLIBC_2\.25_target_is_2\.17", done.stderr), done.stderr


def test_mold_refuses_a_younger_function_by_its_name(tmp_path: Path) -> None:
    header(tmp_path)
    done = compile_with(tmp_path, YOUNGER, "-fuse-ld=mold")
    assert done.returncode != 0 and "undefined symbol: getrandom" in done.stderr


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld"])
def test_a_younger_function_fails_the_link_of_a_shared_library_too(tmp_path: Path, linker: str) -> None:
    header(tmp_path)
    done = compile_with(tmp_path, YOUNGER, "-fPIC", "-shared", f"-fuse-ld={linker}")
    assert done.returncode != 0 and "NEEDS_GLIBC_2.25" in done.stderr


def test_only_symbols_that_differ_are_pinned(tmp_path: Path) -> None:
    text = header(tmp_path).read_text()
    pinned = dict(re.findall(r'"\.symver (\S+),\S+@(GLIBC_\S+)\\n"', text))
    assert pinned["exp"] == "GLIBC_2.2.5" and pinned["pthread_create"] == "GLIBC_2.2.5"
    # memcpy has had one default version since 2.14, printf one for ever.
    assert "memcpy" not in pinned and "printf" not in pinned
    newest = symver_pin_command("gen", "--glibc", "2.43").stdout
    assert ".symver" not in re.sub(r"/\*.*?\*/", "", newest, flags=re.DOTALL)


def test_another_architecture_gets_an_error(tmp_path: Path) -> None:
    header(tmp_path)
    done = compile_with(tmp_path, "int x;\n", "--target=aarch64-linux-gnu", "-c", cc="clang")
    assert done.returncode != 0 and "this pin header is for x86_64" in done.stderr


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_assembler_files_see_nothing_of_it(tmp_path: Path, cc: str) -> None:
    header(tmp_path)
    succeeded(compile_with(tmp_path, "    .globl f\nf:  ret\n", "-c", cc=cc, suffix=".S"))


@pytest.mark.parametrize(
    ("cc", "suffix", "standard"),
    [
        ("gcc", ".c", "c89"), ("gcc", ".c", "c99"), ("gcc", ".c", "gnu17"), ("clang", ".c", "c99"),
        ("clang", ".c", "gnu17"), ("g++", ".cc", "c++11"), ("g++", ".cc", "gnu++20"), ("clang++", ".cc", "c++17"),
    ],
)  # fmt: skip
def test_it_is_silent_under_every_standard_and_warning(tmp_path: Path, cc: str, suffix: str, standard: str) -> None:
    header(tmp_path)
    flags = (f"-std={standard}", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c")
    done = compile_with(tmp_path, "int f(void);\nint f(void) { return 0; }\n", *flags, cc=cc, suffix=suffix)
    assert succeeded(done) == "" and done.stderr == ""


OWN = """
#include <stddef.h>
size_t strlcpy(char *to, const char *from, size_t n) { *to = *from; return n; }
int main(void) { char a[2]; return strlcpy(a, "x", 7) != 7; }
"""


def test_a_function_of_the_programs_own_works_in_a_program(tmp_path: Path) -> None:
    header(tmp_path)
    succeeded(compile_with(tmp_path, OWN))
    succeeded(run([tmp_path / "out"]))


@pytest.mark.parametrize("way", ["macro", "exclude"])
def test_a_function_of_a_shared_librarys_own_is_kept_on_request(tmp_path: Path, way: str) -> None:
    header(tmp_path)
    assert compile_with(tmp_path, OWN, "-fPIC", "-shared").returncode != 0
    if way == "exclude":
        header(tmp_path, "--exclude", "strlcpy,strlcat")
        succeeded(compile_with(tmp_path, OWN, "-fPIC", "-shared"))
    else:
        succeeded(compile_with(tmp_path, OWN, "-fPIC", "-shared", "-DSYMVER_PIN_KEEP_strlcpy"))
    exported = {symbol.name: symbol.version for symbol in dynamic_of(tmp_path / "out").symbols if symbol.defined}
    assert exported["strlcpy"] is None


def test_claim_version_answers_for_the_target(tmp_path: Path) -> None:
    header(tmp_path, "--claim-version")
    text = """
    #include <stdio.h>
    #if __GLIBC_MINOR__ != 17 || __GLIBC_PREREQ(2, 18) || !__GLIBC_PREREQ(2, 17)
    #error claim
    #endif
    int main(void) { return 0; }
    """
    succeeded(compile_with(tmp_path, text))
    header(tmp_path)
    assert "claim" in compile_with(tmp_path, text).stderr, "off by default"


def test_the_note_about_moved_symbols_stands_in_the_text_and_on_stderr() -> None:
    done = symver_pin_command("gen", "--glibc", "2.19")
    assert "pthread_create" in done.stdout.partition("#ifndef")[0]
    assert "--format ld" in done.stderr
    late = symver_pin_command("gen", "--glibc", "2.34")
    assert "--format ld" not in late.stderr and "LIMIT" not in late.stdout


def test_an_unknown_name_in_exclude_is_an_error() -> None:
    done = symver_pin_command("gen", "--exclude", "no_such_function")
    assert done.returncode == 2 and done.stdout == ""
    assert "--exclude no_such_function" in done.stderr and done.stderr.count("\n") == 1


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = symver_pin_command("gen", "-o", tmp_path / "absent" / "pin.h")
    assert done.returncode == 2 and done.stderr.count("error:") == 1 and "absent" in done.stderr
    assert list(tmp_path.iterdir()) == []


THREADS = """
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed++; }
static void *thread(void *argument) { return argument; }
int main(void) {
  pthread_t id;
  struct stat status;
  void *result;
  char bytes[8];
  if (pthread_create(&id, 0, thread, bytes) || pthread_join(id, &result) || result != bytes) return 1;
  if (stat("/", &status) || getrandom(bytes, 8, 0) != 8 || !dlsym(RTLD_DEFAULT, "puts")) return 2;
  return constructed != 1;
}
"""


@pytest.mark.parametrize("cc", ["gcc", "clang"])
@pytest.mark.parametrize("linker", LINKERS)
@pytest.mark.parametrize("mode", ["-pie", "-no-pie"])
def test_header_and_script_make_a_threaded_program_that_runs_on_2_17(
    tmp_path: Path, run_on_217: RunOn217, cc: str, linker: str, mode: str
) -> None:
    header(tmp_path)
    script = tmp_path / "pin.ld"
    succeeded(symver_pin_command("gen", "--glibc", "2.17", "--format", "ld", "-o", script))
    need_tool(cc)
    source = tmp_path / "threads.c"
    source.write_text(THREADS)
    program = tmp_path / "threads"
    flags: list[str | Path] = [mode, "-DSYMVER_PIN_WITH_LD", "-include", tmp_path / "pin.h", f"-fuse-ld={linker}"]
    succeeded(run([cc, "-O2", *flags, source, script, "-o", program]))
    needed = dynamic_of(program).needed
    assert "libpthread.so.0" in needed
    succeeded(run([program]))
    succeeded(run_on_217(program))


def test_with_the_script_a_function_without_compat_object_still_fails(tmp_path: Path) -> None:
    header(tmp_path)
    script = tmp_path / "pin.ld"
    succeeded(symver_pin_command("gen", "--glibc", "2.17", "--format", "ld", "-o", script))
    source = tmp_path / "unit.c"
    source.write_text("int _Fork(void); int main(void) { return _Fork(); }\n")
    flags: list[str | Path] = ["-fno-builtin", "-DSYMVER_PIN_WITH_LD", "-include", tmp_path / "pin.h"]
    done = run(["gcc", *flags, source, script, "-lm", "-o", tmp_path / "out"])
    assert done.returncode != 0 and "_Fork@NEEDS_GLIBC_2.34_target_is_2.17" in done.stderr
