"""Every build backend, by `symver-pin wheel` and by `symver_pin.build_backend`, isolated as users run them.

Each wheel gets a tag that auditwheel confirms, and is used by a CPython on the real glibc 2.17 and on this machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from clients import is_registry_failure, reason_of
from conftest import Completed, need_tool, succeeded
from crates.test_crates import FAST_BUILD, HERE, cache
from locked_project import copy_locked
from pinning import Word, run, symver_pin_command
from served import PACKAGES, served
from unavailable import NotServed

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


NUMPY = "numpy==2.2.6"
NUMPY_CODE = """\
import numpy as np
a = np.random.default_rng(1).normal(size=(60, 60))
print(np.allclose(a @ np.linalg.inv(a), np.eye(60)), np.fft.fft(np.arange(8)).sum().real, np.sort(a.ravel())[-1])
print(np.exp(np.float32(1)), np.longdouble("0.1") * 3, np.char.upper(["a"])[0], (np.arange(5) ** 2).tolist())
"""


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


def test_numpy_is_built_from_the_index(builder: Builder, python217: Python217) -> None:
    """pip builds it from the sdist with the kit's compilers; `symver-pin wheel` tags what pip made."""
    made = builder.folder / "made"
    pip: list[Word] = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-binary",
        "numpy",
        "--wheel-dir",
        made,
        NUMPY,
    ]

    def build() -> None:
        done = symver_pin_command("run", "--glibc", "2.17", "--", *pip, timeout=3600)
        reason = reason_of(done.stdout, done.stderr)  # not all it says: compilers say much about connections
        if done.returncode and is_registry_failure("pip", reason):
            raise NotServed(reason)
        succeeded(done)

    served(PACKAGES, NUMPY, build)
    (wheel,) = made.glob("*.whl")
    succeeded(builder.by_command(wheel, isolated=False))
    check_honest(builder.wheel())
    here = builder.use_here(builder.wheel(), NUMPY_CODE)
    assert here.startswith("True 0.0 ")
    assert python217.use([builder.wheel()], NUMPY_CODE, python217.own_modules("_contextvars")) == here
