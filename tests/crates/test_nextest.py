"""`cargo nextest`, which starts the test programs itself: they are built and verified first."""

from __future__ import annotations

import os
from pathlib import Path

from cargo.projects import Project
from clients import is_registry_failure
from conftest import need_tool, succeeded
from crates.test_crates import FAST_BUILD, cache, refused
from pinning import check_fits, run
from served import PACKAGES, served

NEXTEST = "0.9.151"


def nextest() -> dict[str, str]:
    """The environment with cargo-nextest, from the registry into the cache."""
    root = cache() / f"nextest-{NEXTEST}"
    if not (root / "bin/cargo-nextest").exists():
        words = ("install", "--locked", "--root", root, "--version", NEXTEST, "cargo-nextest")
        env = {**FAST_BUILD, "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0"}
        done = run([need_tool("cargo"), *words], env, timeout=3600)
        if done.returncode != 0 and is_registry_failure("cargo", done.stderr):
            served(PACKAGES, f"crate cargo-nextest {NEXTEST}", lambda: refused(done.stderr))
        succeeded(done)
    return {"PATH": f"{root / 'bin'}:{os.environ['PATH']}"}


def test_nextest_runs_what_was_verified(tmp_path: Path) -> None:
    project = Project(tmp_path)
    done = project.cargo("nextest", "run", "--cargo-profile", "release", "-E", "test(adds)", env=nextest())
    succeeded(done)
    assert done.stderr.index("Verified 1 file for glibc 2.17") < done.stderr.index("1 test run: 1 passed")
    for program in (tmp_path / "target/release/deps").glob("small-*"):
        if not program.suffix:
            check_fits(program)
