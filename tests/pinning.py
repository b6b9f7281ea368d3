"""Link programs with a kit as a user would, and run them on the real glibc 2.17 and on this machine.

Every program that is linked here is also read: it may want nothing that the target lacks, and may not rely on a library
that it does not name, since the running alone would not show a version that happens to be there.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import symver_pin
from conftest import Completed, RunOn217, need_tool, succeeded
from symver_pin.elf.constants import DT_RELR
from symver_pin.elf.dynamic import Dynamic
from symver_pin.elf.image import load_image
from symver_pin.glibc.release import Release, node_release

CCS = ("gcc", "clang")
LINKERS = ("bfd", "gold", "lld", "mold")
MODES = {
    "pie": ("-fPIE", "-pie"),
    "exec": ("-fno-pie", "-no-pie"),
    "shared": ("-fPIC", "-shared"),
}
TARGET = Release(2, 17)
GCC_OF_TARGET = Release(4, 8)

PROGRAMS = Path(__file__).with_name("kit") / "programs"

Kits = Callable[..., Path]
Word = str | Path


def run(command: Sequence[Word], env: Mapping[str, str] | None = None, **options: Any) -> Completed:
    """A command's status, stdout and stderr, with `env` added to the environment and nothing on stdin."""
    settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "timeout": 300, **options}
    if settings.get("input") is not None:
        del settings["stdin"]
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        errors="replace",
        **settings,
    )


COMMAND = (sys.executable, "-m", "symver_pin")
"""The program under test, as a command."""

IMPORTABLE = {"PYTHONPATH": str(Path(symver_pin.__file__).parents[1])}
"""What `COMMAND` needs to be found from any directory."""


def symver_pin_command(*words: Word, env: Mapping[str, str] | None = None, **options: Any) -> Completed:
    """`symver-pin` with these words."""
    return run([*COMMAND, *words], {**IMPORTABLE, **(env or {})}, **options)


def cross_kit(arch: str, glibc: str, cache: Path) -> Path:
    """A kit of another architecture, with functions too that its headers do not declare, in a folder for kits."""
    words = ("kit", "--no-warn", "--undeclared", "--arch", arch, "--glibc", glibc)
    return Path(succeeded(symver_pin_command(*words, env={"SYMVER_PIN_CACHE": str(cache)})).strip())


def dynamic_of(binary: Path) -> Dynamic:
    """What the loader reads of a file."""
    return Dynamic(load_image(binary))


def check_fits(binary: Path, glibc: Release = TARGET, gcc: Release = GCC_OF_TARGET) -> None:
    """The file needs no node that the target lacks, has no DT_RELR, and names each library whose nodes it needs."""
    dynamic = dynamic_of(binary)
    newest = {"GLIBC": glibc, "GCC": gcc}
    for need in dynamic.needs:
        release = node_release(need.version)
        limit = newest.get(need.version.partition("_")[0])
        assert release is not None, f"{binary.name} needs {need.version} of {need.library}"
        assert limit is None or release <= limit, f"{binary.name} needs {need.version} of {need.library}"
        assert need.library in dynamic.needed, f"{binary.name} needs {need.version} of {need.library}: not in DT_NEEDED"
    assert DT_RELR not in dynamic.tags, f"{binary.name} has DT_RELR"


