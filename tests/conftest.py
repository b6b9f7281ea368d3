"""What every test may ask for: real old glibc roots, a way to run on them, and compilers.

Nothing here skips. A test that passes because its tool was absent proves nothing, so a missing compiler, linker or
runtime fails the test with the text that says how to get it.
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

import runtimes  # noqa: E402  (tools/ is no package; the line above makes it importable)

SETUP = "run `make test`, or tools/setup_test_env.sh, which installs what tests need"

Completed = subprocess.CompletedProcess[str]
CompileC = Callable[..., Path]
RunOn217 = Callable[..., Completed]


def need_tool(name: str) -> str:
    """The path of a program that tests need; the test fails, and says what to do, when it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed; {SETUP}", pytrace=False)
    return path


def need_root(release: str) -> Path:
    """The root with glibc `release`, in which programs can be run; otherwise the test fails with the reason."""
    reason = runtimes.why_not(release)
    if reason is not None:
        pytest.fail(f"no glibc {release} to run on: {reason}; {SETUP}", pytrace=False)
    return runtimes.get_root(release)


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
        return runtimes.run_in_root(root217, binary, args, **options)

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


from pinning import kits, pinned  # noqa: E402, F401  (fixtures; pinning imports the names above)


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
