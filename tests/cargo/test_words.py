"""Cargo's command line and its conditions, read as cargo reads them."""

from __future__ import annotations

import pytest

from symver_pin.builds.cargo.cfg import cfg_holds
from symver_pin.builds.cargo.command_line import parse_command_line, parse_target
from symver_pin.builds.cargo.settings import linkers_in
from symver_pin.errors import UsageError

FACTS = frozenset({"unix", 'target_os="linux"', 'target_arch="x86_64"', 'target_feature="sse2"'})


@pytest.mark.parametrize(("text", "holds"), [
    ("cfg(unix)", True),
    ("cfg(windows)", False),
    ("cfg(true)", True),
    ("cfg(false)", False),
    ('cfg(target_os = "linux")', True),
    ('cfg(target_os="macos")', False),
    ("cfg(not(windows))", True),
    ("cfg(all())", True),
    ("cfg(any())", False),
    ('cfg(all(unix, target_arch = "x86_64",))', True),
    ('cfg(any(windows, all(unix, not(target_feature = "sse2"))))', False),
])  # fmt: skip
def test_conditions(text: str, holds: bool) -> None:
    assert cfg_holds(text, FACTS) is holds


@pytest.mark.parametrize("text", [
    "cfg(", "cfg()", "cfg(unix", "cfg(unix))", "cfg(unix windows)", "unix", "cfg(a = b)", "",
])  # fmt: skip
def test_a_broken_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot read the condition"):
        cfg_holds(text, FACTS)


@pytest.mark.parametrize("line", [
    "", "--version", "-Z help", "build", "+nightly build --release", "--config a=1 -v build", "run a c", "run -- a --b",
    "-C folder run --bin x -F f y --target z", "test -- --nocapture", "rustc --lib -- -C opt-level=1", "b -r",
])  # fmt: skip
def test_a_command_line_is_whole_again(line: str) -> None:
    words = line.split()
    expected = ["build" if word == "b" else word for word in words]
    assert parse_command_line(words).words() == expected


@pytest.mark.parametrize(("line", "options", "arguments"), [
    ("run --bin x y --target z", "--bin x", "y --target z"),
    ("run -p a -- --target z", "-p a", "-- --target z"),
    ("test name --target z -- --exact", "name --target z", "-- --exact"),
    ("rustc -- --target", "", "-- --target"),
])  # fmt: skip
def test_what_is_the_programs_is_not_cargos(line: str, options: str, arguments: str) -> None:
    command = parse_command_line(line.split())
    assert (" ".join(command.options), " ".join(command.arguments)) == (options, arguments)


@pytest.mark.parametrize(("text", "triple", "release"), [
    ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-gnu", None),
    ("x86_64-unknown-linux-gnu.2.17", "x86_64-unknown-linux-gnu", "2.17"),
    ("armv7-unknown-linux-gnueabihf.2.28", "armv7-unknown-linux-gnueabihf", "2.28"),
    ("x86_64-unknown-linux-musl", "x86_64-unknown-linux-musl", None),
    ("targets/mine.json", "targets/mine.json", None),
])  # fmt: skip
def test_targets(text: str, triple: str, release: str | None) -> None:
    assert parse_target(text) == (triple, release)


@pytest.mark.parametrize("flags", [
    ("-Clinker=x",), ("-C", "linker=x"), ("--codegen", "linker=x"), ("--codegen=linker=x",), ("-Clto", "-Clinker=x"),
])  # fmt: skip
def test_a_linker_among_flags(flags: tuple[str, ...]) -> None:
    assert list(linkers_in(flags)) == ["x"]


@pytest.mark.parametrize("flags", [(), ("-Clinker-flavor=gcc",), ("--cfg", "linker=x"), ("-Clink-arg=linker=x",)])
def test_no_linker_among_flags(flags: tuple[str, ...]) -> None:
    assert list(linkers_in(flags)) == []
