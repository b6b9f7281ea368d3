"""An extension module of Python in Rust (pyo3), built by maturin, whose own check of manylinux2014 must agree with
ours."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from cache import kept_folder
from conftest import RunOn217, need_tool, succeeded
from crates.test_crates import FAST_BUILD, HERE, cache
from locked_project import copy_locked
from old_python import old_python
from pinning import Kits, check_fits, run, symver_pin_command
from python_packages import pip_download
from served import PACKAGES, served

MATURIN = "maturin==1.16.0"

USE = """
import pinned_module as module
print(module.total([1, 2, 3]))
try:
    module.total([])
except ValueError as error:
    print(error)
"""


@pytest.fixture
def maturin() -> Path:
    """The program, from the Python index into the cache."""
    program = cache() / MATURIN.replace("==", "-") / "bin/maturin"
    if not program.exists():
        wheels = served(PACKAGES, MATURIN, lambda: kept_folder(f"wheels/{MATURIN}", download_maturin))
        succeeded(run([sys.executable, "-m", "venv", program.parents[1]]))
        succeeded(run([program.with_name("pip"), "install", "--quiet", "--no-index", "--find-links", wheels, MATURIN]))
    return program


def download_maturin(folder: Path, _download: Path) -> None:
    pip_download([MATURIN], folder)


def test_a_module_by_maturin(maturin: Path, tmp_path: Path, kits: Kits, run_on_217: RunOn217) -> None:
    need_tool("cargo")
    flags = succeeded(symver_pin_command("rustflags", "--glibc", "2.17")).strip()
    env = {**FAST_BUILD, "RUSTFLAGS": flags, "CARGO_TARGET_DIR": str(cache() / "python-module")}
    words = ("build", "--release", "--locked", "--compatibility", "manylinux2014", "--out", tmp_path)
    source, into = HERE / "projects" / "python-module", cache() / "projects" / "python-module"
    project = served(PACKAGES, "crates of python-module", lambda: copy_locked(source, into))
    succeeded(run([maturin, *words], env, cwd=project, timeout=3600))
    (wheel,) = tmp_path.glob("*manylinux2014*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "wheel")
    (built,) = (tmp_path / "wheel").rglob("*.so")
    check_fits(built)
    module = Path(shutil.copy(built, tmp_path / "pinned_module.abi3.so"))
    expected = "6\nno numbers\n"
    assert succeeded(run([sys.executable, "-c", USE], {"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)) == expected
    python, library = old_python(kits() / "bin/cc", tmp_path)
    env = {"PYTHONPATH": f"{library.name}:.", "PYTHONHOME": "/run"}
    assert succeeded(run_on_217(python, "-c", USE, env=env, extra_files=[library, module])) == expected
