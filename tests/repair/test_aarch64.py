"""Programs for aarch64, built plainly and repaired, on the real aarch64 glibc 2.17 under emulation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import runtimes
from cache import kept_folder
from conftest import need_tool, succeeded
from kit.test_matrix import CPP_SAYS
from pinning import MODES, PROGRAMS, Word, run
from served import ROOTS, served
from symver_pin import repair

from .test_rewrite import CROSS
from .test_traps import DESTRUCTOR, HOST, INDIRECT, PLUGIN, PROBES, SHARED_DATA, SIGNAL_STACK

PREFIX = "aarch64-linux-gnu"
PROGRAM_MODES = pytest.mark.parametrize("mode", ["pie", "exec"])


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder with the libraries of glibc 2.17 for aarch64."""

    def fill(folder: Path, download: Path) -> None:
        runtimes.unpack_sysroot(runtimes.TOOLCHAINS_217["aarch64"], download, folder)

    return served(ROOTS, "glibc 2.17 of aarch64", lambda: kept_folder("glibc-2.17-aarch64-1", fill))


class Emulated:
    """A folder with programs for aarch64."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder, self.root = folder, root

    def build(self, text: str | Path, *flags: str, mode: str = "pie", output: str = "program") -> Path:
        """Compile and link plainly; C++ for a text with ``<cstdio>`` and files that end in ``.cc``."""
        is_cpp = text.suffix == ".cc" if isinstance(text, Path) else "<cstdio>" in text
        source = text
        if isinstance(text, str):
            source = self.folder / f"{output}{'.cc' if is_cpp else '.c'}"
            source.write_text(text)
        compiler = need_tool(f"{PREFIX}-{'g++' if is_cpp else 'gcc'}")
        command: list[Word] = [compiler, "-O1", *MODES[mode], source, "-o", self.folder / output, *flags]
        succeeded(run(command, cwd=self.folder))
        return self.folder / output

    def runs(self, *programs: Path, words: tuple[str, ...] = (), env: dict[str, str] | None = None) -> str:
        """Repair the programs, and return what the first one says on 2.17."""
        outcome = repair(programs, "2.17", self.folder / "out")
        assert outcome.exit_status == 0, [(file.path, file.reason, file.decisions) for file in outcome.files]
        command: list[Word] = [
            need_tool("qemu-aarch64"),
            "-L",
            self.root,
            self.folder / "out" / programs[0].name,
            *words,
        ]
        return succeeded(run(command, env, cwd=self.folder / "out"))


@pytest.fixture
def emulated(tmp_path: Path, root: Path) -> Emulated:
    """The folder of a test."""
    return Emulated(tmp_path, root)


@PROGRAM_MODES
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CROSS, "1 1 0 1 1\n"),
        (DESTRUCTOR, "~7\njoined\n~1\n"),
        (SHARED_DATA, "1\n"),
        (SIGNAL_STACK, "1 1\n"),
        (PROBES, "1 0 0\n"),
    ],
    ids=["threads", "destructor", "data", "wrapper", "probes"],
)
def test_the_same_traps(emulated: Emulated, text: str, said: str, mode: str) -> None:
    assert emulated.runs(emulated.build(text, mode=mode)) == said


@PROGRAM_MODES
def test_a_cpp_program_with_its_libraries(emulated: Emulated, mode: str) -> None:
    program = emulated.build(PROGRAMS / "matrix.cc", "-std=c++17", mode=mode)
    environment = {"PINNED": "value of env", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    assert emulated.runs(program, words=("one argument",), env=environment) == CPP_SAYS


def test_a_plug_in_is_opened(emulated: Emulated) -> None:
    plugin = emulated.build(PLUGIN, mode="shared", output="plugin.so")
    assert emulated.runs(emulated.build(HOST), plugin) == "42\n"


def test_an_indirect_function_is_refused_which_this_loader_does_not_know(emulated: Emulated) -> None:
    outcome = repair([emulated.build(INDIRECT)], "2.17", emulated.folder / "out")
    assert outcome.exit_status == 1
    assert "relocations of type 0x408" in outcome.files[0].reason
    later = repair([emulated.folder / "program"], "2.19", emulated.folder / "out")
    assert later.exit_status == 0
