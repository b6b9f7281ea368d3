"""What a pinned Rust program keeps: weak references to newer functions, and names in backtraces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import newer_tools
from cargo.projects import Project
from conftest import RunOn217, need_tool, succeeded
from pinning import check_fits, run
from served import TOOLS, served

WEAK = {"statx", "__cxa_thread_atexit_impl"}
"""Functions younger than 2.17 that Rust's standard library uses where they are, in Rust 1.63 as in 1.95."""

PANIC = """
#[inline(never)]
fn deep_inside(level: u32) -> u32 {
    if level == 0 { panic!("on purpose") } else { deep_inside(level - 1) + 1 }
}

fn main() {
    println!("{}", std::fs::metadata("/").unwrap().is_dir());
    println!("{}", deep_inside(3));
}
"""

LINKERS: dict[str, Callable[[], str]] = {
    "bfd": lambda: "-Clink-arg=-fuse-ld=bfd",
    "gold": lambda: "-Clink-arg=-fuse-ld=gold",
    "lld": lambda: "-Clink-arg=-fuse-ld=lld",
    "rustc's own": lambda: "-Cdebuginfo=1",
    "mold since 2.37": lambda: f"-Clink-arg=-fuse-ld=mold -Clink-arg=-B{newer_mold().parent}",
}


def newer_mold() -> Path:
    """A mold that can leave an undefined weak symbol of a program to the loader."""
    return served(TOOLS, "mold", lambda: newer_tools.get_tool("mold"))


@pytest.mark.parametrize("linker", LINKERS)
def test_weak_references_neither_raise_the_requirement_nor_vanish(
    tmp_path: Path, linker: str, run_on_217: RunOn217
) -> None:
    project = Project(tmp_path)
    succeeded(project.cargo("build", env={"RUSTFLAGS": LINKERS[linker]()}))
    check_fits(project.program())
    listed = [line.split() for line in succeeded(run([need_tool("nm"), "-D", project.program()])).splitlines()]
    weak = {words[-1] for words in listed if words[-2] == "w"}
    assert weak >= WEAK, weak  # no version behind the name: any glibc will do
    assert succeeded(run([project.program()])) == succeeded(run_on_217(project.program())) == "plain 45 \n"


@pytest.mark.parametrize("options", [(), ("--static-libgcc",)], ids=["shared libgcc", "static libgcc"])
def test_backtraces_keep_their_names(tmp_path: Path, options: tuple[str, ...], run_on_217: RunOn217) -> None:
    project = Project(tmp_path, main=PANIC)
    succeeded(project.cargo(*options, "build"))
    listed = succeeded(run([need_tool("nm"), "--defined-only", project.program()]))
    defined = {line.split()[-1] for line in listed.splitlines()}
    assert ("_dl_find_object" in defined) == bool(options)  # the compat object that the static unwinder asks
    here = run([project.program()], {"RUST_BACKTRACE": "1"})
    old = run_on_217(project.program(), env={"RUST_BACKTRACE": "1"})
    for done in (here, old):
        assert done.returncode == 101 and done.stdout == "true\n"
        assert done.stderr.count("small::deep_inside") == 4, done.stderr
        assert "src/main.rs:4" in done.stderr and "small::main" in done.stderr
