"""One real cargo project, pinned by each of the three ways; the program must run on 2.17 and on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import REPO, RunOn217, need_tool, succeeded
from pinning import check_fits, run, symver_pin_command

ARGUMENTS = ("one", "two words")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the demo's cargo project, which has no dependencies."""
    need_tool("cargo")
    return Path(shutil.copytree(REPO / "demo" / "rust", tmp_path / "rust", ignore=shutil.ignore_patterns("target")))


def check(project: Path, run_on_217: RunOn217) -> None:
    """The built program fits 2.17 and does its whole self-check in both places."""
    program = project / "target" / "release" / "rust-demo"
    check_fits(program)
    here = succeeded(run([program, *ARGUMENTS]))
    assert succeeded(run_on_217(program, *ARGUMENTS)) == here
    assert "FAILED" not in here and "ok      std::env::args is what was given" in here


def test_the_cargo_command(project: Path, run_on_217: RunOn217) -> None:
    succeeded(symver_pin_command("cargo", "--glibc", "2.17", "build", "--release", cwd=project))
    check(project, run_on_217)


def test_rustflags(project: Path, run_on_217: RunOn217) -> None:
    flags = succeeded(symver_pin_command("rustflags", "--glibc", "2.17")).strip()
    succeeded(run(["cargo", "build", "--release"], {"RUSTFLAGS": flags}, cwd=project))
    check(project, run_on_217)


def test_cargo_config(project: Path, run_on_217: RunOn217) -> None:
    config = succeeded(symver_pin_command("cargo-config", "--glibc", "2.17"))
    (project / ".cargo").mkdir()
    (project / ".cargo" / "config.toml").write_text(config)
    succeeded(run(["cargo", "build", "--release"], cwd=project))
    check(project, run_on_217)


@pytest.mark.parametrize("linker", ["bfd", "gold", "lld", "mold"])
def test_with_each_linker(project: Path, run_on_217: RunOn217, linker: str) -> None:
    need_tool("mold" if linker == "mold" else f"ld.{linker}")
    env = {"RUSTFLAGS": f"-Clink-arg=-fuse-ld={linker}"}
    succeeded(symver_pin_command("cargo", "--glibc", "2.17", "build", "--release", cwd=project, env=env))
    check(project, run_on_217)


def test_a_crate_that_adds_a_system_search_path_still_gets_the_kit(project: Path, run_on_217: RunOn217) -> None:
    (project / "build.rs").write_text(
        'fn main() { println!("cargo:rustc-link-search=native=/usr/lib/x86_64-linux-gnu"); }\n'
    )
    succeeded(symver_pin_command("cargo", "--glibc", "2.17", "build", "--release", cwd=project))
    check(project, run_on_217)


def test_cargos_status_is_passed_on(project: Path) -> None:
    (project / "src" / "main.rs").write_text("this is no Rust\n")
    done = symver_pin_command("cargo", "--glibc", "2.17", "build", cwd=project)
    assert done.returncode == 101 and "error" in done.stderr


def test_without_cargo_the_error_says_so(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("gcc", "cc", "sh", "ld", "as"):
        (tools / name).symlink_to(need_tool(name))
    done = symver_pin_command("cargo", "build", env={"PATH": str(tools), "SYMVER_PIN_CACHE": str(tmp_path / "cache")})
    assert done.returncode == 2 and "no cargo on the PATH" in done.stderr
