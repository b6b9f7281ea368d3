"""Cross builds with Debian's cross compilers, which nobody names: verified, and run by an emulator.

Rust's standard library for the other architectures is Debian's (`tools/newer_tools.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import newer_tools
from cargo.projects import Project
from conftest import need_tool, succeeded
from cross import OLDEST, start
from pinning import run
from served import TOOLS, served

TARGETS = {
    "aarch64-unknown-linux-gnu": "aarch64-linux-gnu",
    "armv7-unknown-linux-gnueabihf": "arm-linux-gnueabihf",
    "i686-unknown-linux-gnu": "i686-linux-gnu",
    "powerpc64le-unknown-linux-gnu": "powerpc64le-linux-gnu",
    "riscv64gc-unknown-linux-gnu": "riscv64-linux-gnu",
    "s390x-unknown-linux-gnu": "s390x-linux-gnu",
}
"""Rust's target: Debian's triplet."""

C_CODE = """
#include <stdio.h>
#include <sys/stat.h>
int answer(void) { struct stat s; return stat("/", &s) == 0 ? 42 : 0; }
"""
C_BUILD = """
use std::{env, process::Command};

fn main() {
    let (out, target) = (env::var("OUT_DIR").unwrap(), env::var("TARGET").unwrap());
    let cc = env::var(format!("CC_{}", target.replace('-', "_"))).unwrap();
    let ran = |program: &str, words: &[&str]| assert!(Command::new(program).args(words).status().unwrap().success());
    // (the default of Debian 13's compiler for armhf)
    ran(&cc, &["-D_TIME_BITS=64", "-D_FILE_OFFSET_BITS=64", "-c", "answer.c", "-o", &format!("{out}/answer.o")]);
    ran("ar", &["rcs", &format!("{out}/libanswer.a"), &format!("{out}/answer.o")]);
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=answer");
}
"""
C_MAIN = """
extern "C" {
    fn answer() -> i32;
}

fn main() {
    let caught = std::panic::catch_unwind(|| panic!("thrown")).is_err();
    println!("{} {caught} {}", unsafe { answer() }, std::thread::spawn(|| std::env::args().count()).join().unwrap());
}
"""


def rustc(*targets: str) -> dict[str, str]:
    """The environment with a rustc for these targets."""
    name = f"rustc for {' and '.join(targets)}"
    return {"RUSTC": str(served(TOOLS, name, lambda: newer_tools.get_rustc(*targets)))}


@pytest.mark.parametrize("target", TARGETS)
def test_a_cross_build_finds_its_compiler_and_runs(tmp_path: Path, target: str) -> None:
    triplet = TARGETS[target]
    glibc = OLDEST[triplet]
    need_tool(f"{triplet}-gcc")
    project = Project(tmp_path, main=C_MAIN)
    project.write("answer.c", C_CODE)
    project.write("build.rs", C_BUILD)
    done = project.cargo("build", "--target", f"{target}.{glibc}", env=rustc(target))
    succeeded(done)
    assert f"Verified 1 file for glibc {glibc}" in done.stderr
    ran = run([*start(triplet), project.program(target=target), "one"], timeout=60)
    assert succeeded(ran) == "42 true 2\n"


def test_two_targets_in_one_build(tmp_path: Path) -> None:
    project = Project(tmp_path)
    words = ("--target", "aarch64-unknown-linux-gnu.2.17", "--target", "i686-unknown-linux-gnu.2.28")
    done = project.cargo("build", *words, env=rustc("aarch64-unknown-linux-gnu", "i686-unknown-linux-gnu"))
    succeeded(done)
    assert "Verified 1 file for glibc 2.17" in done.stderr and "Verified 1 file for glibc 2.28" in done.stderr


def test_the_architecture_may_be_named_instead_of_the_target(tmp_path: Path) -> None:
    project = Project(tmp_path)
    succeeded(project.cargo("--arch", "arm64", "build", env=rustc("aarch64-unknown-linux-gnu")))
    assert project.program(target="aarch64-unknown-linux-gnu").exists()


def test_without_the_cross_compiler_the_error_names_its_package(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "cargo").symlink_to(need_tool("cargo"))
    env = {"PATH": str(tools), "HOME": os.environ["HOME"]}
    done = Project(tmp_path / "project").cargo("build", "--target", "s390x-unknown-linux-gnu", env=env)
    assert done.returncode == 2
    assert "gcc-s390x-linux-gnu" in done.stderr and done.stderr.count("\n") == 1