class Pinned:
    """One test's folder, in which it compiles with the kits' wrappers and from which it runs the programs."""

    def __init__(self, folder: Path, kits: Kits, run_on_217: RunOn217, undeclared: bool = False) -> None:
        self.folder = folder
        self.kits = kits
        self.undeclared = undeclared
        self.run_on_217 = run_on_217

    def write(self, name: str, text: str) -> Path:
        """A source file in the test's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def source(self, name: str) -> Path:
        """A file of `programs/`."""
        return PROGRAMS / name

    def driver(self, words: Sequence[Word], cc: str = "gcc", driver: str = "cc", **options: Any) -> Completed:
        """Run `KIT/bin/<driver>` in the test's folder."""
        kit = self.kits(cc, undeclared=self.undeclared)
        return run([kit / "bin" / driver, *words], cwd=self.folder, **options)

    def try_link(
        self,
        source: Word | Sequence[Word],
        *flags: Word,
        cc: str = "gcc",
        linker: str = "bfd",
        mode: str = "pie",
        output: str = "program",
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Compile and link in one call; a source is a file of `programs/` or a path. The flags follow the sources."""
        need_tool(f"ld.{linker}" if linker != "mold" else "mold")
        sources = [source] if isinstance(source, (str, Path)) else list(source)
        paths = [item if isinstance(item, Path) else PROGRAMS / item for item in sources]
        driver = "c++" if any(path.suffix == ".cc" for path in paths) else "cc"
        head = ["-O1", "-g0", *MODES[mode], f"-fuse-ld={linker}", "-o", output]
        return self.driver([*head, *paths, *flags], cc, driver, env=env)

    def link(
        self,
        source: Word | Sequence[Word],
        *flags: Word,
        cc: str = "gcc",
        linker: str = "bfd",
        mode: str = "pie",
        output: str = "program",
        env: Mapping[str, str] | None = None,
    ) -> Path:
        """`try_link`, which must succeed in silence; the output fits the target and is returned."""
        done = self.try_link(source, *flags, cc=cc, linker=linker, mode=mode, output=output, env=env)
        succeeded(done)
        assert done.stderr == "", done.stderr
        check_fits(self.folder / output)
        return self.folder / output

    def runs(
        self, program: Path, *args: str, libraries: Sequence[Path] = (), env: Mapping[str, str] | None = None
    ) -> str:
        """The program's stdout on 2.17, which must be what it says on this machine."""
        here = self.run_here(program, *args, libraries=libraries, env=env)
        old = self.run_old(program, *args, libraries=libraries, env=env)
        assert old == here, "2.17 and this machine differ"
        return old

    def run_here(
        self, program: Path, *args: str, libraries: Sequence[Path] = (), env: Mapping[str, str] | None = None
    ) -> str:
        """The program's stdout on this machine; it must end with 0 and write nothing to stderr."""
        paths = {"LD_LIBRARY_PATH": str(self.folder)} if libraries else {}
        done = run([program, *args], {"LC_ALL": "C", **paths, **(env or {})}, cwd=self.folder, timeout=60)
        said = succeeded(done)
        assert done.stderr == ""
        return said

    def run_old(
        self, program: Path, *args: str, libraries: Sequence[Path] = (), env: Mapping[str, str] | None = None
    ) -> str:
        """The same on 2.17; the libraries lie beside the program there."""
        done = self.run_on_217(program, *args, extra_files=libraries, env=env)
        said = succeeded(done)
        assert done.stderr == ""
        return said


def wrapper_of(kit: Path, program: Path, folder: Path) -> Path:
    """A copy in `folder` of a kit's bin/cc that runs `program` in place of the compiler."""
    place = folder / "other-kit"
    succeeded(run(["cp", "-a", kit, place]))
    wrapper = place / "bin" / "cc"
    text = wrapper.read_text()
    (real,) = {line.split()[0] for line in text.splitlines() if line.endswith(' "$@"') and line.startswith("/")}
    wrapper.write_text(text.replace(f'{real} "$@"', f'{shlex.quote(str(program))} "$@"'))
    return wrapper


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Kits:
    """`kits(cc="gcc", glibc="2.17", undeclared=False)`: the folder of a kit, made once for all workers of a test run.

    With `undeclared` links also find functions that this host's headers do not declare. It says nothing of old
    functions that behave differently: `kit/test_meanings.py` is about that.
    """
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kit-cache"
    made: dict[tuple[str, str, bool], Path] = {}

    def get(cc: str = "gcc", glibc: str = "2.17", undeclared: bool = False) -> Path:
        need_tool(cc)
        if (cc, glibc, undeclared) not in made:
            words = ["kit", "--no-warn", "--glibc", glibc, "--cc", cc, *(["--undeclared"] if undeclared else [])]
            done = symver_pin_command(*words, env={"SYMVER_PIN_CACHE": str(cache)})
            made[cc, glibc, undeclared] = Path(succeeded(done).strip())
        return made[cc, glibc, undeclared]

    return get


@pytest.fixture
def pinned(tmp_path: Path, kits: Kits, run_on_217: RunOn217) -> Pinned:
    """The test's folder with the kits."""
    return Pinned(tmp_path, kits, run_on_217)


@pytest.fixture
def pinned_undeclared(tmp_path: Path, kits: Kits, run_on_217: RunOn217) -> Pinned:
    """The same with kits whose links also find functions that this host's headers do not declare."""
    return Pinned(tmp_path, kits, run_on_217, undeclared=True)
