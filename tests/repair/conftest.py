"""Programs that are built plainly for this machine, repaired, and run on the real glibc 2.17.

The long tests of this folder run in `make test-repair` only, which says so by SYMVER_PIN_REPAIR=all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import Completed, RunOn217, need_tool, succeeded
from pinning import MODES, PROGRAMS, Word, run
from symver_pin import repair
from symver_pin.repairer import Outcome

collect_ignore = [] if os.environ.get("SYMVER_PIN_REPAIR") == "all" else ["test_python_wheels.py", "test_debian.py"]

NO_LIBRARY_PATH = {"LD_LIBRARY_PATH": ""}
"""Libraries are found by the search paths in the files alone."""


class Plain:
    """One test's folder, in which it compiles with the host's compilers and from which it runs repaired programs."""

    def __init__(self, folder: Path, run_on_217: RunOn217) -> None:
        self.folder, self.out = folder, folder / "out"
        self.run_on_217 = run_on_217

    def write(self, name: str, text: str) -> Path:
        """A source file in the test's folder."""
        path = self.folder / name
        path.write_text(text)
        return path

    def build(
        self,
        sources: Word | Sequence[Word],
        *flags: Word,
        cc: str = "gcc",
        linker: str = "bfd",
        mode: str = "pie",
        output: str = "program",
    ) -> Path:
        """Compile and link for this machine; a source is a file of `kit/programs/` or a path."""
        need_tool(f"ld.{linker}" if linker != "mold" else "mold")
        words = [sources] if isinstance(sources, (str, Path)) else list(sources)
        paths = [word if isinstance(word, Path) else PROGRAMS / word for word in words]
        driver = {"gcc": "g++", "clang": "clang++"}[cc] if any(path.suffix == ".cc" for path in paths) else cc
        need_tool(driver)
        head: list[Word] = [driver, "-O1", "-g0", *MODES[mode], f"-fuse-ld={linker}", "-o", self.folder / output]
        succeeded(run([*head, *paths, *flags], cwd=self.folder))
        return self.folder / output

    def repair(self, *files: Path, **options: object) -> Outcome:
        """Repair files as one set; each must be repaired or loads as it is."""
        outcome = repair(files, "2.17", self.out, **options)  # type: ignore[arg-type]
        assert outcome.exit_status == 0, [(file.path, file.reason, file.decisions) for file in outcome.files]
        assert outcome.is_written
        return outcome

    def runs(self, name: str, *args: str, env: dict[str, str] | None = None) -> str:
        """What a repaired program says on 2.17, which must be what the original says here, and itself too."""
        variables = {"LC_ALL": "C", **(env or {})}
        here = {**variables, "LD_LIBRARY_PATH": str(self.folder)}
        expected = succeeded(run([self.folder / name, *args], here, cwd=self.folder, timeout=60))
        repaired = succeeded(run([self.out / name, *args], {**variables, **NO_LIBRARY_PATH}, cwd=self.out, timeout=60))
        assert repaired == expected, "the repaired program and the original differ on this machine"
        old = succeeded(self.run_old(name, *args, env=env))
        assert old == expected, "2.17 and this machine differ"
        return old

    def run_old(self, name: str, *args: str, env: dict[str, str] | None = None) -> Completed:
        """Run a repaired program on 2.17, with all other results beside it."""
        others = [path for path in self.out.iterdir() if path.is_file() and path.name != name]
        variables = {**(env or {}), **NO_LIBRARY_PATH}
        return self.run_on_217(self.out / name, *args, extra_files=others, env=variables)


@pytest.fixture
def plain(tmp_path: Path, run_on_217: RunOn217) -> Plain:
    """The folder of a test in which programs are built plainly and repaired."""
    return Plain(tmp_path, run_on_217)
