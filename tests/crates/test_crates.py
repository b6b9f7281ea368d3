"""Each program of `crates.toml`: built pinned to 2.17, verified, at work on a real glibc 2.17 and on this machine.

The table's `quick` rows run always, all of them when SYMVER_PIN_CRATES says `all` (`make test-crates`). What cargo
makes stays in the cache directory, so that the second run is short.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
import tomlkit

from cache import cache_dir
from clients import is_registry_failure, reason_of
from conftest import RunOn217, need_tool, succeeded
from locked_project import copy_locked
from pinning import Word, check_fits, run, symver_pin_command
from served import PACKAGES, served
from unavailable import NotServed

HERE = Path(__file__).parent
FAST_BUILD = {
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_DEBUG": "false",
}
"""The quickest build whose code is still optimised; the crates' own settings decide nothing for us."""


class Row(NamedTuple):
    """One entry of the table."""

    name: str
    program: str
    expected: str
    package: str = ""
    version: str = ""
    project: str = ""
    features: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    libraries: tuple[str, ...] = ()
    varies: bool = False
    quick: bool = False


def rows() -> list[Row]:
    """The rows of this run."""
    table = tomlkit.parse((HERE / "crates.toml").read_text()).unwrap()["crate"]
    found = [
        Row(
            **{
                **entry,
                **{key: tuple(entry.get(key, ())) for key in ("features", "arguments", "libraries")},
                **{key: tuple(entry.get(key, {}).items()) for key in ("environment", "files")},
            }
        )
        for entry in table
    ]
    return [row for row in found if row.quick or os.environ.get("SYMVER_PIN_CRATES") == "all"]


def cache() -> Path:
    """Where builds stay."""
    return cache_dir().parent / "crates"


def build(row: Row) -> Path:
    """The folder with the built program."""
    need_tool("cargo")
    features = ["--features", ",".join(row.features)] if row.features else []
    name = "-".join((row.package or row.project, *row.features))
    env = {
        **FAST_BUILD,
        "CARGO_TARGET_DIR": str(cache() / name),
        "RUST_BACKTRACE": "0",
        "SYMVER_PIN_CACHE": str(cache() / "kits"),  # the same kit in every run, or cargo builds everything again
        **dict(row.environment),
    }
    forget_cmake_compilers(cache() / name)
    pin = ("cargo", "--glibc", "2.17")
    if row.package:
        root = cache() / f"{name}-root"
        words: tuple[Word, ...] = ("install", "--locked", "--force", "--root", root, "--version", row.version)
        words = (*words, *features, row.package)
        done = symver_pin_command(*pin, *words, env=env, timeout=3600)
        if done.returncode != 0 and is_registry_failure("cargo", done.stderr):
            served(PACKAGES, f"crate {row.package} {row.version}", lambda: refused(done.stderr))
    else:
        words = ("build", "--release", "--locked", *features)
        source = HERE / "projects" / row.project
        project = served(PACKAGES, f"crates of {row.project}", lambda: copy_locked(source, cache() / "projects" / name))
        done = symver_pin_command(*pin, *words, env=env, timeout=3600, cwd=project)
    succeeded(done)
    assert "Verified" in done.stderr
    return root / "bin" if row.package else cache() / name / "release"


def forget_cmake_compilers(target: Path) -> None:
    """Remove what CMake has recorded about compilers in kept build trees.

    CMake refuses to configure a tree again whose recorded compiler no longer exists, and a cleaned cache has no kits.
    """
    for record in target.glob("*/build/*/out/build/CMakeCache.txt"):
        record.unlink()
        shutil.rmtree(record.parent / "CMakeFiles", ignore_errors=True)


def refused(stderr: str) -> NoReturn:
    """Say what cargo says of its registry."""
    raise NotServed(reason_of("", stderr))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_real_crate(row: Row, tmp_path: Path, run_on_217: RunOn217) -> None:
    folder = build(row)
    extra = [folder / name for name in row.libraries]
    for path in (folder / row.program, *extra):
        check_fits(path)
        shutil.copy(path, tmp_path)
    for name, text in row.files:
        (tmp_path / name).write_text(text)
        extra.append(tmp_path / name)
    here = succeeded(run([tmp_path / row.program, *row.arguments], {"LC_ALL": "C"}, cwd=tmp_path))
    old = succeeded(run_on_217(folder / row.program, *row.arguments, extra_files=extra))
    for said in (here, old):
        assert re.fullmatch(row.expected, said), said
    assert here == old or row.varies
