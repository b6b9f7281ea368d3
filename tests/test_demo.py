"""`make demo` does its whole job: three real programs, pinned, verified, run on 2.17 and here; or it fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from conftest import REPO, Completed, need_root, need_tool, succeeded
from pinning import run

PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

ONE_PROGRAM = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import run
run.BUILD = pathlib.Path(sys.argv[2])
run.PROGRAMS = [program for program in run.PROGRAMS if program.output == "cpp-demo"]
sys.exit(run.main())
"""
"""The demo with one of its programs, built in a folder of its own."""


def demo(environment: Mapping[str, str]) -> Completed:
    return run([sys.executable, REPO / "demo" / "run.py"], {"PATH": PATH, **environment}, timeout=600)


def last_cells(text: str) -> list[list[str]]:
    """The cells of the table's rows."""
    table = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]
    return [cells for cells in table if len(cells) == 6 and cells[-1] == "yes"]


def test_all_three_programs_run_on_2_17_and_on_this_host() -> None:
    need_root("2.17")
    need_tool("cargo")
    text = succeeded(demo({}))
    rows = last_cells(text)
    assert len(rows) == 3, text
    for cells in rows:
        assert cells[1].startswith("GLIBC_2.") and cells[3:] == ["runs on 2.19", "yes", "yes"], text


def test_without_an_old_runtime_it_fails_unless_that_is_asked_for(tmp_path: Path) -> None:
    """The cache is empty, and npm fetches nothing."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/npm").write_text("#!/bin/sh\necho 'npm error 404 Not Found' >&2; exit 1\n")
    (tmp_path / "bin/npm").chmod(0o755)
    env = {"SYMVER_PIN_RUNTIMES": str(tmp_path / "cache"), "PATH": f"{tmp_path}/bin:{PATH}"}
    command = [sys.executable, "-c", ONE_PROGRAM, str(REPO / "demo"), str(tmp_path / "build")]
    failed = run(command, env)
    assert failed.returncode == 1
    assert "FAILED: nothing was run on a real glibc 2.17: npm could not fetch" in failed.stdout
    assert "404 Not Found" in failed.stdout and [cells[4] for cells in last_cells(failed.stdout)] == ["not run"]
    asked = run(command, {**env, "DEMO_SKIP_OLD": "1"})
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


def test_a_python_is_not_built_into_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run([sys.executable, REPO / "demo/python_distribution.py", "-o", tmp_path])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {tmp_path}: not an empty folder; name a new one\n"
