"""Programs of newer Debian releases, repaired with their libraries, do their work on the real 2.17."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from cache import kept_folder
from conftest import RunOn217, succeeded
from debian_archive import download_packages, unpack_deb
from served import PACKAGES, served
from symver_pin import repair


class Packaged(NamedTuple):
    """A program of Debian, and one thing that it does."""

    packages: tuple[str, ...]
    program: str
    arguments: tuple[str, ...]
    said: str
    """The beginning of what it says."""


PROGRAMS = {
    "git": Packaged(("git", "libpcre2-8-0", "zlib1g"), "git", ("--version",), "git version"),
    "jq": Packaged(("jq", "libjq1", "libonig5"), "jq", ("-n", "[1, 2] | add"), "3"),
    "ripgrep": Packaged(("ripgrep", "libpcre2-8-0", "libgcc-s1"), "rg", ("--version",), "ripgrep"),
    "sqlite3": Packaged(
        ("sqlite3", "libreadline8t64", "libtinfo6", "zlib1g", "libsqlite3-0"), "sqlite3", (":memory:", "select 6*7"),
        "42",
    ),
    "xz": Packaged(("xz-utils", "liblzma5"), "xz", ("--version",), "xz (XZ Utils)"),
    "gawk": Packaged(
        ("gawk", "libreadline8t64", "libtinfo6", "libgmp10", "libmpfr6", "libsigsegv2"), "gawk",
        ("BEGIN { print 6 * 7 }",), "42",
    ),
    "bash": Packaged(("bash", "libtinfo6"), "bash", ("-c", "echo $((6 * 7))"), "42"),
    "coreutils": Packaged(
        ("coreutils", "libacl1", "libattr1", "libgmp10", "libselinux1", "libpcre2-8-0", "libssl3t64", "libcap2",
         "libsystemd0", "zlib1g", "libzstd1"), "sort", ("--version",), "sort (GNU coreutils)",
    ),
    "htop": Packaged(
        ("htop", "libncursesw6", "libtinfo6", "libnl-3-200", "libnl-genl-3-200"), "htop", ("--version",), "htop"
    ),
    "python": Packaged(
        ("python3.13-minimal", "libpython3.13-minimal", "zlib1g", "libexpat1"), "python3.13",
        ("-S", "-c", "import json; print(json.dumps([6 * 7]))"), "[42]",
    ),
}  # fmt: skip
"""From Debian 13, whose glibc is 2.41."""


def unpacked(name: str) -> Path:
    """The root with the packages of a program."""

    def fill(folder: Path, download: Path) -> None:
        for package in download_packages("trixie", PROGRAMS[name].packages, download):
            unpack_deb(package, folder)

    return served(PACKAGES, f"{name} of Debian 13", lambda: kept_folder(f"debian-trixie-program-{name}", fill))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_debian_13_works(name: str, run_on_217: RunOn217, tmp_path: Path) -> None:
    root, wanted = unpacked(name), PROGRAMS[name]
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    libraries = sorted((root / "usr/lib/x86_64-linux-gnu").glob("lib*.so.*"))
    for path in (root / "usr/bin" / wanted.program, *libraries):
        if path.exists():
            shutil.copyfile(path, given / path.name)
            (given / path.name).chmod(0o755)
    outcome = repair(sorted(given.iterdir()), "2.17", out)
    assert outcome.exit_status == 0, [(file.path, file.reason) for file in outcome.files]
    environment = {}
    if name == "python":
        modules = root / "usr/lib/python3.13"
        with zipfile.ZipFile(out / "library.zip", "w") as archive:
            for module in sorted(path for path in modules.rglob("*.py") if path.exists()):
                archive.write(module, module.relative_to(modules))
        environment = {"PYTHONPATH": "library.zip", "PYTHONHOME": "/nowhere"}
    others = [path for path in out.iterdir() if path.name != wanted.program]
    done = run_on_217(out / wanted.program, *wanted.arguments, extra_files=others, env=environment)
    assert succeeded(done).startswith(wanted.said)


def test_a_whole_root_is_one_set(tmp_path: Path) -> None:
    root = unpacked("jq")
    outcome = repair([root], "2.17", tmp_path)
    assert outcome.exit_status == 0 and outcome.is_written
    copy = tmp_path / root.name
    assert (copy / "usr/bin/jq").exists() and (copy / "libsymver_pin_compat.so").exists()
    assert {p.name for p in (root / "usr/share").rglob("*")} == {p.name for p in (copy / "usr/share").rglob("*")}
