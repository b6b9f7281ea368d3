"""The programs of `tests/arches`, built plainly on this machine and repaired, on the real 2.17.

By default every eighth of them; all with `make test-repair`. A program that uses functions which this machine's headers
lack cannot be built without a kit: it is left out. `crypt.c` is refused: it needs a version node of libxcrypt.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import rootrun
from arches.grid import RUN_SECONDS, Builder, files_of, make_child
from arches.machines import MACHINES
from arches.programs import PROGRAMS, Program
from conftest import need_root
from symver_pin import repair

X86_64 = MACHINES["x86_64"]
NEEDS_A_KIT = frozenset({"isoc23.c", "strings.c", "young_mathematics.c"})
"""They use functions of glibc 2.38 to 2.43."""
REFUSED = frozenset({"crypt.c"})

_STEP = 1 if os.environ.get("SYMVER_PIN_REPAIR") == "all" else 8
_POSSIBLE = [
    program
    for program in PROGRAMS.values()
    if X86_64.name not in program.without and not program.is_static and program.name not in NEEDS_A_KIT
]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program for exec."""
    return make_child(tmp_path_factory.mktemp("child"))


@pytest.mark.parametrize("program", _POSSIBLE[::_STEP], ids=lambda program: program.name)
def test_a_program_that_was_built_for_this_machine_runs_repaired(program: Program, child: Path, tmp_path: Path) -> None:
    built = Builder(X86_64, None, tmp_path / "plain").build(program)
    assert built.ok, built.said
    files, out = files_of(program, tmp_path / "plain"), tmp_path / "out"
    outcome = repair(files, "2.17", out)
    if program.name in REFUSED:
        assert outcome.exit_status == 1 and not out.exists()
        return
    assert outcome.exit_status == 0, outcome
    out.mkdir(exist_ok=True)
    for file in files:
        if not (out / file.name).exists():  # it loads as it is
            shutil.copy(file, out)
    beside = [path for path in out.iterdir() if path.name != "program"]
    done = rootrun.run_in_root(
        need_root("2.17"), out / "program", (), extra_files=[*beside, child], timeout=RUN_SECONDS
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
