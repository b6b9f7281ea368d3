"""Every command of README.md, CONTRIBUTING.md and docs/ runs as it stands, and prints what the page shows."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from conftest import REPO, need_root, need_tool
from pinning import COMMAND, IMPORTABLE

from .pages import Block, blocks, differs, run_blocks

OWN_TESTS = {
    "build-systems.md": "tests/builds/test_page.py",
    "python-distribution.md": "tests/wheels/test_distribution.py",
    "python-wheels.md": "tests/wheels/test_docs.py",
}
"""Pages whose commands run in projects of their own."""
PAGES = sorted([REPO / "README.md", REPO / "CONTRIBUTING.md", *(REPO / "docs").rglob("*.md")])
BLOCKS: dict[str, list[Block]] = {
    str(page.relative_to(REPO)): list(blocks(page.read_text())) for page in PAGES if page.name not in OWN_TESTS
}
TOOLS = ("gcc", "make", "cmake", "cargo", "objdump", "readelf")

SYMVER_PIN = """\
#!/bin/sh
PYTHONPATH={path} exec {command} "$@"
"""
SSH = """\
#!/bin/bash
# ssh HOST COMMAND: the command on the real glibc 2.17, in a folder there, which messages call by its name. scp has
# nothing to do: the file is read where it is.
set -o pipefail
shift
{python} {repo}/tools/runtimes.py run 2.17 -- "$@" 2>&1 | sed 's#/run/job-[^/]*/#./#g'
"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The folder in which the commands of a page run: small sources, and an `ssh` to the real glibc 2.17."""
    for tool in TOOLS:
        need_tool(tool)
    need_root("2.17")
    folder = tmp_path / "world"
    shutil.copytree(Path(__file__).parent / "world", folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    texts = {
        "symver-pin": SYMVER_PIN.format(path=IMPORTABLE["PYTHONPATH"], command=" ".join(COMMAND)),
        "ssh": SSH.format(python=sys.executable, repo=REPO),
        "scp": "#!/bin/sh\n",
    }
    for name, text in texts.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return folder


def test_a_block_that_is_not_run_says_why() -> None:
    short = [f"{name}:{b.line}" for name, found in BLOCKS.items() for b in found if b.not_run and len(b.not_run) < 20]
    assert not short
    run = [block for found in BLOCKS.values() for block in found if not block.not_run]
    assert len(run) > 30


@pytest.mark.parametrize("name", [name for name, found in BLOCKS.items() if any(not b.not_run for b in found)])
def test_the_commands_of_a_page_do_what_it_shows(name: str, world: Path) -> None:
    chosen = [block for block in BLOCKS[name] if not block.not_run]
    env = {"PATH": f"{world.parent}/bin:{os.environ['PATH']}", "COLUMNS": "100", "CARGO_NET_OFFLINE": "true"}
    faults = []
    for block, results in zip(chosen, run_blocks(chosen, world, env), strict=True):
        for number, (command, ran) in enumerate(zip(block.commands, results, strict=True), 1):
            expected = block.status if number == len(block.commands) else 0
            where = f"{name}:{block.line}: $ {command.text}"
            if ran.status != expected:
                faults.append(f"{where}\nends with {ran.status}, not {expected}:\n{ran.output[-1500:]}")
            elif line := differs(command.shown, ran.output):
                faults.append(f"{where}\nshows {line!r}; it prints:\n{ran.output[:3000]}")
    if faults:
        pytest.fail("\n\n".join(faults), pytrace=False)
