"""The completion scripts in the shells themselves, and the man page in man."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from conftest import REPO, need_tool, succeeded
from pinning import run, symver_pin_command

sys.path[:0] = [str(REPO / "tools")]

import man_page  # noqa: E402  (tools/ is no package)

ZSH = """
zmodload zsh/zpty
zpty session zsh -f -i
zpty -w session 'PS1=; autoload -Uz compinit && compinit -u -D; source {script}; compdef _shtab_symver_pin symver-pin'
zpty -w session 'print READY-$((1+1))'
zpty -r session line '*READY-2*'
zpty -w -n session $'symver-pin {typed}\\t'
zpty -r session line '*{expected}*'
print -r -- $line
"""
"""A zsh that types into another one, as a person would: completion works at a terminal only."""


@cache
def completion(shell: str) -> str:
    """The completion script of a shell."""
    return succeeded(symver_pin_command("--print-completion", shell))


def completed(shell: str, typed: str, expected: str, folder: Path) -> str:
    """What a shell shows after `symver-pin TYPED` and the tab key; zsh: until that is what is expected."""
    need_tool(shell)
    script = folder / f"complete.{shell}"
    script.write_text(completion(shell))
    if shell == "fish":
        command = ["fish", "--no-config", "-c", f"source {script}; complete -C 'symver-pin {typed}'"]
    elif shell == "bash":
        words = typed.split(" ")
        line = f"COMP_WORDS=(symver-pin {typed}); COMP_CWORD={len(words)}; _shtab_symver_pin; echo ${{COMPREPLY[*]}}"
        command = ["bash", "--norc", "-c", f"source {script}; {line}"]
    else:
        command = ["zsh", "-f", "-c", ZSH.format(folder=folder, script=script, typed=typed, expected=expected)]
    return run(command, {"HOME": str(folder), "TERM": "xterm"}, timeout=60).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "expected"),
    [("veri", "verify"), ("verify --poli", "--policy"), ("cargo-c", "cargo-config"), ("repair --in-p", "--in-place")],
)
def test_a_shell_completes(shell: str, typed: str, expected: str, tmp_path: Path) -> None:
    assert expected in completed(shell, typed, expected, tmp_path)


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_shell_completes_the_path_of_a_file(shell: str, tmp_path: Path) -> None:
    (tmp_path / "program-of-mine").touch()
    path = f"{tmp_path}/program-of-mine"
    assert path in completed(shell, f"verify {tmp_path}/progr", path, tmp_path)


def test_the_man_page_is_that_of_the_parsers() -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("other releases of argparse break a usage into other lines")
    assert man_page.page() == man_page.PAGE.read_text(), f"run {man_page.COMMAND}"


def test_man_shows_the_page_without_a_warning() -> None:
    need_tool("man")
    done = run(["man", "--warnings", "-l", str(man_page.PAGE)], env={"MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("symver-pin verify", "--link-map [FILE=]MAP", "SYMVER_PIN_GLIBC", "EXIT STATUS"):
        assert words in done.stdout, words


def test_the_index_of_man_pages_reads_the_page() -> None:
    need_tool("lexgrog")
    said = succeeded(run(["lexgrog", str(man_page.PAGE)]))
    assert '"symver-pin - build on a new Linux, run on an old glibc"' in said
