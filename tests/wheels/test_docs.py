"""Every command of docs/python-wheels.md, in the order of the page, with the files that the page shows."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from conftest import REPO, succeeded
from pinning import run

from .builders import PROJECTS, Builder, check_honest, write_module

PAGE = (REPO / "docs" / "python-wheels.md").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks of the page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_work(builder: Builder) -> None:
    project, place = builder.folder / "demo", builder.folder / "venv"
    project.mkdir()
    write_module(project, "demo")
    setup = (PROJECTS / "setuptools_c/setup.py").read_text().replace("setuptools_c", "demo")
    (project / "setup.py").write_text(setup)
    succeeded(run([sys.executable, "-m", "venv", place]))
    env = {**builder.offline, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}
    (script,) = [text for text in blocks("python") if "ffibuilder" in text]
    (project / "build_cube.py").write_text(script)
    steps = blocks("console")
    for number, block in enumerate(steps):
        if number == 1:
            (project / "pyproject.toml").write_text(blocks("toml")[0])
        if number == len(steps) - 1:
            succeeded(run([place / "bin/pip", "install", "--quiet", "setuptools"], env))
        for line in block.splitlines():
            if line.startswith("$ "):
                succeeded(run(["bash", "-c", line[2:]], env, cwd=project, timeout=1200))
    for wheel in (*project.glob("dist/*.whl"), *project.glob("wheelhouse/*.whl")):
        check_honest(wheel)
    assert succeeded(run([place / "bin/python", "-c", "import demo; print(demo.check())"], cwd=place)) == "33 folder\n"


def test_the_page_shows_a_tag_that_pip_knows() -> None:
    names = [Path(line).name for block in blocks("console") for line in block.splitlines() if line.endswith(".whl")]
    assert any("manylinux_2_17_x86_64.manylinux2014_x86_64" in name for name in names)
