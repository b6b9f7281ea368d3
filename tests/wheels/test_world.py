"""Every build backend, by `symver-pin wheel` and by `symver_pin.build_backend`, isolated as users run them.

Each wheel gets a tag that auditwheel confirms, and is used by a CPython on the real glibc 2.17 and on this machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Completed, need_tool, succeeded
from crates.test_crates import FAST_BUILD, HERE, cache
from locked_project import copy_locked
from pinning import Word, run
from served import PACKAGES, served

from .builders import Builder, Python217, check_honest


class Case(NamedTuple):
    """A project, what uses its wheel, and what that prints."""

    name: str
    code: str
    says: str


def in_c(name: str) -> Case:
    return Case(name, f"import {name} as module; print(module.check())", "33 folder\n")


CASES = (
    in_c("setuptools_c"),
    in_c("meson_ext"),
    in_c("hatch_ext"),
    Case("cython_ext", "import cython_ext; print(cython_ext.check('10'))", "43\n"),
    Case(
        "pybind11_ext",
        "import pybind11_ext as module\nprint(module.total([1, 2, 3]), module.matches('abc12'))\n"
        "try: module.total([])\nexcept ValueError as error: print(error)",
        "6 True\nno numbers\n",
    ),
    Case(
        "maturin",
        "import pinned_module as module\nprint(module.total([1, 2, 3]))\n"
        "try: module.total([])\nexcept ValueError as error: print(error)",
        "6\nno numbers\n",
    ),
)


def project_of(builder: Builder, name: str) -> Path:
    """A copy of the project; the crates of the one in Rust are in cargo's cache."""
    if name != "maturin":
        return builder.project(name)
    need_tool("cargo")
    source, into = HERE / "projects" / "python-module", builder.folder / "python-module"
    return served(PACKAGES, "crates of python-module", lambda: copy_locked(source, into))


@pytest.mark.parametrize("way", ["command", "backend"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_backend_makes_an_honest_wheel(case: Case, way: str, builder: Builder, python217: Python217) -> None:
    project = project_of(builder, case.name)
    env = {**FAST_BUILD, "CARGO_TARGET_DIR": str(cache() / "python-module")}
    build: Callable[..., Completed] = builder.by_command if way == "command" else builder.by_pip
    done = build(project if way == "command" else builder.wrap(project), env=env)
    succeeded(done)
    wheel = builder.wheel()
    check_honest(wheel)
    assert builder.use_here(wheel, case.code) == python217.use([wheel], case.code) == case.says


def test_build_makes_an_sdist_and_from_it_the_wheel(builder: Builder, python217: Python217) -> None:
    project = builder.wrap(builder.project("setuptools_c"))
    (project / "MANIFEST.in").write_text("include *.c\n")
    command: list[Word] = [sys.executable, "-m", "build", "--outdir", builder.dist, project]
    succeeded(run(command, builder.offline, timeout=1200))
    assert len(list(builder.dist.glob("*.tar.gz"))) == 1
    check_honest(builder.wheel())
    assert python217.use([builder.wheel()], CASES[0].code) == "33 folder\n"


def test_an_editable_installation_is_the_wrapped_backends(builder: Builder) -> None:
    project = builder.wrap(builder.project("setuptools_c"))
    place = builder.folder / "venv"
    succeeded(run([sys.executable, "-m", "venv", place]))
    command: list[Word] = [place / "bin/python", "-m", "pip", "install", "--quiet", "--editable", project]
    succeeded(run(command, builder.offline, timeout=1200))
    assert succeeded(run([place / "bin/python", "-c", CASES[0].code])) == "33 folder\n"
