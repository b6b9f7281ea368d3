"""Small cargo projects that tests write, and `symver-pin cargo` run in them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conftest import Completed, need_tool
from pinning import IMPORTABLE, Word, run, symver_pin_command

MANIFEST = """
[package]
name = "{name}"
version = "0.1.0"
edition = "2021"

[workspace]
"""

MAIN = """#![allow(unexpected_cfgs)]
use std::sync::mpsc;
use std::thread;

/// # Examples
/// ```
/// assert_eq!(1 + 1, 2);
/// ```
pub fn total(numbers: Vec<u64>) -> u64 {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || numbers.into_iter().for_each(|n| sender.send(n).unwrap()));
    receiver.iter().sum()
}

fn main() {
    let flag = if cfg!(kept) { "kept" } else { "plain" };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{flag} {} {}", total((0..10).collect()), arguments.join(","));
}

#[test]
fn adds() {
    assert_eq!(total(vec![1, 2, 3]), 6);
}
"""


class Project:
    """A cargo project in a folder of its own."""

    def __init__(self, folder: Path, name: str = "small", main: str = MAIN) -> None:
        need_tool("cargo")
        self.folder = folder
        self.write("Cargo.toml", MANIFEST.format(name=name))
        self.write("src/main.rs", main)

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def cargo(
        self, *words: Word, glibc: str = "2.17", env: Mapping[str, str] | None = None, **options: Any
    ) -> Completed:
        """`symver-pin cargo --glibc 2.17` with these words."""
        return symver_pin_command("cargo", "--glibc", glibc, *words, cwd=self.folder, env=env, **options)

    def subcommand(self, *words: Word, env: Mapping[str, str] | None = None) -> Completed:
        """`cargo` with these words, for which `cargo symver-pin` is there."""
        tools = self.folder / "tools"
        main = f"#!{sys.executable}\nfrom symver_pin.cli import cargo_console\ncargo_console()\n"
        self.write("tools/cargo-symver-pin", main).chmod(0o755)
        path = f"{tools}:{Path(need_tool('cargo')).parent}:/usr/bin:/bin"
        return run(["cargo", *words], {**IMPORTABLE, "PATH": path, **(env or {})}, cwd=self.folder)

    def program(self, name: str = "small", profile: str = "debug", target: str = "") -> Path:
        """A built program."""
        return self.folder / "target" / target / profile / name
