"""The command line as a whole: help, errors, exit statuses."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import COMMAND, IMPORTABLE, symver_pin_command
from symver_pin import __version__
from symver_pin.command_line.table import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    text = succeeded(symver_pin_command(command, "--help"))
    assert text.startswith(f"usage: symver-pin {command}") and "example:\n  " in text


def test_the_overview_names_every_command() -> None:
    text = succeeded(symver_pin_command("--help"))
    for name, command in COMMANDS.items():
        assert re.search(rf"^ +{re.escape(name)} +{re.escape(command.summary[:20])}", text, re.M), name


def test_no_command_prints_the_overview_and_fails() -> None:
    done = symver_pin_command()
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("usage:")


def test_version() -> None:
    assert succeeded(symver_pin_command("--version")) == f"symver-pin {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frobnicate"], "unknown command 'frobnicate'; known: gen, kit"),
        (["verfy", "file"], "unknown command 'verfy'; did you mean 'verify'?"),
        (["help", "verfy"], "unknown command 'verfy'; did you mean 'verify'?"),
        (["verify", "file", "--polcy=x"], "unrecognized arguments: --polcy=x; did you mean '--policy'?"),
        (["verify", "/bin/true", "--policy", "manylinux2o14"], "did you mean 'manylinux2014'?"),
        (["verify", "/bin/true", "--format", "htm"], "did you mean 'html'?"),
        (["maps", "dump", "--arch", "aarch46"], "did you mean 'aarch64'?"),
        (["kit", "--compat-only", "getrandon"], "no compat object of that name; did you mean 'getrandom'?"),
        (["cc", "-O2", "--glibc", "2.17", "t.c"], "; write symver-pin cc --glibc 2.17 -O2 t.c"),
        (["cc", "--arch=x86_64", "t.c", "--no-compat"], "; write symver-pin cc --arch=x86_64 --no-compat t.c"),
        (["cargo", "build", "--glibc=2.17", "-q"], "; write symver-pin cargo --glibc=2.17 build -q"),
        (["gen", "--glibc", "2.99"], "release 2.99 is outside"),
        (["gen", "--glibc", "debain8"], "debian8"),
        (["gen", "--glibc", "2.x"], "'2.x' is not a release number"),
        (["gen", "--arch", "vax"], "unknown architecture 'vax'"),
        (["gen", "--format", "elf"], "invalid choice: 'elf'"),
        (["gen", "--nonsense"], "--nonsense"),
        (["kit", "--cc", "nonesuch-cc"], "no C compiler 'nonesuch-cc'"),
        (["kit", "--glibc", "2.11"], "release 2.11 is outside"),
        (["repair", "--glibc", "2.17", "file"], "name the folder of the results (-o OUT), or ask for --in-place"),
        (["repair", "--glibc", "2.17", "-o", "/dev/null", "file"], "is not a folder"),
        (["flags", "cc", "--linker", "xld"], "unknown linker 'xld'"),
        (["show", "pthread_creat"], "near names: pthread_create"),
        (["maps", "dump", "--arch", "sparc"], "unknown architecture 'sparc'"),
        (["maps", "burn"], "invalid choice: 'burn'"),
        (["verify"], "the following arguments are required: FILE"),
        (["verify", "/nonexistent"], "/nonexistent"),
        (["verify", "/etc/passwd"], "/etc/passwd: not an ELF file"),
        (["verify", "/bin/true", "--format", "yaml"], "unknown format 'yaml'; known: text, json"),
        (["verify", "/bin/true", "--policy", "manylinux"], "unknown policy 'manylinux'; known: tag, manylinux_2_5"),
        (["verify", "/bin/true", "--max", "GLIBC_NEW"], "'GLIBC_NEW' has no number"),
        (["verify", "/bin/true", "--policy", "/nonexistent.toml"], "/nonexistent.toml: cannot be read"),
    ],
)
def test_bad_input_is_one_clear_line_and_status_2(words: list[str], said: str) -> None:
    done = symver_pin_command(*words)
    assert done.returncode == 2
    assert said in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("symver-pin: error: ")


def test_environment_variables_give_the_defaults() -> None:
    done = symver_pin_command("maps", "dump", env={"SYMVER_PIN_GLIBC": "rhel7", "SYMVER_PIN_ARCH": "amd64"})
    assert done.stdout == symver_pin_command("maps", "dump", "--glibc", "2.17", "--arch", "x86_64").stdout
    assert symver_pin_command("maps", "dump", env={"SYMVER_PIN_GLIBC": "nonsense"}).returncode == 2
    assert symver_pin_command("maps", "dump", env={"SYMVER_PIN_ARCH": "nonsense"}).returncode == 2


def test_help_takes_the_name_of_a_command() -> None:
    assert succeeded(symver_pin_command("help", "verify")) == succeeded(symver_pin_command("verify", "--help"))
    assert succeeded(symver_pin_command("help")) == succeeded(symver_pin_command("--help"))


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SYMVER_PIN_NO_WARN": "yes"}, "SYMVER_PIN_NO_WARN=yes: not one of 0, 1"),
        ({"SYMVER_PIN_LIBSTDCXX": "dynamic"}, "SYMVER_PIN_LIBSTDCXX=dynamic: not one of static, shared"),
    ],
)
def test_an_unknown_value_of_an_environment_variable_is_refused(variables: dict[str, str], said: str) -> None:
    done = symver_pin_command("maps", env=variables)
    assert (done.returncode, done.stderr) == (2, f"symver-pin: error: {said}\n")


def test_a_misspelt_environment_variable_is_warned_of() -> None:
    done = symver_pin_command("platforms", env={"SYMVER_PIN_GLIB": "2.17", "SYMVER_PIN_OF_SOMEBODY": "1"})
    text = "the environment variable SYMVER_PIN_GLIB has no effect; is SYMVER_PIN_GLIBC meant?"
    assert (done.returncode, done.stderr) == (0, f"symver-pin: warning: {text}\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*COMMAND, "maps", "dump"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **IMPORTABLE}
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0


@pytest.mark.parametrize("word", ["gen", "--version", "--help"])
def test_a_full_disk_is_one_clear_line(word: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, word], stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, **IMPORTABLE}
        )
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if "note:" not in line]
    assert errors == ["symver-pin: error: standard output: No space left on device"]


@pytest.mark.parametrize("closed", ["0", "1", "2", "0,1,2"])
def test_closed_streams_change_no_exit_status(closed: str) -> None:
    shut = " ".join(f"{number}>&-" for number in closed.split(","))
    for words, status in ((["platforms"], 0), (["nonsense"], 2), (["verify", "--files-from", "-"], 2)):
        command = f"{shlex.join([*COMMAND, *words])} {shut}"
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, input="", env={**os.environ, **IMPORTABLE}
        )
        assert done.returncode == status
        assert "Traceback" not in done.stderr


def test_show_tells_the_history_and_the_compat_object() -> None:
    text = succeeded(symver_pin_command("show", "getrandom"))
    assert "2.25-  libc.so.6  @@GLIBC_2.25  function" in text and "compat object: for targets older than 2.25" in text
    text = succeeded(symver_pin_command("show", "environ"))
    assert "object of 8 bytes, alias group __environ" in text


def test_doctor_tries_every_path_with_a_real_link() -> None:
    done = symver_pin_command("doctor", "--glibc", "2.17")
    assert done.returncode == 0, done.stdout + done.stderr
    for subject in ("running glibc", "pins on this host", "gcc and bfd", "gcc and mold", "clang and lld"):
        line = next(line for line in done.stdout.splitlines() if f" {subject} " in line)
        assert line.startswith("ok "), line


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_completes_commands_and_their_options(shell: str, tmp_path: Path) -> None:
    script = tmp_path / f"complete.{shell}"
    script.write_text(succeeded(symver_pin_command("--print-completion", shell)))
    for word in (*COMMANDS, "policy", "link-map"):
        assert word in script.read_text(), word
    if shell == "bash":
        ask = f"source {script}; COMP_WORDS=(symver-pin ver); COMP_CWORD=1; _shtab_symver_pin; echo ${{COMPREPLY[*]}}"
        assert succeeded(subprocess.run(["bash", "-c", ask], capture_output=True, text=True)).strip() == "verify"
