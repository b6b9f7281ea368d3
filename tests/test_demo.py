"""`make demo` does its whole job: three real programs, pinned, verified, run on 2.17 and here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import REPO, need_root, need_tool, succeeded


def test_all_three_programs_run_on_2_17_and_on_this_host(tmp_path: Path) -> None:
    need_root("2.17")
    need_tool("cargo")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, str(REPO / "demo" / "run.py")]
    text = succeeded(subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path}))
    table = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]
    rows = [cells for cells in table if cells and cells[-2:] == ["yes", "yes"]]
    assert len(rows) == 3, text
    for cells in rows:
        assert cells[1].startswith("GLIBC_2.3") and cells[3] == "runs on 2.19", text
