"""`make demo` does its whole job: three real programs, pinned, verified, run on 2.17 and here; or it fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from conftest import REPO, Completed, need_root, need_tool, succeeded
from pinning import run


def demo(environment: Mapping[str, str] | None = None) -> Completed:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return run([sys.executable, REPO / "demo" / "run.py"], {"PATH": path, **(environment or {})}, timeout=600)


def last_cells(text: str) -> list[list[str]]:
    """The cells of the table's rows."""
    table = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]
    return [cells for cells in table if len(cells) == 6 and cells[-1] == "yes"]


def test_all_three_programs_run_on_2_17_and_on_this_host() -> None:
    need_root("2.17")
    need_tool("cargo")
    text = succeeded(demo())
    rows = last_cells(text)
    assert len(rows) == 3, text
    for cells in rows:
        assert cells[1].startswith("GLIBC_2.") and cells[3:] == ["runs on 2.19", "yes", "yes"], text


def test_without_an_old_runtime_it_fails_unless_that_is_asked_for(tmp_path: Path) -> None:
    """The cache is empty and npm fetches nothing; the SQLite source alone is there."""
    need_root("2.17")
    real = Path(os.environ["SYMVER_PIN_RUNTIMES"])
    (tmp_path / "cache").mkdir()
    for source in real.glob("source-sqlite3-*"):
        (tmp_path / "cache" / source.name).symlink_to(source)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/npm").write_text("#!/bin/sh\necho 'npm error 404 Not Found' >&2; exit 1\n")
    (tmp_path / "bin/npm").chmod(0o755)
    path = f"{tmp_path}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {"SYMVER_PIN_RUNTIMES": str(tmp_path / "cache"), "PATH": path}
    failed = demo(env)
    assert failed.returncode == 1
    assert "FAILED: nothing was run on a real glibc 2.17: npm could not fetch" in failed.stdout
    assert "404 Not Found" in failed.stdout and [cells[4] for cells in last_cells(failed.stdout)] == ["not run"] * 3
    asked = demo({**env, "DEMO_SKIP_OLD": "1"})
    assert asked.returncode == 0, asked.stdout
    assert "skipped: nothing was run on a real glibc 2.17: DEMO_SKIP_OLD=1 asks for that" in asked.stdout


def test_missing_tools_are_named_at_once(tmp_path: Path) -> None:
    for tool in ("cc", "c++"):
        (tmp_path / tool).symlink_to(need_tool(tool))
    done = demo({"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("demo: cargo not installed; run `make demo`") and done.stderr.count("\n") == 1


def test_a_value_of_demo_skip_old_that_means_nothing_is_refused() -> None:
    done = demo({"DEMO_SKIP_OLD": "yes"})
    assert (done.returncode, done.stdout) == (2, "") and "DEMO_SKIP_OLD=yes" in done.stderr
