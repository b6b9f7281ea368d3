"""Compilers that are commands, calls that are handed over, and surroundings that lack what others have."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from conftest import need_tool, succeeded
from pinning import COMMAND, IMPORTABLE, PROGRAMS, check_fits, run, symver_pin_command
from symver_pin import handover
from symver_pin.command_line.parser import CommandParser
from symver_pin.commands.cc import configure_parser


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    return {"SYMVER_PIN_CACHE": str(tmp_path / "cache")}


def test_a_launcher_stands_before_the_compiler(tmp_path: Path, cache: dict[str, str]) -> None:
    need_tool("ccache")
    env = {**cache, "SYMVER_PIN_CC": "ccache gcc", "CCACHE_DIR": str(tmp_path / "ccache")}
    for _ in range(2):
        succeeded(
            symver_pin_command("cc", "--glibc", "2.17", "-c", PROGRAMS / "plain.c", "-o", "a.o", env=env, cwd=tmp_path)
        )
    assert "1 /" in succeeded(run(["ccache", "-s"], env)).partition("Hits:")[2]
    succeeded(symver_pin_command("cc", "--glibc", "2.17", "a.o", "-lm", "-o", "program", env=env, cwd=tmp_path))
    check_fits(tmp_path / "program")


def test_a_compiler_may_have_options(tmp_path: Path, cache: dict[str, str]) -> None:
    output = tmp_path / "program"
    words = ("cc", "--glibc", "2.17", "--cc", "gcc -DSEEN=1")
    source = tmp_path / "main.c"
    source.write_text("int main(void) { return SEEN - 1; }\n")
    succeeded(symver_pin_command(*words, source, "-o", output, env=cache))
    succeeded(run([output]))


def test_a_kit_of_a_kits_wrapper_is_made_for_the_compiler_behind_it(tmp_path: Path, cache: dict[str, str]) -> None:
    first = Path(succeeded(symver_pin_command("kit", "--glibc", "2.28", env=cache)).strip())
    path = {**cache, "PATH": f"{first / 'bin'}:{os.environ['PATH']}"}
    for words in (("--cc", str(first / "bin/cc")), ()):
        kit = Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", *words, env=path)).strip())
        assert str(first) not in (kit / "bin/cc").read_text()
        succeeded(run([kit / "bin/cc", PROGRAMS / "plain.c", "-lm", "-o", tmp_path / "program"]))
        check_fits(tmp_path / "program")


@pytest.mark.parametrize("command", ["ccache", "'gcc", "ccache no-such-compiler", "no-such-launcher gcc"])
def test_a_command_that_names_no_compiler_is_refused(cache: dict[str, str], command: str) -> None:
    need_tool("ccache")
    done = symver_pin_command("kit", "--cc", command, env=cache)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr


def test_a_compiler_that_hangs_ends_with_one_line(tmp_path: Path, cache: dict[str, str]) -> None:
    compiler = tmp_path / "slow-gcc"
    compiler.write_text("#!/bin/sh\nexec sleep 60\n")
    compiler.chmod(0o755)
    done = symver_pin_command("kit", "--cc", compiler, env={**cache, "SYMVER_PIN_TIMEOUT": "0.5"})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert str(compiler) in done.stderr and "0.5 seconds" in done.stderr
    done = symver_pin_command("kit", env={**cache, "SYMVER_PIN_TIMEOUT": "soon"})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "SYMVER_PIN_TIMEOUT=soon" in done.stderr


def without_home(*words: str) -> list[str]:
    """The command as a user who has no entry in the password database, and no HOME."""
    enter = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    if os.geteuid() == 0:  # no user namespace can be made in a chroot, but root can empty the database
        files = "for file in /etc/passwd /etc/nsswitch.conf; do test ! -e $file || mount --bind /dev/null $file; done"
        enter = ["unshare", "--mount", "sh", "-c", f'{files}; exec "$@"', "sh"]
    return [*enter, "env", "-u", "HOME", "-u", "XDG_CACHE_HOME", "-u", "SYMVER_PIN_CACHE", *COMMAND, *words]


def test_without_a_home_the_error_says_what_to_set(tmp_path: Path) -> None:
    need_tool("unshare")
    for command in ("kit", "cc", "gen"):
        done = run(without_home(command, "--glibc", "2.17"), IMPORTABLE, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert "SYMVER_PIN_CACHE" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_relative_cache_home_is_ignored(tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": "relative", "HOME": str(tmp_path / "home"), "SYMVER_PIN_CACHE": ""}
    kit = succeeded(symver_pin_command("kit", "--glibc", "2.17", env=env, cwd=tmp_path)).strip()
    assert kit.startswith(f"{tmp_path}/home/.cache/symver-pin/kits/")
    assert not (tmp_path / "relative").exists()


def test_cc_claims_the_version_of_the_target(tmp_path: Path, cache: dict[str, str]) -> None:
    source = tmp_path / "main.c"
    source.write_text(
        '#include <features.h>\n_Static_assert(__GLIBC_MINOR__ == 17, "17");\nint main(void) { return 0; }\n'
    )
    for _ in range(2):  # the second call is handed over
        succeeded(symver_pin_command("cc", "--glibc", "2.17", "--claim-version", "-c", source, env=cache, cwd=tmp_path))
    assert symver_pin_command("cc", "--glibc", "2.17", "-c", source, env=cache, cwd=tmp_path).returncode != 0


def test_the_options_that_are_handed_over_are_those_of_the_command() -> None:
    parser = CommandParser(prog="symver-pin cc")
    configure_parser(parser)
    declared = {
        name: action.nargs for action in parser._actions for name in action.option_strings if "help" not in name
    }
    assert {name for name, nargs in declared.items() if nargs == 0 and name != "-h"} == handover.FLAGS
    assert {name for name, nargs in declared.items() if nargs is None} == handover.VALUES


def imported_modules(words: tuple[str, ...], env: dict[str, str], folder: Path) -> set[str]:
    """The modules of the program that a call imports before it becomes the compiler."""
    done = run([sys.executable, "-X", "importtime", "-m", "symver_pin", *words], {**IMPORTABLE, **env}, cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = (line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {name for name in lines if name.startswith("symver_pin")}


def test_a_second_call_is_handed_over(tmp_path: Path, cache: dict[str, str]) -> None:
    words = ("cc", "--glibc", "2.17", "-c", str(PROGRAMS / "plain.c"))
    assert "symver_pin.cli" in imported_modules(words, cache, tmp_path)
    handed = imported_modules(words, cache, tmp_path)
    assert handed == {"symver_pin", "symver_pin.handover"}
    assert imported_modules((*words[:-1], "-O2", words[-1]), cache, tmp_path) == handed


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_the_help_of_the_command_stays_its_own_after_a_call(tmp_path: Path, cache: dict[str, str], word: str) -> None:
    before = succeeded(symver_pin_command("cc", word, env=cache, cwd=tmp_path))
    succeeded(symver_pin_command("cc", "-c", PROGRAMS / "plain.c", env=cache, cwd=tmp_path))
    assert succeeded(symver_pin_command("cc", word, env=cache, cwd=tmp_path)) == before
    assert before.startswith("usage: symver-pin cc")


def test_installations_do_not_share_records(tmp_path: Path, cache: dict[str, str]) -> None:
    other = tmp_path / "other"
    shutil.copytree(Path(IMPORTABLE["PYTHONPATH"]), other)
    words = ("cc", "--glibc", "2.17", "-c", str(PROGRAMS / "plain.c"))
    imported_modules(words, cache, tmp_path)
    assert "symver_pin.cli" not in imported_modules(words, cache, tmp_path)
    assert "symver_pin.cli" in imported_modules(words, {**cache, "PYTHONPATH": str(other)}, tmp_path)


@pytest.mark.parametrize("change", ["variable", "option", "compiler", "kit", "path", "record"])
def test_a_call_whose_answer_may_have_changed_goes_the_whole_way(
    tmp_path: Path, cache: dict[str, str], change: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    compiler = tools / "my-gcc"
    compiler.write_text(f'#!/bin/sh\nexec {need_tool("gcc")} "$@"\n')
    compiler.chmod(0o755)
    env = {**cache, "PATH": f"{tools}:{os.environ['PATH']}"}
    source = str(PROGRAMS / "plain.c")
    words: tuple[str, ...] = ("cc", "--glibc", "2.17", "--cc", "my-gcc", "-c", source)
    imported_modules(words, env, tmp_path)
    assert "symver_pin.cli" not in imported_modules(words, env, tmp_path)
    if change == "variable":
        env["SYMVER_PIN_NO_WARN"] = "1"
    elif change == "option":
        words = ("cc", "--glibc", "2.28", *words[3:])
    elif change == "compiler":
        compiler.write_text(compiler.read_text() + "\n")
    elif change == "kit":
        (file,) = (tmp_path / "cache/kits").glob("*/lib/libc.so")
        file.write_text("/* another */")
    elif change == "path":
        first = tmp_path / "first"
        first.mkdir()
        (first / "my-gcc").symlink_to(need_tool("gcc"))
        env["PATH"] = f"{first}:{env['PATH']}"
    else:
        (record,) = (tmp_path / "cache/handover").iterdir()
        record.chmod(0o666)
    assert "symver_pin.cli" in imported_modules(words, env, tmp_path)


def test_a_host_newer_than_the_tables_is_named(tmp_path: Path, cache: dict[str, str]) -> None:
    headers = tmp_path / "include"
    headers.mkdir()
    text = "#include_next <features.h>\n#undef __GLIBC_MINOR__\n#define __GLIBC_MINOR__ 99\n"
    (headers / "features.h").write_text(text)
    compiler = f"gcc -isystem {headers}"
    header = tmp_path / "pin.h"
    for words in (("kit",), ("gen", "-o", str(header))):
        done = symver_pin_command(*words, "--glibc", "2.17", "--cc", compiler, env=cache)
        lines = [line for line in done.stderr.splitlines() if "2.99" in line]
        assert done.returncode == 0 and len(lines) == 1 and "2.43" in lines[0], done.stderr
    kit = Path(succeeded(symver_pin_command("kit", "--glibc", "2.17", "--cc", compiler, env=cache)).strip())
    succeeded(run([kit / "bin/cc", PROGRAMS / "plain.c", "-lm", "-o", tmp_path / "program"]))
    check_fits(tmp_path / "program")
    compile_only: list[Path | str] = ["gcc", "-include", header, "-c", PROGRAMS / "plain.c", "-o", tmp_path / "plain.o"]
    refused = run(compile_only)
    assert refused.returncode != 0 and "2.99" in refused.stderr
    succeeded(run([*compile_only, "-DSYMVER_PIN_ACCEPT_NEWER_HEADERS"]))
    assert "2.99" in symver_pin_command("doctor", "--glibc", "2.17", "--cc", compiler, env=cache).stdout


def test_each_kit_identifies_itself_as_a_compiler_of_its_own(cache: dict[str, str]) -> None:
    said: dict[str, list[str]] = {"--version": [], "-v": [], "-###": []}
    for glibc in ("2.17", "2.28"):
        kit = Path(succeeded(symver_pin_command("kit", "--glibc", glibc, "--cc", "gcc", env=cache)).strip())
        for words in (("--version",), ("-v",), ("-###", "-x", "c", "-c", "-")):
            plain, done = run([need_tool("gcc"), *words]), run([kit / "bin/cc", *words])
            assert done.returncode == plain.returncode == 0
            assert done.stdout.startswith(plain.stdout)
            assert {line for line in plain.stderr.splitlines() if "gcc version" in line} <= set(
                done.stderr.splitlines()
            )
            said[words[0]].append(done.stdout + done.stderr)
        assert run([kit / "bin/cc", "-dumpmachine"]).stdout == run(["gcc", "-dumpmachine"]).stdout
        assert run([kit / "bin/cc", "-v", "-c", PROGRAMS / "plain.c", "-o", "/dev/null"]).returncode == 0
    for first, second in said.values():
        assert "glibc 2.17" in first and "glibc 2.28" in second
