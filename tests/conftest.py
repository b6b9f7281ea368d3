"""What every test may ask for: real old glibc roots, a way to run on them, and compilers.

A test that passes because its tool was absent proves nothing, so a missing compiler, linker or emulator fails the test
with the text that says how to get it. What a package registry does not serve today is another matter: `served.py`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPO / "tools"), str(Path(__file__).resolve().parent)]

pytest_plugins = ["covering", "failures_at_once"]

import surroundings  # noqa: E402  (tools/ is no package; the line above makes it importable)

surroundings.settle()

import rootrun  # noqa: E402
import runtimes  # noqa: E402
import set_up  # noqa: E402
from quick import (  # noqa: E402, F401  (the hooks are pytest's)
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_ignore_collect,
    pytest_runtest_setup,
    refuse_in_quick,
)
from served import (  # noqa: E402, F401  (the hooks are pytest's)
    RARE_PACKAGES,
    ROOTS,
    pytest_runtest_logreport,
    pytest_runtest_makereport,
    pytest_terminal_summary,
    served,
)
from unavailable import NotServed, Unavailable  # noqa: E402

SETUP = "run `make test`, or `python3 tools/set_up.py test`, which installs what tests need"

Completed = subprocess.CompletedProcess[str]
CompileC = Callable[..., Path]
RunOn217 = Callable[..., Completed]


def need_tool(name: str) -> str:
    """The path of a program that tests need; the test fails, and says what to do, when it is not installed.

    A test that needs a program which this Debian release does not have is reported as not run.
    """
    path = shutil.which(name)
    if path is None:
        if name in set_up.RARE:
            served(RARE_PACKAGES, name, lambda: _refuse_absent(name))
        pytest.fail(f"{name} is not installed; {SETUP}", pytrace=False)
    return path


def _refuse_absent(package: str) -> None:
    if not set_up.is_offered(package):
        raise NotServed("this Debian release has no such package")


def need_root(release: str) -> Path:
    """The root with glibc `release`, in which programs can be run; the test fails with the reason when there is none.

    2.17 is required. A test that needs another release is reported as not run when no registry has that today.
    """
    refuse_in_quick(f"glibc {release}")
    try:
        if release == "2.17":
            root = runtimes.get_root(release)
        else:
            root = served(ROOTS, f"glibc {release}", lambda: runtimes.get_root(release))
        reason = rootrun.why_no_way_in(root)
    except Unavailable as error:
        reason = str(error)
    if reason is not None:
        pytest.fail(f"no glibc {release} to run on: {reason}; {SETUP}", pytrace=False)
    return root


def succeeded(done: Completed) -> str:
    """The stdout of a command that ended with 0; the test fails with all that a command said that did not."""
    if done.returncode != 0:
        said = f"{' '.join(map(str, done.args))}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
        pytest.fail(said, pytrace=False)
    return done.stdout


@pytest.fixture(scope="session")
def root217() -> Path:
    """The root with the real glibc 2.17."""
    return need_root("2.17")


@pytest.fixture(scope="session")
def run_on_217(root217: Path) -> RunOn217:
    """`run_on_217(binary, *args, env=, stdin=, extra_files=, timeout=)`: the completed run on the real glibc 2.17."""

    def run(binary: Path, *args: str, **options: Any) -> Completed:
        return rootrun.run_in_root(root217, binary, args, **options)

    return run


@pytest.fixture
def compile_c(tmp_path: Path) -> CompileC:
    """`compile_c(source, *flags, cc="gcc", name="program")`: compile C (C++ for g++, clang++) text; the output's path.

    `cc` may be a list, a wrapper with its own options in front. The flags follow the source file, as libraries must.
    """

    def build(source: str, *flags: str, cc: str | list[str] = "gcc", name: str = "program") -> Path:
        compiler = [cc] if isinstance(cc, str) else cc
        need_tool(compiler[0])
        source_file = tmp_path / f"{name}{'.cc' if compiler[-1].endswith('++') else '.c'}"
        source_file.write_text(source)
        output = tmp_path / name
        command = [*compiler, "-o", str(output), str(source_file), *flags]
        succeeded(subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL))
        return output

    return build


from pinning import kits, pinned, pinned_undeclared  # noqa: E402, F401  (fixtures; pinning imports the names above)


def holds_without_privileges(check: Callable[[], bool]) -> bool:
    """Whether `check` holds where a file's mode counts; root, who may read all, asks in a child without capabilities.

    Not as another user, who may not be able to read this checkout either.
    """
    if os.geteuid() != 0:
        return check()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            version_3 = (ctypes.c_uint32 * 2)(0x20080522, 0)
            if ctypes.CDLL(None).capset(version_3, (ctypes.c_uint32 * 6)()) == 0 and check():
                status = 0
        finally:
            os._exit(status)  # whatever happens: the child must not go on as a second test run
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
