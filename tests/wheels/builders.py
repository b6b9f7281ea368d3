"""Build a project's wheel as a user would, and use it on this machine and on the real glibc 2.17."""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from conftest import Completed, RunOn217, succeeded
from pinning import IMPORTABLE, Word, run, symver_pin_command
from symver_pin import verify

PROJECTS = Path(__file__).with_name("projects")
_WITH_MODULE = frozenset({"hatch_ext", "meson_ext", "setuptools_c"})
"""The projects that build `module.c`, each under its own name."""
_TAG = re.compile(r'following platform\s+tag:\s+"manylinux_(\d+)_(\d+)_\w+"')


class Python217(NamedTuple):
    """A CPython that runs on the real glibc 2.17."""

    program: Path
    library: Path
    """Its standard library, a zip file."""
    run_on_217: RunOn217

    def own_modules(self, *names: str) -> list[Path]:
        """Extension modules of its standard library, which Debian has as files, for `libraries` of `use`."""
        debian = self.program.parent / "debian"
        return [path for name in names for path in debian.rglob(f"lib-dynload/{name}.*.so")]

    def use(self, wheels: Sequence[Path], code: str, libraries: Sequence[Path] = ()) -> str:
        """What a program says there that imports from wheels."""
        names = [wheel.name for wheel in wheels]
        unpack = (
            f"import sys, zipfile; [zipfile.ZipFile(n).extractall('site') for n in {names}]; sys.path[:0] = ['site']"
        )
        env = {"LD_LIBRARY_PATH": ".", "PYTHONPATH": f"{self.library.name}:.", "PYTHONHOME": "/nowhere"}
        files = [self.library, *wheels, *libraries]
        done = self.run_on_217(self.program, "-c", f"{unpack}\n{code}", extra_files=files, env=env, timeout=300)
        return succeeded(done)


class Builder:
    """One test's folder with copies of projects."""

    def __init__(self, folder: Path, packages: Callable[[], Path]) -> None:
        self.folder, self._packages = folder, packages

    def project(self, name: str) -> Path:
        """A copy of a project of `projects/`."""
        project = Path(shutil.copytree(PROJECTS / name, self.folder / name))
        if name in _WITH_MODULE:
            write_module(project, name)
        return project

    def wrap(self, project: Path, settings: str = 'glibc = "manylinux2014"') -> Path:
        """Let a project build by `symver_pin.build_backend` around its own backend."""
        path = project / "pyproject.toml"
        text = path.read_text()
        backend = re.search(r'^build-backend = "(.*)"$', text, re.MULTILINE)
        assert backend is not None
        text = text.replace(backend[0], 'build-backend = "symver_pin.build_backend"')
        text = text.replace("requires = [", 'requires = ["symver-pin", ', 1)
        path.write_text(f'{text}\n[tool.symver-pin]\nbackend = "{backend[1]}"\n{settings}\n')
        return project

    @property
    def offline(self) -> dict[str, str]:
        """The variables with which pip installs from the prepared packages only."""
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self._packages()), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def by_command(
        self, project: Path, *words: Word, isolated: bool = True, index: bool = True, env: dict[str, str] | None = None
    ) -> Completed:
        """`symver-pin wheel PROJECT -o dist`; without `index`, the build needs no packages."""
        more = {**(self.offline if isolated and index else {}), **(env or {})}
        options = [] if isolated else ["--no-isolation"]
        return symver_pin_command("wheel", project, "-o", self.dist, *options, *words, env=more, timeout=3600)

    def by_pip(self, project: Path, isolated: bool = True, env: dict[str, str] | None = None) -> Completed:
        """`pip wheel PROJECT`, which calls the project's own backend."""
        more = {**(self.offline if isolated else IMPORTABLE), **(env or {})}
        options = [] if isolated else ["--no-build-isolation"]
        words: list[Word] = ["-v", "--no-deps", *options, "--wheel-dir", self.dist, project]
        return run([sys.executable, "-m", "pip", "wheel", *words], more, timeout=3600)

    @property
    def dist(self) -> Path:
        """The folder of built wheels."""
        return self.folder / "dist"

    def wheel(self) -> Path:
        """The one wheel that was built."""
        (found,) = self.dist.glob("*.whl")
        return found

    def use_here(self, wheel: Path, code: str) -> str:
        """What a program says on this machine that imports from a wheel."""
        site = self.folder / "site"
        zipfile.ZipFile(wheel).extractall(site)
        return succeeded(run([sys.executable, "-c", code], {"PYTHONPATH": str(site)}, cwd=self.folder))


def write_module(project: Path, name: str) -> None:
    """Write the source of the extension module that several projects build: `module.c`, called `name`."""
    (project / "module.c").write_text((PROJECTS / "module.c").read_text().replace("MODULE", name))


def check_honest(wheel: Path, newest: tuple[int, int] = (2, 17)) -> None:
    """auditwheel gives a wheel a tag of `newest` or older, and the wheel keeps the promise of its own."""
    shown = succeeded(run([sys.executable, "-m", "auditwheel", "show", wheel]))
    tag = _TAG.search(shown)
    assert tag is not None, shown
    assert (int(tag[1]), int(tag[2])) <= newest, shown
    own = re.search(r"manylinux_(\d+)_(\d+)_", wheel.name)
    assert own is not None and (2, 12) <= (int(own[1]), int(own[2])) <= newest, wheel.name
    report = verify([wheel], "2.36", policy="tag")
    assert report.exit_status == 0 and report.files, [(file.path, file.findings) for file in report.files]
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        tags = re.findall(r"^Tag: \S+-(\S+)$", archive.read(name).decode(), re.MULTILINE)
    assert ".".join(tags) == wheel.name.removesuffix(".whl").rpartition("-")[2]
