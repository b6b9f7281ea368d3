"""docs/build-systems.md: every command of each section builds a small project that runs on the real glibc 2.17."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import REPO, need_tool, succeeded
from pinning import check_fits, run

from .conftest import IS_WHOLE, RunsBoth, Shell, copy_project, set_up_bazel, set_up_node_gyp

PAGE = REPO / "docs/build-systems.md"
MOST_LINES = 15
MOST_OF_TABLE = 60


class Section(NamedTuple):
    """One section of the page."""

    title: str
    commands: list[str]
    lines: int


LOAD = """\
const addon = {{exports: {{}}}};
process.dlopen(addon, "./{name}");
console.log("hello", addon.exports.squared(6));
"""
"""A script that loads an addon and calls it."""


class Sample(NamedTuple):
    """The project in which the commands of a section run."""

    project: str
    tools: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """What the commands make: programs that say `hello 36`."""
    libraries: tuple[str, ...] = ()
    """Libraries that they make."""
    is_long: bool = False
    """Its tools are large: `make test-world` runs it."""


SAMPLES = {
    "Any build": Sample("make", ("make",), ("hello",)),
    "A shell, a Makefile, a CI job": Sample("make", ("make",), ("hello",)),
    "A new project": Sample("cmake"),
    "make": Sample("make", ("make",), ("hello",)),
    "autoconf": Sample("autoconf", ("autoreconf", "automake", "make"), ("hello",)),
    "CMake": Sample(
        "cmake",
        ("cmake",),
        ("build/hello", "build/inner-prefix/src/inner-build/inner", "other/inner-prefix/src/inner-build/inner"),
        ("build/libgreet.so", "other/libgreet.so"),
    ),
    "Meson": Sample("meson", (), ("build/hello", "other/hello"), ("build/libgreet.so", "other/libgreet.so")),
    "Go": Sample("go", ("go",), ("bin/hello", "bin/race"), ("bin/libhello.so",)),
    "Rust": Sample("rust", ("cargo",), ("target/release/hello", "target/debug/hello", "hello-rustc")),
    "Fortran": Sample("fortran", ("gfortran",), ("hello", "hello-omp")),
    "Nim": Sample("nim", ("nim",), ("hello",)),
    "Node.js addons": Sample("node", ("npm", "cargo"), (), ("build/Release/hello.node", "target/release/libhello.so")),
    "Bazel and Buck": Sample("bazel", ("bazel",), ("bazel-bin/hello",), is_long=True),
    "ccache and other launchers": Sample("make", ("ccache", "make"), ("hello",)),
}
"""Title -> the project, for the sections that have commands."""


def sections() -> list[Section]:
    """The sections of the page."""
    found = []
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        lines = [line for _kind, block in blocks for line in block.splitlines()]
        assert {kind for kind, _block in blocks} <= {"console"} and all(line.startswith("$ ") for line in lines)
        found.append(Section(title, [line.removeprefix("$ ") for line in lines], body.strip().count("\n") + 1))
    return found


SECTIONS = sections()


def test_every_section_is_short_and_every_one_with_commands_is_run() -> None:
    assert {section.title for section in SECTIONS if section.commands} == SAMPLES.keys()
    tables = {"Real projects"}
    long = [s.title for s in SECTIONS if s.lines > (MOST_OF_TABLE if s.title in tables else MOST_LINES)]
    assert not long, f"more than {MOST_LINES} lines: {', '.join(long)}"


RUN_HERE = [s for s in SECTIONS if s.commands and (IS_WHOLE or not SAMPLES[s.title].is_long)]


@pytest.mark.parametrize("section", RUN_HERE, ids=lambda section: section.title)
def test_the_commands_of_a_section_build_for_the_target(
    section: Section, tmp_path: Path, shell: Shell, runs_both: RunsBoth, node_on_217: Callable[[str, Path], str]
) -> None:
    sample = SAMPLES[section.title]
    for tool in sample.tools:
        need_tool(tool)
    project = copy_project(sample.project, tmp_path / "project")
    env = {"GITHUB_ENV": str(tmp_path / "github"), "CARGO_NET_OFFLINE": "true"}
    if sample.project == "node":
        env |= set_up_node_gyp(project)
    if sample.project == "bazel":
        set_up_bazel(project, tmp_path / "bazel")
    succeeded(shell("\n".join(section.commands), project, env))
    for name in sample.programs:
        assert runs_both(project / name) == "hello 36" + (".\n" if sample.project == "fortran" else "\n")
    for name in sample.libraries:
        check_fits(project / name)
        script = LOAD.format(name=Path(name).name)
        if sample.project == "node":
            assert node_on_217(script, project / name) == "hello 36\n"
            assert succeeded(run(["node", "work.js"], cwd=(project / name).parent)) == "hello 36\n"
