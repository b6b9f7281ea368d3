"""The commands of docs/python-distribution.md: a CPython that passes its tests on the real 2.17, and is embedded."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from conftest import REPO, need_root, need_tool, succeeded
from pinning import run

COMMANDS = re.findall(r"^\$ python (.+)$", (REPO / "docs/python-distribution.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_portable_python_passes_its_tests_on_the_target(command: str, tmp_path: Path) -> None:
    need_root("2.17")
    need_tool("cargo")
    (tmp_path / "demo").symlink_to(REPO / "demo")
    env = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = succeeded(run([sys.executable, *command.split()], env, cwd=tmp_path, timeout=3600))
    assert re.search(r"verify: .* ok on glibc 2\.17", said), said
    assert re.search(r"Result: SUCCESS|Tests result: SUCCESS", said), said
    if "--embed" in command:
        assert re.search(r"the program on a real glibc 2\.17: Python 3\.11\.\d+, 3\.\d+\.\d+, 42, ", said), said
