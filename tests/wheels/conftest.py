"""What the tests of wheels share. The long ones run in `make test-world`, which says so by SYMVER_PIN_WORLD=all."""

from __future__ import annotations

import os
import sys
from hashlib import blake2b
from pathlib import Path

import pytest
import tomlkit

from cache import kept_folder
from conftest import REPO, RunOn217, succeeded
from old_python import RUNNING, old_python
from pinning import Kits, Word, run
from python_packages import pip_download
from served import PACKAGES, served

from .builders import Builder, Python217

collect_ignore = (
    [] if os.environ.get("SYMVER_PIN_WORLD") == "all" else ["test_distribution.py", "test_docs.py", "test_world.py"]
)

BACKENDS = (
    "setuptools==84.2.1", "wheel==0.48.0", "hatchling==1.33.0", "scikit-build-core==1.1.2", "pybind11==3.1.0",
    "meson-python==0.22.1", "cython==3.3.1", "cffi==2.1.1", "maturin==1.16.0",
)  # fmt: skip
"""The build backends and what projects compile against."""


def own_requirements() -> list[str]:
    """What this project needs with its extra `wheel`."""
    project = tomlkit.parse((REPO / "pyproject.toml").read_text()).unwrap()["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["wheel"]]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels from which isolated builds install, this project's own among them: nothing is downloaded."""

    wanted = [*BACKENDS, *own_requirements()]

    def download(folder: Path, _scratch: Path) -> None:
        pip_download(wanted, folder)

    name = f"wheels/backends-{blake2b(repr(wanted).encode(), digest_size=6).hexdigest()}"
    kept = served(PACKAGES, "build backends", lambda: kept_folder(name, download))
    folder = tmp_path_factory.mktemp("packages")
    for path in kept.iterdir():
        (folder / path.name).symlink_to(path)
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command: list[Word] = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, REPO]
    succeeded(run(command, offline))
    return folder


@pytest.fixture(scope="session")
def python217(kits: Kits, tmp_path_factory: pytest.TempPathFactory, run_on_217: RunOn217) -> Python217:
    """A CPython that was linked with the kit, on the real glibc 2.17."""
    program, library = old_python(kits() / "bin/cc", tmp_path_factory.mktemp("python"), RUNNING, whole=True)
    return Python217(program, library, run_on_217)


@pytest.fixture
def builder(tmp_path: Path, request: pytest.FixtureRequest) -> Builder:
    """The folder of a test in which projects are built; isolated builds install from `packages`."""
    return Builder(tmp_path, lambda: request.getfixturevalue("packages"))
