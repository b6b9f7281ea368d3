"""The package as users get it: a wheel in an empty virtual environment, used from another directory."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest

from conftest import REPO, RunOn217, succeeded

sys.path[:0] = [str(REPO / "tools")]

import release  # noqa: E402  (tools/ is no package)

Installed = Callable[..., subprocess.CompletedProcess[str]]

HELLO = '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(REPO)]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def symver_pin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The installed command, run in an empty directory with a cache of its own."""
    folder = tmp_path_factory.mktemp("installed")
    succeeded(subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], capture_output=True, text=True))
    command = [str(folder / "venv/bin/pip"), "install", "--quiet", str(wheel)]
    succeeded(subprocess.run(command, capture_output=True, text=True))
    (folder / "cwd").mkdir()
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(folder / "venv/bin/symver-pin"), *words],
            capture_output=True,
            text=True,
            cwd=folder / "cwd",
            env=environment,
            stdin=subprocess.DEVNULL,
        )

    return run


def test_the_wheel_carries_the_tables_the_templates_and_the_sources(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, pattern in (("glibc_maps", "*"), ("cargo_template", "*")):
        for path in (REPO / folder).glob(pattern):
            assert f"symver_pin/{folder}/{path.name}" in names
    sources = [path for pattern in ("*.c", "*.h", "*.j2") for path in (REPO / "src/symver_pin").rglob(pattern)]
    assert len(sources) > 50
    for path in sources:
        assert str(path.relative_to(REPO / "src")) in names
    assert "symver_pin/compat/table.tsv" in names and "symver_pin/py.typed" in names
    assert "symver_pin/report/formats/verify.schema.json" in names
    assert {"symver_pin/cmake/SymverPinConfig.cmake", "symver_pin/cmake/link.sh"} <= names
    assert any(name.endswith(".data/data/share/man/man1/symver-pin.1") for name in names)


def test_one_wheel_serves_every_python_and_machine(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not any(name.endswith(".so") for name in zipfile.ZipFile(wheel).namelist())


def test_the_wheel_says_what_it_needs_and_nothing_of_the_checkouts_tools(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    fields = message_from_bytes(archive.read(metadata))
    assert (fields["License-Expression"], fields.get_all("License-File")) == ("MIT", ["LICENSE"])
    assert sorted(fields.get_all("Provides-Extra", [])) == ["fleet", "wheel", "zstd"]
    assert fields.get_all("Project-URL") == [f"Repository, {release.address(REPO)}"]
    always = [each for each in fields.get_all("Requires-Dist", []) if "extra ==" not in each]
    needed = {re.split(r"[^\w.-]", each)[0] for each in always}
    assert needed == {"cffi", "cxxfilt", "jinja2", "pyelftools", "rich", "shtab", "tomli", "tomlkit"}


def test_every_command_works_from_any_directory(symver_pin: Installed) -> None:
    assert ".symver" in succeeded(symver_pin("gen", "--glibc", "2.17"))
    assert Path(succeeded(symver_pin("kit", "--glibc", "2.17")).strip(), "bin/cc").exists()
    assert succeeded(symver_pin("flags", "cc")).startswith("-L")
    assert '"$schema"' in succeeded(symver_pin("verify", "--json-schema"))
    assert symver_pin("verify", "--policy", "lsb", "--format", "html", "/bin/sh").stdout.startswith("<!DOCTYPE html>")
    assert succeeded(symver_pin("rustflags")).startswith("-Clinker=")
    assert "[target.x86_64-unknown-linux-gnu]" in succeeded(symver_pin("cargo-config"))
    assert "memcpy" in succeeded(symver_pin("show", "memcpy"))
    assert "x86_64" in succeeded(symver_pin("maps", "list"))
    assert "everything that is installed works" in succeeded(symver_pin("doctor"))


def test_a_program_made_with_it_runs_on_2_17(symver_pin: Installed, tmp_path: Path, run_on_217: RunOn217) -> None:
    source, program = tmp_path / "hello.c", tmp_path / "hello"
    source.write_text(HELLO)
    succeeded(symver_pin("cc", "--glibc", "2.17", str(source), "-o", str(program)))
    succeeded(symver_pin("verify", "--glibc", "2.17", str(program)))
    assert succeeded(run_on_217(program)) == "hello\n"
